import { FormatError } from '../errors.ts';
import type { ByteArray } from './idx.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** An array of numbers takes about a hundred characters; numpy itself refuses above ten thousand. */
const LONGEST_HEADER = 10_000;

/** What an .npy file says of its numbers, which begin at `dataOffset`. */
export interface NpyHeader {
  /** The type in numpy's words, `<f4` for example. */
  readonly descr: string;
  /** True when the first axis is the fastest. */
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  readonly headerOffset: number;
  readonly dataOffset: number;
}

/**
 * Reads the beginning of an .npy file: 93 'NUMPY', version, length of the header, header.
 *
 * @param name what an error calls the file
 * @throws FormatError with the byte offset of what is wrong
 */
export function parseNpyHeader(bytes: Uint8Array, name: string): NpyHeader {
  const fail = failIn(name);
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) return fail(0, 'not an .npy file');
  const major = bytes[6];
  if (major !== 1 && major !== 2 && major !== 3) return fail(6, `expected version 1, 2 or 3, got ${major}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = major === 1 ? 10 : 12;
  if (bytes.length < begin) return fail(bytes.length, 'the file ends inside its header');
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > LONGEST_HEADER) return fail(8, `a header of ${length} bytes is longer than ${LONGEST_HEADER}`);
  const dataOffset = begin + length;
  if (dataOffset > bytes.length)
    return fail(bytes.length, `the header ends at ${dataOffset}, after the end of the file`);

  const header = new TextDecoder().decode(bytes.subarray(begin, dataOffset));
  const field = (key: string, value: string) => new RegExp(`'${key}': ${value}`).exec(header)?.[1];
  const [descr, order, sizes] = [
    field('descr', "'([^']*)'"),
    field('fortran_order', '(True|False)'),
    field('shape', '\\(([\\d, ]*)\\)'),
  ];
  if (descr === undefined || order === undefined || sizes === undefined) return fail(begin, `no header: ${header}`);
  const shape = (sizes.match(/\d+/g) ?? []).map(Number);
  return { descr, fortranOrder: order === 'True', shape, headerOffset: begin, dataOffset };
}

/**
 * Reads an .npy file of bytes: uint8 in C order. The data is a view of `bytes`.
 *
 * @throws FormatError with the byte offset of what is wrong
 */
export function parseNpy(bytes: Uint8Array<ArrayBuffer>, name: string): ByteArray & { readonly dataOffset: number } {
  const fail = failIn(name);
  const { descr, fortranOrder, shape, headerOffset, dataOffset } = parseNpyHeader(bytes, name);
  if (descr !== '|u1') return fail(headerOffset, `expected bytes ('|u1'), got ${descr}`);
  if (fortranOrder && shape.length > 1) return fail(headerOffset, 'expected rows one after another, got Fortran order');
  const expected = shape.reduce((product, size) => product * size, 1);
  const actual = bytes.length - dataOffset;
  if (actual !== expected)
    return fail(dataOffset, `expected ${expected} bytes of data for shape [${shape.join(', ')}], got ${actual}`);
  return { shape, data: bytes.subarray(dataOffset), dataOffset };
}

function failIn(name: string): (offset: number, what: string) => never {
  return (offset, what) => {
    throw new FormatError(`${name}: at byte ${offset}: ${what}`);
  };
}
