import type { View } from '../backend/backend.ts';
import type { Variable } from '../engine/variable.ts';
import type { RandomKey } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** One batch inside a recorded step. */
export interface StepBatch {
  /** One for each input of the model. */
  readonly xs: readonly Tensor[];
  /** One for each output; none where there are no targets. */
  readonly ys: readonly Tensor[];
  /** One number for each sample, [rows]: a set for all outputs, or one for each; none where every sample counts once. */
  readonly weights: readonly Tensor[];
  readonly rows: number;
}

/** What is recorded once for each size of batch: a function of tensors alone. Its results lie in `Feed.outputs` after each step. */
export type BatchStep = (batch: StepBatch) => readonly Tensor[];

/**
 * Where the steps of a run take their random numbers from, so that step i draws the same ones whenever and in whatever program it runs: a
 * stream, and the number of the step.
 */
export interface Randomness {
  readonly key: RandomKey;
  readonly steps: Variable;
}

/** Steps on one batch after another, over the data again and again. */
export interface Feed {
  /** Steps of one pass; null as long as nobody knows. */
  readonly steps: number | null;
  /** Starts a pass. */
  begin(): void | Promise<void>;
  /** Takes up, in the place of the first `begin`, where so many passes and then so many steps had been done. */
  resume(passes: number, steps: number): void | Promise<void>;
  /** Runs the step on the next batch. The samples in it; 0 when there is no batch left. */
  next(): number | Promise<number>;
  /** What the last step gave: overwritten by the next. */
  readonly outputs: readonly View[];
}
