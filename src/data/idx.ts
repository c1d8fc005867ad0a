import { FormatError, ShapeError } from '../errors.ts';

/** Bytes with a shape, row-major: images [n, rows, columns], labels [n]. */
export interface ByteArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array<ArrayBuffer>;
}

const UINT8 = 0x08;
const MAX_RANK = 4;
const OTHER_TYPES: Readonly<Record<number, string>> = {
  9: 'int8',
  11: 'int16',
  12: 'int32',
  13: 'float32',
  14: 'float64',
};

/**
 * Reads an IDX file: 00 00, type, rank, `rank` big-endian uint32 dimensions, then the elements and nothing after them.
 * Only uint8 (type 08) of ranks 1 to 4. The data is a view of `bytes`, not a copy.
 *
 * @param name what an error calls the file
 * @throws FormatError with the byte offset of what is wrong
 */
export function parseIdx(bytes: Uint8Array<ArrayBuffer>, name: string): ByteArray {
  const fail = (offset: number, what: string): never => {
    throw new FormatError(`${name}: at byte ${offset}: ${what}`);
  };
  const [zero0, zero1, type, rank] = bytes;
  if (zero0 === undefined || zero1 === undefined || type === undefined || rank === undefined) {
    return fail(bytes.length, `the file ends inside the 4 magic bytes of an IDX file (it has ${bytes.length} bytes)`);
  }
  if (zero0 !== 0 || zero1 !== 0) return fail(0, `not an IDX file: expected 00 00, got ${hex(zero0)} ${hex(zero1)}`);
  if (type !== UINT8) {
    return fail(2, `expected element type 08 (uint8), got ${hex(type)} (${OTHER_TYPES[type] ?? 'unknown'})`);
  }
  if (rank < 1 || rank > MAX_RANK) return fail(3, `expected a rank of 1 to ${MAX_RANK}, got ${rank}`);

  const dataOffset = 4 + 4 * rank;
  if (bytes.length < dataOffset) {
    return fail(
      bytes.length,
      `the file ends inside its ${rank} dimensions (${dataOffset} bytes expected for the header)`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  // A product above 2^53 is rounded, but four uint32 never reach Infinity and no file is that long: the comparison holds.
  const expected = shape.reduce((product, size) => product * size, 1);
  const actual = bytes.length - dataOffset;
  if (actual !== expected) {
    const where = actual < expected ? bytes.length : dataOffset + expected;
    return fail(where, `expected ${expected} bytes of data for shape [${shape.join(', ')}], got ${actual}`);
  }
  return { shape, data: bytes.subarray(dataOffset) };
}

/**
 * The IDX file that `parseIdx` reads back.
 *
 * @throws ShapeError when the shape is not 1 to 4 uint32 whose product is the length of the data
 */
export function encodeIdx({ shape, data }: ByteArray): Uint8Array<ArrayBuffer> {
  const isUint32 = (size: number) => Number.isInteger(size) && size >= 0 && size <= 0xffffffff;
  const product = shape.reduce((size, other) => size * other, 1);
  if (shape.length < 1 || shape.length > MAX_RANK || !shape.every(isUint32) || product !== data.length) {
    throw new ShapeError(
      `encodeIdx: expected 1 to ${MAX_RANK} uint32 sizes whose product is the ${data.length} bytes of data, got shape [${shape.join(', ')}]`,
    );
  }
  const dataOffset = 4 + 4 * shape.length;
  const bytes = new Uint8Array(dataOffset + data.length);
  bytes.set([0, 0, UINT8, shape.length]);
  const view = new DataView(bytes.buffer);
  for (const [axis, size] of shape.entries()) view.setUint32(4 + 4 * axis, size);
  bytes.set(data, dataOffset);
  return bytes;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
