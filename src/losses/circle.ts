import { ShapeError } from '../errors.ts';
import { eye } from '../ops/create.ts';
import { add, equal, greater, logicalAnd, logicalNot, maximum, mul, softplus, sub, where } from '../ops/elementwise.ts';
import { matmul } from '../ops/matmul.ts';
import { logSumExp } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { flag, number } from '../tensor/readers.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { rowFunction } from './define.ts';
import { withMask } from './reduction.ts';

/** In the place of −∞, whose gradient would be NaN in a row without any pair. */
const LOWEST = -1e30;

/**
 * Circle loss (Sun et al. 2020) of embeddings [n, d] of length 1 with integer classes [n] or [n, 1]: softplus(ln Σ exp(−γ [m + d]₊ (m − d)) over
 * the pairs of one class + ln Σ exp(γ [1 + m − d]₊ (1 − m − d)) over the others), d being 1 − cos. Rows without a pair are 0 and do not count in a mean.
 */
export const circle = rowFunction(
  'circle',
  { gamma: number(80), margin: number(0.4), removeDiagonal: flag(true) },
  (yTrue, yPred, { gamma, margin, removeDiagonal }) => {
    const n = yPred.shape[0] ?? 0;
    if (yPred.rank !== 2 || yTrue.size !== n)
      throw new ShapeError(
        `circle: expected embeddings [n, d] and one class for each, got yPred ${formatShape(yPred.shape)} and yTrue ${formatShape(yTrue.shape)}`,
      );
    const alike = equal(reshape(yTrue, [n, 1]), reshape(yTrue, [1, n]));
    const positive = removeDiagonal ? logicalAnd(alike, logicalNot(eye(n))) : alike;
    const distance = maximum(sub(1, matmul(yPred, yPred, { transposeB: true })), 0);
    const over = (pairs: Tensor, values: Tensor) => logSumExp(where(pairs, mul(values, gamma), LOWEST), 1);
    const near = mul(maximum(add(distance, margin), 0), sub(distance, margin));
    const far = mul(maximum(sub(1 + margin, distance), 0), sub(1 - margin, distance));
    const values = softplus(add(over(positive, near), over(logicalNot(alike), far)));
    return withMask(values, greater(values, 0));
  },
  { pairs: false },
);
