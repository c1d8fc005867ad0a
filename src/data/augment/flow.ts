// Batches of transformed pictures: one after another by hand, by number, or as data of `fit` and its like, which records what is done
// to them as a part of its step. All three draw the same pictures.
import { settleDeferred } from '../../engine/deferred.ts';
import { scope } from '../../engine/scope.ts';
import { keyOf, nextKey } from '../../engine/seed.ts';
import { ensureStarted } from '../../engine/start.ts';
import { ValueError } from '../../errors.ts';
import { rowsBetween } from '../../models/batches.ts';
import type { Batch, BatchSource, ResidentSource, Source, StreamedSource } from '../../models/source.ts';
import { wholeNumber } from '../../tensor/options.ts';
import { permutation, type RandomKey, threefry } from '../../tensor/random.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { DrawStream } from './drawStream.ts';
import type { BatchSettings } from './flowOptions.ts';
import type { Samples } from './samples.ts';
import { savePictures } from './savePictures.ts';

/** What a flow takes from the generator that made it. */
export interface Preparation {
  /** Resolves when the generator has been fitted, if somebody has asked it to. */
  ready(): Promise<void>;
  /** A raw batch transformed by the next draws of the stream, and standardized. */
  prepare(x: Tensor, draws: DrawStream): Tensor;
  /** Pictures as files have them. */
  channelsLast(x: Tensor): Tensor;
}

/** The data of a flow, and which rows of it take part. */
export interface FlowData {
  readonly x: Samples;
  /** Targets, or what takes a prepared batch for its own target. */
  readonly y: Samples | 'input' | null;
  readonly sampleWeight: Samples | null;
  readonly rows: readonly [first: number, end: number];
  readonly residentBytes: number;
}

/** x, [x, y] or [x, y, sampleWeight]. */
export type FlowBatch = Tensor | readonly [Tensor, Tensor] | readonly [Tensor, Tensor, Tensor];

/**
 * Endless batches of transformed pictures: `for await (const [x, y] of flow)`, `(await flow.next()).value`, `await flow.get(i)`, and
 * `model.fit(flow)`. Tensors that are handed out belong to whoever asked.
 */
export class Flow<B extends FlowBatch = FlowBatch> implements BatchSource, AsyncIterableIterator<B> {
  /** Samples, and how many of them a batch has; the last batch of an epoch may be smaller. */
  readonly n: number;
  readonly batchSize: number;
  /** Batches of an epoch. */
  readonly length: number;
  private readonly data: FlowData;
  private readonly settings: BatchSettings;
  private readonly preparation: Preparation;
  private readonly orderKey: RandomKey;
  private readonly drawKey: RandomKey;
  /** Of batches by hand: a recorded step has a position of its own. */
  private readonly draws: DrawStream;
  /** Batches given since the beginning, all epochs together. */
  private given = 0;
  private order: { readonly epoch: number; readonly rows: Int32Array } | null = null;

  constructor(data: FlowData, settings: BatchSettings, preparation: Preparation) {
    this.data = data;
    this.settings = settings;
    this.preparation = preparation;
    this.n = data.rows[1] - data.rows[0];
    this.batchSize = settings.batchSize;
    this.length = Math.ceil(this.n / this.batchSize);
    const key = settings.seed === null ? nextKey() : keyOf(settings.seed);
    this.orderKey = threefry(key, [0, 5]);
    this.drawKey = threefry(key, [0, 6]);
    this.draws = new DrawStream(this.drawKey);
  }

  /** Which batch of the epoch comes next. */
  get batchIndex(): number {
    return this.given % this.length;
  }

