// The safetensors format: an 8-byte little-endian header length, a JSON header, then the raw little-endian elements.
// https://huggingface.co/docs/safetensors: data_offsets count from the end of the header.
import type { DType } from '../backend/backend.ts';
import { FormatError, ValueError } from '../errors.ts';
import { dtypeOfArray } from '../tensor/dtype.ts';
import type { NamedArray } from './arrays.ts';
import { checkedSize, decodeText, isObject, parseObject } from './limits.ts';
import { decodeNumbers, little } from './numbers.ts';

/** What a file holds. */
export interface Safetensors {
  readonly arrays: NamedArray[];
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's names of element types. */
const types = {
  F64: little('float', 8),
  F32: little('float', 4),
  F16: little('float', 2),
  BF16: little('bfloat', 2),
  I64: little('int', 8),
  I32: little('int', 4),
  I16: little('int', 2),
  I8: little('int', 1),
  U64: little('uint', 8),
  U32: little('uint', 4),
  U16: little('uint', 2),
  U8: little('uint', 1),
  BOOL: little('uint', 1),
};

function isKnown(name: unknown): name is keyof typeof types {
  return typeof name === 'string' && Object.hasOwn(types, name);
}

/** Of those, what each of our types is written as. */
const written = { float64: 'F64', float32: 'F32', int32: 'I32', uint8: 'U8', bool: 'BOOL' } as const satisfies Record<
  DType,
  keyof typeof types
>;

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
    header.set(name, { dtype: written[dtypeOfArray(data)], shape, data_offsets: [offset, offset + data.byteLength] });
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

/**
 * What a file holds, in its order. Floats of 16 bits become float32, whole numbers int32, uint8, or float64 where they have more bits.
 *
 * @throws FormatError that names the place where it is not what the format promises
 */
export function decodeSafetensors(bytes: Uint8Array, file = 'safetensors'): Safetensors {
  const { entries, metadata, start } = readHeader(bytes, file);
  const room = bytes.length - start;
  const checked = entries.map(([name, entry]) => ({ name, ...checkEntry(entry, room, `${file}: ${name}`) }));
  requireGapless(checked, room, file);
  const arrays = checked.map(({ name, type, shape, size, first, end }) => {
    const data = decodeNumbers(bytes.subarray(start + first, start + end), size, type, `${file}: ${name}`);
    return { name, shape, data };
  });
  return { arrays, metadata };
}

interface Entry {
  readonly name: string;
  readonly first: number;
  readonly end: number;
}

/** The format has each byte belong to one array, so no file can claim more memory than it has bytes. */
function requireGapless(entries: readonly Entry[], room: number, file: string): void {
  let at = 0;
  for (const { name, first, end } of [...entries].sort((a, b) => a.first - b.first || a.end - b.end)) {
    if (first < at) throw new FormatError(`${file}: ${name}: its elements lie where those of others do`);
    if (first > at)
      throw new FormatError(`${file}: ${name}: begins at ${first}, bytes ${at} to there belong to no array`);
    at = end;
  }
  if (at !== room) throw new FormatError(`${file}: its arrays take ${at} bytes, the file holds ${room} of them`);
}

function readHeader(bytes: Uint8Array, file: string) {
  if (bytes.length < 8)
    throw new FormatError(`${file}: ${bytes.length} bytes are too few; the header's length takes 8`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (8 + length > bytes.length)
    throw new FormatError(`${file}: at byte 0 the header claims ${length} bytes, the file has ${bytes.length}`);
  const where = `${file}: the header at byte 8`;
  const header = parseObject(decodeText(bytes.subarray(8, 8 + length), where), where);
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  return { entries, metadata: texts(header.__metadata__), start: 8 + length };
}

/** Those of the metadata that are texts, as all should be. */
function texts(found: unknown): Record<string, string> {
  const all = isObject(found) ? Object.entries(found) : [];
  return Object.fromEntries(all.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function checkEntry(entry: unknown, room: number, where: string) {
  const { dtype, shape, data_offsets: offsets } = isObject(entry) ? entry : {};
  if (!isKnown(dtype)) {
    throw new FormatError(
      `${where}: dtype ${JSON.stringify(dtype)} is not read, only ${Object.keys(types).join(', ')}`,
    );
  }
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw new FormatError(`${where}: shape and data_offsets must be lists of whole numbers`);
  }
  const [first, end] = offsets as [number, number];
  if (first > end || end > room)
    throw new FormatError(`${where}: elements at ${first} to ${end}, but the file holds ${room} bytes of them`);
  const size = checkedSize(where, shape);
  const takes = types[dtype].bytes * size;
  if (end - first !== takes)
    throw new FormatError(`${where}: shape ${JSON.stringify(shape)} takes ${takes} bytes, not ${end - first}`);
  return { type: types[dtype], shape, size, first, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
