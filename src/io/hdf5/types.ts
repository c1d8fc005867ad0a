// Dataspaces and datatypes: the shape of an array in a file, and how its elements are kept.
import { checkedSize } from '../limits.ts';
import type { Hdf5Reader } from './source.ts';

/** How an element is kept in a file. */
export type Hdf5Type =
  | { readonly kind: 'float' | 'bfloat' | 'int' | 'uint'; readonly bytes: number; readonly littleEndian: boolean }
  /** As many bytes, the text first. */
  | { readonly kind: 'text'; readonly bytes: number }
  /** Length, and a place in a global heap. */
  | { readonly kind: 'heapText'; readonly bytes: number }
  /** One that no model needs, by its number. */
  | { readonly kind: 'other'; readonly bytes: number; readonly number: number };

const VERSIONS = [1, 2, 3];

/** Message 3. */
export function readType(reader: Hdf5Reader): Hdf5Type {
  const head = reader.u8();
  reader.expect(head >> 4, ...VERSIONS);
  const flags = reader.u8() | (reader.u8() << 8) | (reader.u8() << 16);
  // elements without bytes could be as many as a file says
  const bytes = reader.u32() || reader.fail('has elements of 0 bytes');
  const littleEndian = (flags & 1) === 0;
  switch (head & 15) {
    case 0:
      return wholeNumbers(reader, bytes, littleEndian, (flags & 8) !== 0);
    case 1:
      // bit 6 is set for the order of a VAX
      reader.expect(flags & 0x40, 0);
      return floats(reader, bytes, littleEndian);
    case 3:
      return { kind: 'text', bytes };
    case 9:
      return (flags & 15) === 1
        ? { kind: 'heapText', bytes: reader.expect(bytes, 16) }
        : { kind: 'other', bytes, number: 9 };
    default:
      return { kind: 'other', bytes, number: head & 15 };
  }
}

function wholeNumbers(reader: Hdf5Reader, bytes: number, littleEndian: boolean, signed: boolean): Hdf5Type {
  reader.expect(bytes, 1, 2, 4, 8);
  reader.expect(reader.u16(), 0);
  reader.expect(reader.u16(), 8 * bytes);
  return { kind: signed ? 'int' : 'uint', bytes, littleEndian };
}

/** Where the exponent and the mantissa of each float lie: first bit, number of bits, bias. */
const layouts = {
  float16: [10, 5, 0, 10, 15],
  bfloat16: [7, 8, 0, 7, 127],
  float32: [23, 8, 0, 23, 127],
  float64: [52, 11, 0, 52, 1023],
};

function floats(reader: Hdf5Reader, bytes: number, littleEndian: boolean): Hdf5Type {
  reader.expect(reader.u16(), 0);
  reader.expect(reader.u16(), 8 * bytes);
  const layout = [reader.u8(), reader.u8(), reader.u8(), reader.u8(), reader.u32()];
  const name = Object.entries(layouts).find(([, known]) => known.every((value, i) => value === layout[i]))?.[0];
  if (!name || bytes !== Number(name.replace(/\D+/, '')) / 8) return reader.fail('is no float of 16, 32 or 64 bits');
  return { kind: name === 'bfloat16' ? 'bfloat' : 'float', bytes, littleEndian };
}

/** Message 1: the lengths of the axes, none for a scalar, or null where there is no element at all. */
export function readShape(reader: Hdf5Reader): number[] | null {
  const version = reader.expect(reader.u8(), 1, 2);
  const rank = reader.u8();
  reader.skip(1);
  const kind = reader.u8();
  if (version === 1) reader.skip(4);
  else if (reader.expect(kind, 0, 1, 2) === 2) return null;
  const shape = Array.from({ length: rank }, () => reader.u64());
  checkedSize(reader.what, shape);
  return shape;
}
