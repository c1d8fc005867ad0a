// Losses of rows: one value for all but the last axis.

import { floatDType } from '../engine/runtime.ts';
import { ShapeError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import { requireTensors } from '../tensor/options.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { abs, add, cast, mul, neg, softplus, square, sub } from './elementwise.ts';
import { mean } from './reduce.ts';

/**
 * The mean over the last axis of -labels ln σ(logits) - (1 - labels) ln(1 - σ(logits)), from logits: no logarithm of a
 * probability is ever taken. Both [..., c], giving [...]. An infinite logit of the right sign gives NaN (0 times infinity).
 */
export function sigmoidCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  requireRows('sigmoidCrossEntropy', { logits, labels });
  const [z, t] = [asFloat(logits), asFloat(labels)];
  // -ln σ(z) = softplus(-z) and -ln(1 - σ(z)) = softplus(z): exact in both tails, and smooth at 0
  return mean(add(mul(t, softplus(neg(z))), mul(sub(1, t), softplus(z))), -1);
}

/** The mean over the last axis of (yTrue - yPred)²: both [..., c], giving [...]. */
export function meanSquaredError(yTrue: Tensor, yPred: Tensor): Tensor {
  requireRows('meanSquaredError', { yTrue, yPred });
  return mean(square(difference(yTrue, yPred)), -1);
}

/** The mean over the last axis of |yTrue - yPred|: both [..., c], giving [...]. */
export function meanAbsoluteError(yTrue: Tensor, yPred: Tensor): Tensor {
  requireRows('meanAbsoluteError', { yTrue, yPred });
  return mean(abs(difference(yTrue, yPred)), -1);
}

const asFloat = (x: Tensor) => (isFloat(x.dtype) ? x : cast(x, floatDType()));

const difference = (a: Tensor, b: Tensor) => sub(asFloat(a), asFloat(b));

/** Refuses what has no rows, or not the same. */
function requireRows(op: string, named: Readonly<Record<string, Tensor>>): void {
  requireTensors(op, named);
  const [[nameA, a], [nameB, b]] = Object.entries(named) as [[string, Tensor], [string, Tensor]];
  if (!sameShape(a.shape, b.shape))
    throw new ShapeError(
      `${op}: ${nameA} ${formatShape(a.shape)} and ${nameB} ${formatShape(b.shape)} must have one shape`,
    );
  if (a.rank < 1 || a.shape.at(-1) === 0)
    throw new ShapeError(`${op}: ${nameA} ${formatShape(a.shape)} must have a last axis to take the mean over`);
}
