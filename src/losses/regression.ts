// Losses of distances: the mean over the last axis of a function of t and p.

import { clip } from '../ops/activations.ts';
import {
  abs,
  add,
  div,
  less,
  log,
  log1p,
  maximum,
  mul,
  neg,
  rsqrt,
  softplus,
  square,
  sub,
  where,
} from '../ops/elementwise.ts';
import { mean, sum } from '../ops/reduce.ts';
import * as rows from '../ops/rowLosses.ts';
import { number, whole } from '../tensor/readers.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { rowFunction } from './define.ts';
import { EPSILON } from './pairs.ts';

/** The mean over the last axis of (t − p)². */
export const meanSquaredError = rowFunction('meanSquaredError', {}, rows.meanSquaredError);

/** The mean over the last axis of |t − p|. */
export const meanAbsoluteError = rowFunction('meanAbsoluteError', {}, rows.meanAbsoluteError);

/** 100 times the mean over the last axis of |t − p| / max(|t|, ε). */
export const meanAbsolutePercentageError = rowFunction('meanAbsolutePercentageError', {}, (t, p) =>
  mul(mean(div(abs(sub(t, p)), maximum(abs(t), EPSILON)), -1), 100),
);

/** The mean over the last axis of (ln(1 + t) − ln(1 + p))², both at least ε. */
export const meanSquaredLogarithmicError = rowFunction('meanSquaredLogarithmicError', {}, (t, p) =>
  rows.meanSquaredError(log1p(maximum(t, EPSILON)), log1p(maximum(p, EPSILON))),
);

/** The mean over the last axis of ½ e² up to |e| = δ and δ |e| − ½ δ² beyond, e = t − p. */
export const huber = rowFunction('huber', { delta: number(1, 0) }, (t, p, { delta }) => {
  const error = abs(sub(t, p));
  const far = sub(mul(error, delta), delta ** 2 / 2);
  return mean(where(less(error, delta), mul(square(error), 0.5), far), -1);
});

/** The mean over the last axis of ln cosh(p − t). */
export const logCosh = rowFunction('logCosh', {}, (t, p) => {
  const error = abs(sub(p, t));
  return mean(sub(add(error, softplus(mul(error, -2))), Math.LN2), -1);
});

/** −t·p / (|t| |p|) along an axis: −1 where both point the same way, 0 of a zero vector. */
export const cosineSimilarity = rowFunction('cosineSimilarity', { axis: whole(-Infinity, -1) }, (t, p, { axis }) =>
  neg(sum(mul(unit(t, axis), unit(p, axis)), axis)),
);

const unit = (x: Tensor, axis: number) => mul(x, rsqrt(maximum(sum(square(x), axis, true), EPSILON ** 2)));

/** Σ t ln(t / p) over the last axis, both clipped to [ε, 1]. */
export const klDivergence = rowFunction('klDivergence', {}, (yTrue, yPred) => {
  const [t, p] = [clip(yTrue, EPSILON, 1), clip(yPred, EPSILON, 1)];
  return sum(mul(t, log(div(t, p))), -1);
});

/** The mean over the last axis of p − t ln(p + ε). */
export const poisson = rowFunction('poisson', {}, (t, p) => mean(sub(p, mul(t, log(add(p, EPSILON)))), -1));
