// From a value for each sample to the one number that is trained on.
import type { DType, Shape } from '../backend/backend.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { cast, div, equal, mul, where } from '../ops/elementwise.ts';
import { mean, sum } from '../ops/reduce.ts';
import { broadcastTo, reshape } from '../ops/shape.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** How values become one number, by Keras' names. */
export type Reduction = 'sum_over_batch_size' | 'mean_with_sample_weight' | 'sum' | 'none';

/** Which values count: known for those of a loss that ignores a class. As in Keras a mask belongs to the values it came with. */
const masks = new WeakMap<Tensor, Tensor>();

/** Marks the values that count (bool, of their shape). */
export function withMask(values: Tensor, mask: Tensor): Tensor {
  masks.set(values, mask);
  return values;
}

/** Which of the values count, or null when all do. */
export function maskOf(values: Tensor): Tensor | null {
  return masks.get(values) ?? null;
}

/**
 * The one number that is trained on, from values [n, ...] and weights [n] or [n, ...] (null: all 1): Σ v w over the number of values
 * (`sum_over_batch_size`), over Σ w (`mean_with_sample_weight`), or as it is (`sum`). Values that a class was ignored for do not
 * count. A mean of nothing is 0.
 */
export function reduceLoss(
  values: Tensor,
  weights: Tensor | null,
  reduction: Reduction = 'sum_over_batch_size',
): Tensor {
  if (reduction === 'none')
    throw new ValueError(
      "reduction 'none' leaves a value for each sample, and training needs one number: choose sum_over_batch_size, mean_with_sample_weight or sum",
    );
  const mask = maskOf(values);
  const factor = weights && fittingWeights(weights, values.shape, values.dtype);
  const weighted = factor ? mul(values, factor) : values;
  if (reduction === 'sum') return sum(weighted);
  const counts = mask && cast(mask, values.dtype);
  const byWeight = reduction === 'mean_with_sample_weight' ? factor : null;
  const divisor = byWeight && counts ? mul(counts, byWeight) : (byWeight ?? counts);
  return divisor ? quotient(sum(weighted), sum(broadcastTo(divisor, weighted.shape))) : mean(weighted);
}

/** Weights of samples, [n] or [n, ...], in a shape that multiplies values [n, ...]: aligned at the left, where samples are counted. */
export function fittingWeights(weights: Tensor, values: Shape, dtype: DType): Tensor {
  const ones = weights.shape.length - 1 - weights.shape.findLastIndex((length) => length !== 1);
  const given = weights.shape.slice(0, Math.max(Math.min(weights.rank, 1), weights.rank - ones));
  if (values.length > 0 && !sameShape(given, values.slice(0, given.length)))
    throw new ShapeError(
      `sample weights ${formatShape(weights.shape)} do not fit values ${formatShape(values)}: expected one for each sample`,
    );
  return reshape(cast(weights, dtype), values.length === 0 ? weights.shape : values.map((_, d) => given[d] ?? 1));
}

/** a / b, and 0 where b is 0: for the gradient too. */
export function quotient(a: Tensor, b: Tensor): Tensor {
  const nothing = equal(b, 0);
  return where(nothing, 0, div(a, where(nothing, 1, b)));
}