  /** The next batch. Never done: after an epoch comes the next one. */
  async next(): Promise<IteratorResult<B, never>> {
    const value = await this.make(this.given++);
    return { value, done: false };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Batch i of the epoch that the next batch belongs to: the same as iterating would give, whenever it is asked for. */
  async get(index: number): Promise<B> {
    wholeNumber('get', 'index', index, 0);
    if (index >= this.length) throw new ValueError(`get: index ${index} is outside: there are ${this.length} batches`);
    return this.make(this.epoch * this.length + index);
  }

  /** What comes next is the beginning of an epoch: of a new one, unless none has begun. */
  reset(): void {
    this.given = Math.ceil(this.given / this.length) * this.length;
  }

  /** For `fit` and its like: samples that lie on the backend, or come one batch at a time where they do not fit. */
  source(): Source {
    const { x, y, sampleWeight, residentBytes } = this.data;
    const parts = [x, y, sampleWeight].filter((part) => part !== null && part !== 'input');
    const fits = parts.every((part) => part.bytes <= residentBytes);
    if (y === 'input' || this.settings.saveToDir !== null) return this.streamed(() => this.epochByHand());
    const draws = new DrawStream(this.drawKey);
    const prepare = (batch: Tensor) => this.preparation.prepare(batch, draws);
    // what lies on the backend stays there, however large
    const [wholeX, ...others] = parts.map((part) => (fits || !part.values ? part.whole() : null));
    if (!wholeX || others.includes(null)) return { ...this.streamed(() => this.epochOfRaw(draws)), prepare };
    const wholeY = y ? others.shift()! : null;
    return this.resident({ x: wholeX, y: wholeY, sampleWeight: others[0] ?? null, prepare }, draws);
  }

  private resident(
    data: Pick<ResidentSource, 'x' | 'y' | 'sampleWeight' | 'prepare'>,
    draws: DrawStream,
  ): ResidentSource {
    let skipped = 0;
    return {
      ...{ kind: 'resident', batchSize: this.batchSize, count: this.n, ...data },
      nextOrder: () => {
        const rows = this.beginEpoch(draws, skipped);
        skipped = 0;
        return rows;
      },
      skip: (orders, batches) => {
        this.given += orders * this.length;
        skipped = batches - orders * this.length;
      },
    };
  }

  private streamed(open: () => AsyncIterator<Batch>): StreamedSource {
    const skip = (epochs: number) => {
      this.given += epochs * this.length;
    };
    return { kind: 'streamed', steps: this.length, restarts: true, open, skip };
  }

  /** The rows of a new epoch, of which the first batches may have been drawn before. */
  private beginEpoch(draws: DrawStream, drawn = 0): Int32Array {
    this.reset();
    draws.seek(this.given + drawn);
    const rows = this.rowsOf(this.epoch);
    this.given += this.length;
    return rows;
  }

  private async *epochOfRaw(draws: DrawStream): AsyncGenerator<Batch, void> {
    await this.preparation.ready();
    const rows = this.beginEpoch(draws);
    for (let i = 0; i < this.length; i++) yield await this.raw(this.rowsOfBatch(rows, i));
  }

  private async *epochByHand(): AsyncGenerator<Batch, void> {
    this.reset();
    for (let i = 0; i < this.length; i++) {
      const batch: FlowBatch = (await this.next()).value;
      yield batch instanceof Tensor ? [batch] : batch;
    }
  }

  private get epoch(): number {
    return Math.floor(this.given / this.length);
  }

  private rowsOf(epoch: number): Int32Array {
    const [first, end] = this.data.rows;
    if (!this.settings.shuffle) return rowsBetween(first, end);
    if (this.order?.epoch !== epoch) {
      const order = permutation(threefry(this.orderKey, [epoch, 0]), this.n);
      this.order = { epoch, rows: order.map((row) => first + row) };
    }
    return this.order.rows;
  }

  private rowsOfBatch(rows: Int32Array, i: number): Int32Array {
    return rows.subarray(i * this.batchSize, (i + 1) * this.batchSize);
  }

  private async raw(rows: Int32Array): Promise<[Tensor, Tensor | null, Tensor | null]> {
    const { x, y, sampleWeight } = this.data;
    const xs = await x.take(rows);
    const ys = y && y !== 'input' ? await y.take(rows) : null;
    return [xs, ys, sampleWeight ? await sampleWeight.take(rows) : null];
  }

  /** The batch of that number since the beginning. */
  private async make(number: number): Promise<B> {
    await ensureStarted();
    await this.preparation.ready();
    await settleDeferred();
    const rows = this.rowsOfBatch(this.rowsOf(Math.floor(number / this.length)), number % this.length);
    const [raw, targets, weights] = await this.raw(rows);
    // from here to the draws nobody else has a turn
    const x = scope(() => {
      this.draws.seek(number);
      return this.preparation.prepare(raw, this.draws);
    });
    if (x !== raw) raw.dispose();
    if (this.settings.saveToDir !== null) await savePictures(this.preparation.channelsLast(x), rows, this.settings);
    const y = this.data.y === 'input' ? x : targets;
    // what B is follows from what there is
    return (y ? (weights ? [x, y, weights] : [x, y]) : x) as B;
  }
}
