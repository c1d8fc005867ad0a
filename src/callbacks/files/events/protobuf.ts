// The wire format of protocol buffers, as much of it as events need. A message is the bytes of its fields one behind the other; a plain
// number that is zero is left out, as proto3 has it.

const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH = 2;
const FOUR_BYTES = 5;

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.length;
  }
  return whole;
}

/** A whole number of at least 0, seven bits a byte from the lowest on; the top bit says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

const tag = (field: number, kind: number) => varint(field * 8 + kind);
const nothing = new Uint8Array();

export function whole(field: number, value: number): Uint8Array {
  return value === 0 ? nothing : concat([tag(field, VARINT), varint(value)]);
}

export function double(field: number, value: number): Uint8Array {
  return Object.is(value, 0) ? nothing : concat([tag(field, EIGHT_BYTES), littleEndian(Float64Array.of(value))]);
}

/** One of several fields of which a message has one: written also where it is zero. */
export function chosenFloat(field: number, value: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setFloat32(0, value, true);
  return concat([tag(field, FOUR_BYTES), new Uint8Array(bytes.buffer)]);
}

export function doubles(field: number, values: Float64Array): Uint8Array {
  return nested(field, littleEndian(values));
}

/** A message inside a message. */
export function nested(field: number, content: Uint8Array): Uint8Array {
  return concat([tag(field, LENGTH), varint(content.length), content]);
}

export function text(field: number, content: string): Uint8Array {
  return nested(field, new TextEncoder().encode(content));
}

function littleEndian(values: Float64Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => {
    bytes.setFloat64(8 * i, value, true);
  });
  return new Uint8Array(bytes.buffer);
}
