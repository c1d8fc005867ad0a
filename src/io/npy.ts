// .npy, the format of one array of numpy: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import type { DType } from '../backend/backend.ts';
import { parseNpyHeader } from '../data/npy.ts';
import { FormatError } from '../errors.ts';
import { dtypeOfArray, makeArray } from '../tensor/dtype.ts';
import { stridesOf } from '../tensor/shape.ts';
import type { PlainArray } from './arrays.ts';
import { checkedSize } from './limits.ts';
import { decodeNumbers, type NumberType } from './numbers.ts';

/** numpy's name of each of our types. */
const names = { float32: '<f4', float64: '<f8', int32: '<i4', uint8: '|u1', bool: '|b1' } as const satisfies Record<
  DType,
  string
>;

const kinds = { f: 'float', i: 'int', u: 'uint', b: 'uint' } as const;

/**
 * The array of an .npy file. Floats of 16 bits become float32, whole numbers int32, uint8, or float64 where they have more bits.
 *
 * @throws FormatError when it is damaged, or no array of numbers
 */
export function decodeNpy(bytes: Uint8Array, file = 'npy'): PlainArray {
  const { descr, fortranOrder, shape, dataOffset } = parseNpyHeader(bytes, file);
  const type = numberType(descr, file);
  const size = checkedSize(file, shape);
  if (bytes.length - dataOffset !== size * type.bytes) {
    const got = bytes.length - dataOffset;
    throw new FormatError(
      `${file}: shape (${shape.join(', ')}) of ${descr} takes ${size * type.bytes} bytes, got ${got}`,
    );
  }
  const array = { shape, data: decodeNumbers(bytes.subarray(dataOffset), size, type, file) };
  return fortranOrder && shape.length > 1 ? byRows(array) : array;
}

function numberType(descr: string, file: string): NumberType {
  const [, order, kind, length] = /^([<>|])([fiub])([1248])$/.exec(descr) ?? [];
  if (kind === undefined || (kind === 'b' && length !== '1'))
    throw new FormatError(`${file}: expected numbers, got ${descr}; what Python would have to run is never read`);
  return { kind: kinds[kind as keyof typeof kinds], bytes: Number(length), littleEndian: order !== '>' };
}

/** From columns one after another. */
function byRows({ shape, data }: PlainArray): PlainArray {
  const result = makeArray(dtypeOfArray(data), data.length);
  const strides = stridesOf(shape);
  // of the same axes, when the first one is the fastest
  const columns = stridesOf([...shape].reverse()).reverse();
  for (let i = 0; i < data.length; i++) {
    let from = 0;
    for (let d = 0; d < shape.length; d++) from += (Math.floor(i / strides[d]!) % shape[d]!) * columns[d]!;
    result[i] = data[from]!;
  }
  return { shape, data: result };
}

/** The bytes of an .npy file that holds this array. */
export function encodeNpy({ shape, data }: PlainArray): Uint8Array<ArrayBuffer> {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${names[dtypeOfArray(data)]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // blanks and a line feed, so that the numbers begin at a multiple of 64 bytes
  const header = `${text}${' '.repeat(-(10 + text.length + 1) & 63)}\n`;
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  new DataView(bytes.buffer).setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return bytes;
}
