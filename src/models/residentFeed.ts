import type { Spec, View } from '../backend/backend.ts';
import { type Executable, prepare } from '../compile/replay.ts';
import { trace } from '../compile/trace.ts';
import type { Program } from '../engine/program.ts';
import { withStream } from '../engine/seed.ts';
import { increment } from '../engine/variable.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Batches } from './batches.ts';
import { all, type Cleanup } from './cleanup.ts';
import type { BatchStep, Feed, Randomness } from './feed.ts';
import type { FeedOptions } from './feeds.ts';
import type { ResidentSource } from './source.ts';

/** Steps on samples that lie on the backend: recorded for whole batches and for the last, smaller one, so that neither waits for the other's shaders. */
export class ResidentFeed implements Feed {
  readonly steps: number;
  outputs: readonly View[] = [];
  private readonly source: ResidentSource;
  private readonly batches: Batches;
  private readonly whole: Executable;
  private readonly last: Executable;
  private readonly goesOn: boolean;
  /** Batches taken of the current order, and in the current pass. */
  private taken: number;
  private done = 0;

  private constructor(
    source: ResidentSource,
    batches: Batches,
    [whole, last]: readonly [Executable, Executable],
    stepsPerPass: number | null,
  ) {
    this.source = source;
    this.batches = batches;
    this.whole = whole;
    this.last = last;
    this.goesOn = stepsPerPass !== null;
    this.steps = stepsPerPass ?? batches.steps;
    this.taken = batches.steps;
  }

  /** What is prepared belongs to `owned`. */
  static async record(
    owned: Cleanup,
    source: ResidentSource,
    step: BatchStep,
    { stepsPerPass = null, randomness = null }: FeedOptions = {},
  ): Promise<ResidentFeed> {
    const { sampleWeight, count, batchSize } = source;
    const [x, y] = [listOf(source.x), listOf(source.y)];
    const batches = owned.hold(new Batches([...x, ...y, ...listOf(sampleWeight)], count, batchSize));
    const onRows = (rows: number) => {
      const gathered = batches.gather(rows);
      const xs = gathered.splice(0, x.length);
      const ys = gathered.splice(0, y.length);
      return step({ xs: xs.map((one) => source.prepare?.(one) ?? one), ys, weights: gathered, rows });
    };
    return new ResidentFeed(source, batches, await recordBatches(owned, batches, onRows, randomness), stepsPerPass);
  }

  begin(): void {
    this.done = 0;
    if (!this.goesOn) this.rewind(0);
  }

  resume(passes: number, step: number): void {
    const batches = passes * this.steps + step;
    const ofOrder = batches % this.batches.steps;
    this.source.skip?.((batches - ofOrder) / this.batches.steps, batches);
    this.rewind(ofOrder);
    this.done = step;
  }

  next(): number {
    if (this.done === this.steps) return 0;
    if (this.taken === this.batches.steps) this.rewind(0);
    this.done++;
    this.taken++;
    const isLast = this.taken === this.batches.steps;
    const executable = isLast ? this.last : this.whole;
    executable.run();
    this.outputs = executable.outputs;
    return isLast ? this.batches.lastSize : this.batches.batchSize;
  }

  private rewind(step: number): void {
    this.taken = step;
    this.batches.rewind(this.source.nextOrder(), step);
  }
}

/** The sets of a source. */
export function listOf(sets: Tensor | readonly Tensor[] | null): readonly Tensor[] {
  if (sets === null) return [];
  return sets instanceof Tensor ? [sets] : sets;
}

/**
 * `step` recorded for whole batches and for the last one, which may be smaller: two executables, or the same one twice.
 * Each run moves the cursor of `batches` on.
 */
export async function recordBatches(
  owned: Cleanup,
  batches: Batches,
  step: (rows: number) => readonly Tensor[],
  randomness: Randomness | null = null,
): Promise<[whole: Executable, last: Executable]> {
  const record = async (rows: number) => {
    const onBatch = () => {
      const results = step(rows);
      increment(batches.position);
      return results;
    };
    return owned.hold(await prepare(traceStep(onBatch, [], randomness)));
  };
  const first = Math.min(batches.batchSize, batches.count);
  if (batches.lastSize === first) {
    const only = await record(first);
    return [only, only];
  }
  return all([record(first), record(batches.lastSize)]);
}

/** A step as a program that draws what `randomness` says; without it, from a stream of its own. */
export function traceStep(
  step: (...inputs: Tensor[]) => readonly Tensor[],
  inputs: readonly Spec[],
  randomness: Randomness | null,
): Program {
  if (!randomness) return trace(step, inputs);
  return withStream(randomness.key, () => trace(step, inputs, randomness.steps));
}
