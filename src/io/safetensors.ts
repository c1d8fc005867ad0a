// The safetensors format: an 8-byte little-endian header length, a JSON header, then the raw little-endian elements.
// https://huggingface.co/docs/safetensors: data_offsets count from the end of the header.
import type { DType, TypedArray } from '../backend/backend.ts';
import { FormatError, ValueError } from '../errors.ts';
import { bytesOf, dtypeOfArray, viewArray } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';

/** A named block of numbers. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** What a file holds. */
export interface Safetensors {
  readonly arrays: NamedArray[];
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's names of element types. */
const dtypes = { F32: 'float32', F64: 'float64', I32: 'int32', U8: 'uint8' } as const satisfies Record<string, DType>;

function isKnown(name: unknown): name is keyof typeof dtypes {
  return typeof name === 'string' && Object.hasOwn(dtypes, name);
}

function nameOf(data: TypedArray): string {
  const dtype = dtypeOfArray(data);
  return Object.keys(dtypes).find((name) => isKnown(name) && dtypes[name] === dtype)!;
}

/** More header than any model needs: a damaged length must not make us read gigabytes as text. */
const LONGEST_HEADER = 16 * 2 ** 20;

/** The bytes of a file that holds these arrays and texts. Names must differ. */
export function encodeSafetensors(
  arrays: readonly NamedArray[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) header.set('__metadata__', metadata);
  let offset = 0;
  for (const { name, shape, data } of arrays) {
    if (header.has(name)) throw new ValueError(`safetensors: two arrays are called ${name}`);
    header.set(name, { dtype: nameOf(data), shape, data_offsets: [offset, offset + data.byteLength] });
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

/** What a file holds, in its order. A FormatError names the place where it is not what the format promises. */
export function decodeSafetensors(bytes: Uint8Array, file = 'safetensors'): Safetensors {
  const { entries, metadata, start } = readHeader(bytes, file);
  const room = bytes.length - start;
  const arrays = entries.map(([name, entry]) => {
    const { dtype, shape, first, end } = checkEntry(entry, room, `${file}: ${name}`);
    // a copy: elements in a file need not begin where an array of them may
    const { buffer } = bytes.slice(start + first, start + end);
    return { name, shape, data: viewArray(dtype, buffer, 0, sizeOf(shape)) };
  });
  return { arrays, metadata };
}

function readHeader(bytes: Uint8Array, file: string) {
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
  const entries: [string, unknown][] = Object.entries(header).filter(([name]) => name !== '__metadata__');
  return { entries, metadata: texts(Reflect.get(header, '__metadata__')), start: 8 + length };
}

/** Those of the metadata that are texts, as all should be. */
function texts(found: unknown): Record<string, string> {
  const all: [string, unknown][] = typeof found === 'object' && found !== null ? Object.entries(found) : [];
  return Object.fromEntries(all.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function checkEntry(entry: unknown, room: number, where: string) {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (!isKnown(dtype)) {
    throw new FormatError(
      `${where}: dtype ${JSON.stringify(dtype)} is not read, only ${Object.keys(dtypes).join(', ')}`,
    );
  }
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw new FormatError(`${where}: shape and data_offsets must be lists of whole numbers`);
  }
  const [first, end] = offsets as [number, number];
  if (first > end || end > room)
    throw new FormatError(`${where}: elements at ${first} to ${end}, but the file holds ${room} bytes of them`);
  const size = bytesOf(dtypes[dtype]) * sizeOf(shape);
  if (end - first !== size)
    throw new FormatError(`${where}: shape ${JSON.stringify(shape)} takes ${size} bytes, not ${end - first}`);
  return { dtype: dtypes[dtype], shape, first, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
