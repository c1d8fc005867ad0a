// The data of a dataset: in its header, in one piece, or in chunks that may be compressed.

import { inflate } from '../../data/gzip.ts';
import { FormatError } from '../../errors.ts';
import { stridesOf } from '../../tensor/shape.ts';
import { checkedSize } from '../limits.ts';
import { kinds, type Message, walkTree } from './objects.ts';
import type { Hdf5Reader, Hdf5Source } from './source.ts';

interface Chunked {
  readonly tree: number;
  /** Lengths of the axes of a chunk. */
  readonly lengths: readonly number[];
  readonly filters: readonly Filter[];
}

interface Filter {
  readonly id: number;
  readonly values: readonly number[];
}

const DEFLATE = 1;
const SHUFFLE = 2;
const FLETCHER32 = 3;

/** The bytes of all elements, one row after another. */
export async function readBytes(
  source: Hdf5Source,
  messages: readonly Message[],
  shape: readonly number[],
  each: number,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const length = checkedSize(name, shape) * each;
  const layout = messages.find(({ kind }) => kind === kinds.layout)?.reader;
  if (!layout) throw new FormatError(`${source.file}: ${name} has no layout`);
  layout.expect(layout.u8(), 3);
  const kind = layout.expect(layout.u8(), 0, 1, 2);
  if (kind === 2) {
    const filters = messages.find(({ kind }) => kind === kinds.filters)?.reader;
    return readChunks(source, readChunked(layout, filters, shape, each), shape, each, name);
  }
  // chunks alone can be filtered
  if (length === 0) return new Uint8Array(0);
  const data = kind === 0 ? layout.part(layout.u16(), name) : contiguous(source, layout, name);
  return data.left === length ? data.take(length) : data.fail(`holds ${data.left} bytes, its shape takes ${length}`);
}

function contiguous(source: Hdf5Source, layout: Hdf5Reader, name: string): Hdf5Reader {
  const at = layout.address() ?? layout.fail('was made and never written');
  return source.claim(at, layout.u64(), name);
}

function readChunked(
  layout: Hdf5Reader,
  filters: Hdf5Reader | undefined,
  shape: readonly number[],
  each: number,
): Chunked {
  layout.expect(layout.u8(), shape.length + 1);
  const tree = layout.address() ?? layout.fail('was made and never written');
  const lengths = shape.map(() => layout.u32());
  layout.expect(layout.u32(), each);
  if (lengths.some((length) => length < 1)) layout.fail(`${lengths.join(' x ')} is no chunk`);
  return { tree, lengths, filters: filters ? readFilters(filters) : [] };
}

function readFilters(reader: Hdf5Reader): Filter[] {
  const version = reader.expect(reader.u8(), 1, 2);
  const count = reader.u8();
  if (version === 1) reader.skip(6);
  // each once: the same bytes deflated a hundred times would be unpacked as often
  const allowed = new Set([DEFLATE, SHUFFLE, FLETCHER32]);
  return Array.from({ length: count }, () => {
    const id = reader.expect(reader.u16(), ...allowed);
    allowed.delete(id);
    const nameLength = version === 1 ? reader.u16() : 0;
    reader.skip(2);
    const values = reader.u16();
    reader.skip(Math.ceil(nameLength / 8) * 8);
    const filter = { id, values: Array.from({ length: values }, () => reader.u32()) };
    if (version === 1 && values % 2 === 1) reader.skip(4);
    return filter;
  });
}

async function readChunks(
  source: Hdf5Source,
  { tree, lengths, filters }: Chunked,
  shape: readonly number[],
  each: number,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: { first: number[]; packed: Uint8Array<ArrayBuffer>; mask: number }[] = [];
  const visit = (at: number, key: Hdf5Reader) => {
    const [size, mask] = [key.u32(), key.u32()];
    const first = shape.map(() => key.u64());
    chunks.push({ first, mask, packed: source.claim(at, size, `a chunk of ${name}`).take(size) });
  };
  walkTree(source, tree, { kind: 1, keyBytes: 8 + 8 * (shape.length + 1), name, visit });
  const fail = (what: string): never => {
    throw new FormatError(`${source.file}: ${name}: ${what}`);
  };
  const expected = shape.reduce((count, length, d) => count * Math.ceil(length / lengths[d]!), 1);
  const places = new Set(chunks.map(({ first }) => first.join(' ')));
  if (places.size !== expected || chunks.length !== expected) fail(`has ${chunks.length} chunks of ${expected}`);
  const whole = checkedSize(name, lengths) * each;
  // the last chunks reach past the end of the array: both sizes count
  source.unpack(expected * whole, name);
  const result = new Uint8Array(checkedSize(name, shape) * each);
  for (const { first, packed, mask } of chunks) {
    if (first.some((start, d) => start % lengths[d]! !== 0 || start >= shape[d]!)) fail(`has no chunk at ${first}`);
    const data = await unfilter(packed, filters, mask, whole, `${source.file}: ${name}`);
    if (data.length !== whole) fail(`has a chunk of ${data.length} bytes, expected ${whole}`);
    place(result, data, shape, lengths, first, each);
  }
  return result;
}

async function unfilter(
  packed: Uint8Array<ArrayBuffer>,
  filters: readonly Filter[],
  mask: number,
  whole: number,
  where: string,
): Promise<Uint8Array<ArrayBuffer>> {
  let data = packed;
  for (let i = filters.length - 1; i >= 0; i--) {
    const { id, values } = filters[i]!;
    // a bit says that the filter was left out
    if (mask & (1 << i)) continue;
    if (id === DEFLATE) data = await inflate(data, 'deflate', where, whole + 4);
    else if (id === SHUFFLE) data = unshuffle(data, values[0] ?? 1);
    // its check sum stands at the end
    else data = data.subarray(0, Math.max(0, data.length - 4));
  }
  return data;
}

/** The first bytes of all elements lie together, then the second ones, ... */
function unshuffle(data: Uint8Array, each: number): Uint8Array<ArrayBuffer> {
  const count = each > 0 ? Math.floor(data.length / each) : 0;
  const result = new Uint8Array(data);
  for (let i = 0; i < count; i++) for (let b = 0; b < each; b++) result[i * each + b] = data[b * count + i]!;
  return result;
}

/** Copies the part of a chunk that lies in the array, row by row. */
function place(
  result: Uint8Array,
  data: Uint8Array,
  shape: readonly number[],
  lengths: readonly number[],
  first: readonly number[],
  each: number,
): void {
  const last = shape.length - 1;
  const [to, from] = [stridesOf(shape), stridesOf(lengths)];
  const row = last < 0 ? 1 : Math.min(lengths[last]!, shape[last]! - first[last]!);
  const copy = (d: number, target: number, start: number) => {
    if (d >= last) {
      result.set(data.subarray(start * each, (start + row) * each), (target + (first[last] ?? 0)) * each);
      return;
    }
    const count = Math.min(lengths[d]!, shape[d]! - first[d]!);
    for (let i = 0; i < count; i++) copy(d + 1, target + (first[d]! + i) * to[d]!, start + i * from[d]!);
  };
  copy(0, 0, 0);
}
