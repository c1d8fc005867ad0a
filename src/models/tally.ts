import type { TypedArray } from '../backend/backend.ts';
import type { Logs } from '../callbacks/callback.ts';
import { currentBackend, floatDType } from '../engine/runtime.ts';
import { assignAdd, makeVariable, type Variable } from '../engine/variable.ts';
import type { PartialShape } from '../layers/layer.ts';
import { mul } from '../ops/elementwise.ts';
import { reshape } from '../ops/shape.ts';
import { FlatLayout } from '../optimizers/flatLayout.ts';
import { makeArray } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { StepResult } from './step.ts';
import type { Tracker } from './tracker.ts';

/**
 * Loss and metrics as running sums in one small tensor, so that a step reads nothing back and one read finds them all.
 * The loss reported is the mean over the samples seen: a smaller last batch weighs less, as in Keras.
 */
export class Tally {
  private readonly trackers: readonly Tracker[];
  private readonly sums: readonly Variable[];
  /** All of them, in one flat tensor, and where each begins. */
  private readonly flat: Tensor;
  private readonly offsets: readonly number[];

  /** `outputs` are the shapes of what the model gives for a batch: a metric may keep sums for each class. */
  constructor(trackers: readonly Tracker[], outputs: readonly (PartialShape | null)[]) {
    for (const tracker of trackers) tracker.build(outputs);
    this.trackers = trackers;
    this.sums = [{ name: 'loss', size: 1 }, ...trackers].map(({ name, size }) =>
      makeVariable(makeArray(floatDType(), size), [size], floatDType(), { name, trainable: false }),
    );
    const layout = new FlatLayout(this.sums);
    this.flat = layout.move();
    this.offsets = layout.parts().offsets;
  }

  /** Adds what a batch of `rows` samples gave. Part of a recorded step. */
  add({ loss, sums }: StepResult, rows: number): void {
    [reshape(mul(loss, rows), [1]), ...sums].forEach((value, i) => {
      assignAdd(this.sums[i]!, value);
    });
  }

  /** Loss and metrics over `samples` samples, in the order of compile. */
  async read(samples: number): Promise<Logs> {
    const data = await this.flat.data();
    const logs: Logs = { loss: samples === 0 ? 0 : data[0]! / samples };
    this.trackers.forEach((tracker, i) => {
      const start = this.offsets[i + 1]!;
      logs[tracker.name] = tracker.result(data.subarray(start, start + tracker.size), samples);
    });
    return logs;
  }

  /** What the sums are of. */
  get names(): readonly string[] {
    return ['loss', ...this.trackers.map(({ name }) => name)];
  }

  /** The sums as they are, and back: for a run that is interrupted. */
  save(): Promise<TypedArray> {
    return this.flat.data();
  }

  restore(sums: TypedArray): void {
    currentBackend().write(this.flat.locate(), sums);
  }

  reset(): void {
    currentBackend().write(this.flat.locate(), makeArray(floatDType(), this.flat.size));
  }

  dispose(): void {
    for (const sum of this.sums) sum.dispose();
    this.flat.dispose();
  }
}
