// Reads event files apart from the code that writes them: records, protocol buffers, events.
import { readFile } from 'node:fs/promises';

/** What an event says; bins are [right end, count]. */
export interface Event {
  readonly wallTime: number;
  readonly step: number;
  readonly version?: string;
  readonly tag?: string;
  readonly value?: number;
  readonly histogram?: { readonly stats: number[]; readonly limits: number[]; readonly counts: number[] };
}

/** CRC-32C by long division, bit by bit from the front. */
export function longDivision(bytes: Uint8Array): number {
  const flip = (value: number, bits: number) =>
    parseInt(value.toString(2).padStart(bits, '0').split('').reverse().join(''), 2);
  let rest = 0xffffffffn;
  for (const byte of bytes) {
    rest ^= BigInt(flip(byte, 8)) << 24n;
    for (let i = 0; i < 8; i++) rest = (rest << 1n) ^ (rest >> 31n ? 0x11edc6f41n : 0n);
  }
  return flip(Number(rest ^ 0xffffffffn), 32);
}

function checksum(bytes: Uint8Array): number {
  const crc = BigInt(longDivision(bytes));
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

/** The payloads of a file; an error where a checksum is wrong. */
export function records(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    const payload = file.subarray(at + 12, at + 12 + length);
    if (file.readUInt32LE(at + 8) !== checksum(file.subarray(at, at + 8))) throw new Error(`length at ${at}`);
    if (file.readUInt32LE(at + 12 + length) !== checksum(payload)) throw new Error(`payload at ${at}`);
    found.push(payload);
    at += 16 + length;
  }
  return found;
}

/** The fields of a message by number. */
function fields(message: Buffer): Map<number, number | Buffer> {
  const found = new Map<number, number | Buffer>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const kind = key & 7;
    const length = kind === 2 ? varint() : kind === 1 ? 8 : 4;
    const start = at;
    if (kind === 0) found.set(key >> 3, varint());
    else at += length;
    if (kind === 1) found.set(key >> 3, message.readDoubleLE(start));
    if (kind === 5) found.set(key >> 3, message.readFloatLE(start));
    if (kind === 2) found.set(key >> 3, message.subarray(start, at));
  }
  return found;
}

const inside = (message: Map<number, number | Buffer>, field: number) => fields(message.get(field) as Buffer);
const doubles = (bytes: Buffer) => Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));

function decode(payload: Buffer): Event {
  const event = fields(payload);
  const known = { wallTime: event.get(1) as number, step: (event.get(2) ?? 0) as number };
  if (event.has(3)) return { ...known, version: String(event.get(3)) };
  const value = inside(inside(event, 5), 1);
  const tag = String(value.get(1));
  if (value.has(2)) return { ...known, tag, value: value.get(2) as number };
  const histogram = inside(value, 5);
  const stats = [1, 2, 3, 4, 5].map((field) => (histogram.get(field) ?? 0) as number);
  const [limits, counts] = [6, 7].map((field) => doubles(histogram.get(field) as Buffer)) as [number[], number[]];
  return { ...known, tag, histogram: { stats, limits, counts } };
}

export async function eventsIn(path: string): Promise<Event[]> {
  return records(await readFile(path)).map(decode);
}
