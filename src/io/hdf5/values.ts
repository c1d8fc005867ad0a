// Elements as they lie in a file -> arrays, and the heaps in which texts lie.

import { checkedSize } from '../limits.ts';
import { decodeNumbers } from '../numbers.ts';
import type { Hdf5Reader, Hdf5Source } from './source.ts';
import type { Hdf5Array } from './tree.ts';
import type { Hdf5Type } from './types.ts';

/** Texts of a global heap by their number. */
type Heap = ReadonlyMap<number, Uint8Array>;

/** The heaps of a file, each read once. */
export class Heaps {
  private readonly source: Hdf5Source;
  private readonly known = new Map<number, Heap>();

  constructor(source: Hdf5Source) {
    this.source = source;
  }

  /** The text that a file keeps as a length, the place of a heap, and a number there. */
  text(reader: Hdf5Reader): string {
    const length = reader.u32();
    const at = reader.address();
    const index = reader.u32();
    // how an empty text may be written
    if (length === 0 || at === null || (at === 0 && index === 0)) return '';
    const heap = this.known.get(at) ?? readHeap(this.source, at);
    this.known.set(at, heap);
    const bytes = heap.get(index);
    if (bytes && length <= bytes.length) return this.source.text(bytes.subarray(0, length));
    return reader.fail(`the heap at ${at} has no text ${index} of ${length} bytes`);
  }
}

function readHeap(source: Hdf5Source, at: number): Heap {
  const head = source.claim(at, 16, 'a heap');
  head.signature('GCOL');
  head.expect(head.u8(), 1);
  head.skip(3);
  const size = head.u64();
  if (size < 16) head.fail(`has only ${size} bytes`);
  const objects = source.claim(at + 16, size - 16, 'a heap');
  const found = new Map<number, Uint8Array>();
  while (objects.left >= 16) {
    const index = objects.u16();
    objects.skip(6);
    const length = objects.u64();
    // number 0 is the room left
    if (index === 0) break;
    found.set(index, objects.take(length));
    objects.skip(Math.min(-length & 7, objects.left));
  }
  return found;
}

/** An array of an attribute; null when it is of a type that no model needs. */
export function readValue(
  reader: Hdf5Reader,
  shape: readonly number[],
  type: Hdf5Type,
  heaps: Heaps,
): Hdf5Array | null {
  const size = checkedSize(reader.what, shape);
  if (size * type.bytes > reader.left) reader.fail(`${size} elements take more than its ${reader.left} bytes`);
  switch (type.kind) {
    case 'other':
      return null;
    case 'text':
      return { shape, data: Array.from({ length: size }, () => reader.text(type.bytes)) };
    case 'heapText':
      return { shape, data: Array.from({ length: size }, () => heaps.text(reader)) };
    default:
      return { shape, data: decodeNumbers(reader.take(size * type.bytes), size, type, reader.what) };
  }
}
