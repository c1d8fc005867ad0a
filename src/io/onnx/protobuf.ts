// Protocol buffers, as far as ONNX files need them: https://protobuf.dev/programming-guides/encoding/

/** A message under way: fields by number, in the order in which they are added. */
export class Message {
  private readonly parts: Uint8Array[] = [];

  /** A whole number, also a negative one: 64 bits in two's complement. */
  int(field: number, value: number): this {
    return this.put(varint(tag(field, 0)), varint(value));
  }

  float(field: number, value: number): this {
    return this.put(varint(tag(field, 5)), new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.put(varint(tag(field, 2)), varint(value.length), value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.encode());
  }

  messages(field: number, values: Iterable<Message>): this {
    for (const value of values) this.message(field, value);
    return this;
  }

  texts(field: number, values: Iterable<string>): this {
    for (const value of values) this.text(field, value);
    return this;
  }

  ints(field: number, values: Iterable<number>): this {
    for (const value of values) this.int(field, value);
    return this;
  }

  floats(field: number, values: Iterable<number>): this {
    for (const value of values) this.float(field, value);
    return this;
  }

  encode(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of this.parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  private put(...parts: Uint8Array[]): this {
    this.parts.push(...parts);
    return this;
  }
}

const tag = (field: number, wire: number) => field * 8 + wire;

/** Seven bits a byte, the lowest first. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const seven = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? seven | 128 : seven);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
