// From what a user gives as data to a source of batches.
import { ValueError } from '../errors.ts';
import { kindOf } from '../tensor/options.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Arrays, isPlainObject } from './arrays.ts';
import { rowsBetween } from './batches.ts';
import type {
  Batch,
  BatchData,
  BatchSource,
  IndexedBatches,
  ResidentSource,
  Source,
  StreamedSource,
} from './source.ts';

/** A new order of 0 ... count - 1 at each call, `skipped` of which were never asked for. */
export interface Shuffle {
  next(count: number): Int32Array;
  skip(orders: number): void;
}

/** Whether data brings its batches by itself: all that is no tensor, typed array, list, or object of these by name. */
export function isBatchData(data: unknown): data is BatchData {
  if (typeof data === 'function') return true;
  if (typeof data !== 'object' || data === null) return false;
  if (data instanceof Tensor || Array.isArray(data) || ArrayBuffer.isView(data)) return false;
  const ways = ['source', 'get', 'next', Symbol.iterator, Symbol.asyncIterator];
  return !isPlainObject(data) || ways.some((way) => memberOf(data, way));
}

/** Samples on the backend: those of `rows`, in that order or in a new one each time. */
export function arraySource(
  { x, y, sampleWeight }: Pick<ResidentSource, 'x' | 'y' | 'sampleWeight'>,
  [first, end]: readonly [number, number],
  batchSize: number,
  shuffle: Shuffle | null = null,
): ResidentSource {
  const rows = rowsBetween(first, end);
  return {
    kind: 'resident',
    x,
    y,
    sampleWeight,
    batchSize,
    count: rows.length,
    nextOrder: () => (shuffle ? shuffle.next(rows.length).map((i) => first + i) : rows),
    skip: (orders) => shuffle?.skip(orders),
  };
}

/** `shuffle` orders batches that have numbers. */
export function sourceOf(who: string, data: BatchData, shuffle: Shuffle | null = null): Source {
  if (typeof data === 'function') return streamed(who, () => data(), true);
  if (isBatchSource(data)) return data.source();
  if (isIndexed(data)) return indexedSource(who, data, shuffle);
  return streamed(who, () => data, !('next' in data));
}

function isBatchSource(data: object): data is BatchSource {
  return typeof Reflect.get(data, 'source') === 'function';
}

function isIndexed(data: object): data is IndexedBatches {
  return typeof Reflect.get(data, 'get') === 'function' && typeof Reflect.get(data, 'length') === 'number';
}

function indexedSource(who: string, data: IndexedBatches, shuffle: Shuffle | null): StreamedSource {
  const steps = data.length;
  if (!Number.isInteger(steps) || steps < 1) throw new ValueError(`${who}: the data set has ${steps} batches`);
  return {
    kind: 'streamed',
    steps,
    restarts: true,
    async *open() {
      const order = shuffle ? shuffle.next(steps) : rowsBetween(0, steps);
      for (const i of order) yield await data.get(i);
    },
    async *peek() {
      yield await data.get(0);
    },
    skip: (epochs) => shuffle?.skip(epochs),
    onEpochEnd: () => data.onEpochEnd?.(),
  };
}

function streamed(who: string, open: () => unknown, restarts: boolean): StreamedSource {
  return { kind: 'streamed', steps: null, restarts, open: () => iteratorOf(who, open()) };
}

function iteratorOf(who: string, data: unknown): Iterator<Batch> | AsyncIterator<Batch> {
  // what an async function gives
  if (data instanceof Promise) return awaited(who, data);
  const make = memberOf(data, Symbol.asyncIterator) ?? memberOf(data, Symbol.iterator);
  const found: unknown = make ? Reflect.apply(make, data, []) : data;
  if (memberOf(found, 'next')) return found as Iterator<Batch> | AsyncIterator<Batch>;
  throw new ValueError(
    `${who}: x must be a tensor, a typed array or nested lists, data with length and get(i), or an iterable of batches, got ${kindOf(data)}`,
  );
}

function memberOf(data: unknown, name: string | symbol) {
  const member: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, name) : undefined;
  return typeof member === 'function' ? member : null;
}

/** Shows `see` a batch of the source. Resolves to the source that still has all of them. */
export async function withFirstBatch(
  who: string,
  source: StreamedSource,
  see: (first: Batch) => void,
): Promise<StreamedSource> {
  const iterator = source.peek?.() ?? source.open();
  const { done, value } = await iterator.next();
  if (done) throw new ValueError(`${who}: the data has no batches`);
  see(value);
  if (source.peek) {
    await iterator.return?.();
    return source;
  }
  let opened = false;
  const open = () => {
    if (opened) return source.open();
    opened = true;
    return following(iterator, value);
  };
  return {
    ...{ kind: 'streamed', steps: source.steps, restarts: source.restarts, open },
    skip: (epochs, batches) => source.skip?.(epochs, batches),
    onEpochEnd: () => source.onEpochEnd?.(),
    ...(source.prepare && { prepare: source.prepare.bind(source) }),
  };
}

async function* awaited(who: string, data: Promise<unknown>): AsyncGenerator<Batch> {
  yield* following(iteratorOf(who, await data));
}

/** These first, then the rest. */
async function* following(rest: AsyncIterator<Batch> | Iterator<Batch>, ...first: Batch[]): AsyncGenerator<Batch> {
  try {
    yield* first;
    for (let item = await rest.next(); !item.done; item = await rest.next()) yield item.value;
  } finally {
    await rest.return?.();
  }
}

/** What `fit` and its like take as data. */
export type Data = Arrays | BatchData;
