import type { Logs } from '../callbacks/callback.ts';
import { currentBackend, floatDType } from '../engine/runtime.ts';
import { assignAdd, makeVariable, type Variable } from '../engine/variable.ts';
import { mul } from '../ops/elementwise.ts';
import { reshape } from '../ops/shape.ts';
import { FlatVariables } from '../optimizers/flatVariables.ts';
import { makeArray } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * Loss and metrics as running sums in one small tensor, so that a step reads nothing back and one read finds them all.
 * What is reported is each sum over the samples seen: a smaller last batch weighs less, as in Keras.
 */
export class Tally {
  readonly names: readonly string[];
  private readonly sums: readonly Variable[];
  private readonly flat: FlatVariables;

  constructor(names: readonly string[]) {
    this.names = names;
    this.sums = names.map((name) =>
      makeVariable(makeArray(floatDType(), 1), [1], floatDType(), { name, trainable: false }),
    );
    this.flat = new FlatVariables(this.sums);
  }

  /** Adds the means of a batch of `rows` samples, in the order of the names. Part of a recorded step. */
  add(means: readonly Tensor[], rows: number): void {
    means.forEach((value, i) => {
      assignAdd(this.sums[i]!, reshape(mul(value, rows), [1]));
    });
  }

  /** The means over `samples` samples. */
  async read(samples: number): Promise<Logs> {
    const data = await this.flat.values.data();
    const unit = data.length / this.names.length;
    return Object.fromEntries(this.names.map((name, i) => [name, samples === 0 ? 0 : data[i * unit]! / samples]));
  }

  reset(): void {
    currentBackend().write(this.flat.values.locate(), makeArray(floatDType(), this.flat.values.size));
  }

  dispose(): void {
    for (const sum of this.sums) sum.dispose();
    this.flat.values.dispose();
  }
}
