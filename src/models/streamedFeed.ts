import type { View } from '../backend/backend.ts';
import { type Recording, Recordings } from '../compile/recordings.ts';
import { prepare } from '../compile/replay.ts';
import { defer } from '../engine/deferred.ts';
import { currentBackend } from '../engine/runtime.ts';
import { ValueError } from '../errors.ts';
import { kindOf } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Cleanup } from './cleanup.ts';
import type { BatchStep, Feed, Randomness } from './feed.ts';
import type { FeedOptions } from './feeds.ts';
import { traceStep } from './residentFeed.ts';
import type { Batch, StreamedSource } from './source.ts';

/** A batch as tensors. */
export interface BatchTensors {
  readonly xs: readonly Tensor[];
  readonly ys: readonly Tensor[];
  readonly weights: readonly Tensor[];
}

/** What turns a batch into tensors that fit the model; those that it makes belong to `owned`. */
export type BatchReader = (owned: Cleanup, batch: Batch) => BatchTensors | Promise<BatchTensors>;

/** Steps on batches that come one by one: recorded once for each shape, the next batch being fetched while the device works. */
export class StreamedFeed implements Feed {
  steps: number | null;
  outputs: readonly View[] = [];
  private readonly skip: StreamedSource['skip'];
  private readonly stream: Stream;
  private readonly prepareBatch: (x: Tensor) => Tensor;
  private readonly read: BatchReader;
  private readonly step: BatchStep;
  private readonly randomness: Randomness | null;
  private readonly recorded = new Recordings<Recording>();
  private done = 0;

  /** With `stepsPerPass`, passes are of that length and take up where the one before ended. */
  constructor(
    source: StreamedSource,
    read: BatchReader,
    step: BatchStep,
    { stepsPerPass = null, randomness = null }: FeedOptions = {},
  ) {
    this.skip = source.skip?.bind(source);
    this.stream = new Stream(source, stepsPerPass !== null);
    this.steps = stepsPerPass ?? source.steps;
    this.prepareBatch = (x) => source.prepare?.(x) ?? x;
    this.read = read;
    this.step = step;
    this.randomness = randomness;
  }

  async begin(): Promise<void> {
    this.done = 0;
    await this.stream.begin();
  }

  async resume(passes: number, steps: number): Promise<void> {
    const before = passes * (this.steps ?? 0);
    const { startsOver } = this.stream;
    this.skip?.(startsOver ? passes : 0, before + steps);
    await this.stream.begin();
    // what cannot start over, or goes on from pass to pass, is read once more up to there
    const unread = steps + (startsOver ? 0 : before);
    for (let i = 0; i < unread; i++) await this.stream.take();
    this.done = steps;
  }

  async next(): Promise<number> {
    if (this.steps !== null && this.done >= this.steps) return 0;
    const batch = await this.stream.take();
    if (!batch) {
      // the end told how long a pass is
      this.steps ??= this.done;
      return 0;
    }
    const owned = new Cleanup();
    try {
      const tensors = await this.read(owned, batch);
      const given = present(tensors);
      const key = `${tensors.ys.length} ${given.map(({ dtype, shape }) => dtype + formatShape(shape)).join(' ')}`;
      await this.recorded.use(
        key,
        () => this.record(tensors),
        ({ executable }) => {
          executable.inputs.forEach((input, i) => {
            const attrs = { shape: input.shape };
            currentBackend().run({ kernel: 'copy', inputs: [given[i]!.locate()], outputs: [input], attrs });
          });
          executable.run();
          this.outputs = executable.outputs;
        },
      );
      this.done++;
      // the device has its work: now there is time
      if (this.done !== this.steps) this.stream.fetch();
      return tensors.xs[0]!.shape[0]!;
    } finally {
      owned.dispose();
    }
  }

  dispose(): void {
    this.recorded.dispose();
    this.stream.close();
  }

  private async record(tensors: BatchTensors): Promise<Recording> {
    const onTensors = (...all: Tensor[]) => {
      const xs = all.splice(0, tensors.xs.length);
      const ys = all.splice(0, tensors.ys.length);
      const rows = xs[0]!.shape[0]!;
      return this.step({ xs: xs.map(this.prepareBatch), ys, weights: all, rows });
    };
    return { executable: await prepare(traceStep(onTensors, present(tensors), this.randomness)) };
  }
}

function present({ xs, ys, weights }: BatchTensors): Tensor[] {
  return [...xs, ...ys, ...weights];
}

/** The batches of a source in their order, one of them fetched ahead if asked. */
class Stream {
  private readonly source: StreamedSource;
  private readonly goesOn: boolean;
  private iterator: AsyncIterator<Batch> | Iterator<Batch> | null = null;
  private ahead: Promise<IteratorResult<Batch>> | null = null;

  constructor(source: StreamedSource, goesOn: boolean) {
    this.source = source;
    this.goesOn = goesOn;
  }

  /** Whether each pass begins with the first batch. */
  get startsOver(): boolean {
    return this.source.restarts && !this.goesOn;
  }

  async begin(): Promise<void> {
    if (this.iterator && !this.startsOver) return;
    await this.ahead;
    this.close();
    this.iterator = this.source.open();
  }

  fetch(): void {
    // an iterator may throw at once or later: both are the failure of the fetch
    this.ahead ??= (async () => this.iterator!.next())();
    // it is seen when the batch is taken
    this.ahead.catch(() => {});
  }

  /** The next batch; null when there is none. */
  async take(): Promise<Batch | null> {
    this.fetch();
    const { done, value } = await this.ahead!;
    if (done) return null;
    this.ahead = null;
    if (Array.isArray(value) && value.length >= 1 && value.length <= 3) return value;
    const got = Array.isArray(value) ? `a list of ${value.length}` : kindOf(value);
    throw new ValueError(`a batch must be [x], [x, y] or [x, y, sampleWeight], got ${got}`);
  }

  close(): void {
    const { iterator } = this;
    this.iterator = null;
    this.ahead = null;
    // whoever makes batches may hold files open; what goes wrong there the next call that can wait says
    defer(
      (async () => {
        await iterator?.return?.();
        return null;
      })(),
    );
  }
}
