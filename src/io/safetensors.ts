// The safetensors format: an 8-byte little-endian header length, a JSON header, then the raw little-endian elements.
// https://huggingface.co/docs/safetensors: data_offsets count from the end of the header.
import { FormatError, ValueError } from '../errors.ts';
import { sizeOf } from '../tensor/shape.ts';

/** A named block of numbers. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** More header than any model needs: a damaged length must not make us read gigabytes as text. */
const LONGEST_HEADER = 16 * 2 ** 20;

/** The bytes of a file that holds these arrays. Names must differ. */
export function encodeSafetensors(arrays: readonly NamedArray[]): Uint8Array<ArrayBuffer> {
  const header = new Map<string, unknown>();
  let offset = 0;
  for (const { name, shape, data } of arrays) {
    if (header.has(name)) throw new ValueError(`safetensors: two arrays are called ${name}`);
    header.set(name, { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] });
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Blanks after the header keep the elements aligned.
  const head = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  head.set(text);
  const bytes = new Uint8Array(8 + head.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  let at = 8 + head.length;
  for (const { data } of arrays) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** The float32 arrays of a file, in its order. A FormatError names the place where it is not what the format promises. */
export function decodeSafetensors(bytes: Uint8Array, file = 'safetensors'): NamedArray[] {
  const { entries, start } = readHeader(bytes, file);
  const room = bytes.length - start;
  return entries.map(([name, entry]) => {
    const { shape, first, end } = checkEntry(entry, room, `${file}: ${name}`);
    const data = new Float32Array(sizeOf(shape));
    new Uint8Array(data.buffer).set(bytes.subarray(start + first, start + end));
    return { name, shape, data };
  });
}

function readHeader(bytes: Uint8Array, file: string): { entries: [string, unknown][]; start: number } {
  if (bytes.length < 8)
    throw new FormatError(`${file}: ${bytes.length} bytes are too few; the header's length takes 8`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > LONGEST_HEADER || 8 + length > bytes.length) {
    throw new FormatError(`${file}: at byte 0 the header claims ${length} bytes, the file has ${bytes.length}`);
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw new FormatError(`${file}: the header at byte 8 is no JSON`, { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new FormatError(`${file}: the header at byte 8 is no object`);
  }
  return { entries: Object.entries(header).filter(([name]) => name !== '__metadata__'), start: 8 + length };
}

function checkEntry(entry: unknown, room: number, where: string) {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (dtype !== 'F32') throw new FormatError(`${where}: dtype ${JSON.stringify(dtype)} is not read, only F32`);
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw new FormatError(`${where}: shape and data_offsets must be lists of whole numbers`);
  }
  const [first, end] = offsets as [number, number];
  if (first > end || end > room)
    throw new FormatError(`${where}: elements at ${first} to ${end}, but the file holds ${room} bytes of them`);
  if (end - first !== 4 * sizeOf(shape))
    throw new FormatError(
      `${where}: shape ${JSON.stringify(shape)} takes ${4 * sizeOf(shape)} bytes, not ${end - first}`,
    );
  return { shape, first, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
