// The mean and the sum of values as they are: of losses, in a training loop of one's own.
import { scope } from '../engine/scope.ts';
import { fittingWeights } from '../losses/reduction.ts';
import { tensor } from '../ops/create.ts';
import { mul } from '../ops/elementwise.ts';
import { sum } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import type { TensorData } from '../tensor/nested.ts';
import { readOptions, text } from '../tensor/readers.ts';
import { Tensor } from '../tensor/tensor.ts';
import { MeanMetric } from './meanMetric.ts';
import { RunningMetric } from './running.ts';

export interface ValuesMetric {
  readonly name: string;
  /** Counts one value or many, [n, ...], with a weight for each of the n. Nothing is read back. */
  updateState(values: Tensor | TensorData, sampleWeight?: Tensor | TensorData | null): void;
  /** The value over all that was counted since the last reset; 0 where nothing was. */
  result(): Promise<number>;
  resetState(): void;
}

class Total extends RunningMetric {
  readonly size = 1;

  update(_: Tensor, values: Tensor, weights: Tensor | null): Tensor {
    const weighted = weights ? mul(values, fittingWeights(weights, values.shape, values.dtype)) : values;
    return reshape(sum(weighted), [1]);
  }

  protected value(sums: ArrayLike<number>): number {
    return sums[0]!;
  }
}

function ofValues(metric: RunningMetric): ValuesMetric {
  return {
    name: metric.name,
    updateState(values, sampleWeight = null) {
      scope(() => {
        const given = values instanceof Tensor ? values : tensor(values);
        const rows = given.rank === 0 ? reshape(given, [1]) : given;
        metric.updateState(rows, rows, sampleWeight);
      });
    },
    result: () => metric.result(),
    resetState: () => metric.resetState(),
  };
}

/** Σ w v / Σ w of values. */
export function Mean(options: { readonly name?: string } = {}): ValuesMetric {
  const { name } = readOptions('Mean', { name: text('mean') }, options);
  return ofValues(new MeanMetric(name, null, (_, values) => values));
}

/** Σ w v of values. */
export function Sum(options: { readonly name?: string } = {}): ValuesMetric {
  const { name } = readOptions('Sum', { name: text('sum') }, options);
  return ofValues(new Total(name, null));
}
