// Losses of margins, and of sets that overlap.
import { add, cast, div, equal, logicalOr, maximum, mul, square, sub, where } from '../ops/elementwise.ts';
import { max, mean, min, sum } from '../ops/reduce.ts';
import { number, oneOrMore, optional, whole } from '../tensor/readers.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { rowFunction } from './define.ts';
import { EPSILON } from './pairs.ts';

/** max(1 − t p, 0) with t of −1 and 1. Labels that are all 0 or 1 are taken for these. */
function margin(t: Tensor, p: Tensor): Tensor {
  const isBinary = equal(min(cast(logicalOr(equal(t, 0), equal(t, 1)), 'int32')), 1);
  return maximum(sub(1, mul(where(isBinary, sub(mul(t, 2), 1), t), p)), 0);
}

/** The mean over the last axis of max(1 − t p, 0); labels are −1 and 1, or 0 and 1. */
export const hinge = rowFunction('hinge', {}, (t, p) => mean(margin(t, p), -1));

/** The mean over the last axis of max(1 − t p, 0)²; labels are −1 and 1, or 0 and 1. */
export const squaredHinge = rowFunction('squaredHinge', {}, (t, p) => mean(square(margin(t, p)), -1));

/** max(1 + max((1 − t) p) − Σ t p, 0) over the last axis. */
export const categoricalHinge = rowFunction('categoricalHinge', {}, (t, p) =>
  maximum(add(sub(max(mul(sub(1, t), p), -1), sum(mul(t, p), -1)), 1), 0),
);

const axis = optional(oneOrMore('axes', whole(-Infinity)));

/** 1 − 2 Σ t p / (Σ t + Σ p) over the axes: all of them unless some are given, [1, 2, 3] for one value an image. */
export const dice = rowFunction('dice', { axis }, (t, p, { axis }) => {
  const over = (x: Tensor) => sum(x, axis);
  return sub(1, div(mul(over(mul(t, p)), 2), add(add(over(t), over(p)), EPSILON)));
});

/** 1 − Σ t p / (Σ t p + α Σ t (1 − p) + β Σ (1 − t) p) over the axes (Salehi et al. 2017); dice for α = β = ½. */
export const tversky = rowFunction(
  'tversky',
  { alpha: number(0.5), beta: number(0.5), axis },
  (t, p, { alpha, beta, axis }) => {
    const over = (x: Tensor) => sum(x, axis);
    const both = over(mul(t, p));
    const missed = mul(over(mul(t, sub(1, p))), alpha);
    const invented = mul(over(mul(sub(1, t), p)), beta);
    return sub(1, div(both, add(add(add(both, missed), invented), EPSILON)));
  },
);
