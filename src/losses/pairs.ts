// Targets and predictions that belong together.
import { DTypeError, ShapeError } from '../errors.ts';
import { cast } from '../ops/elementwise.ts';
import { reshape } from '../ops/shape.ts';
import { isFloat } from '../tensor/dtype.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** What Keras keeps probabilities away from 0 and 1 by, and divisors from 0. */
export const EPSILON = 1e-7;

/**
 * yTrue in the dtype and shape of yPred: where ranks differ by a trailing 1 it is added or taken, so that (B,) and (B, 1) never broadcast
 * to (B, B).
 */
export function paired(who: string, yTrue: Tensor, yPred: Tensor, expected = 'values of the same shape'): Tensor {
  if (!isFloat(yPred.dtype)) throw new DTypeError(`${who}: yPred must be a float tensor, got ${yPred.dtype}`);
  const t = cast(yTrue, yPred.dtype);
  if (sameShape(t.shape, yPred.shape)) return t;
  const [short, long] = t.rank < yPred.rank ? [t.shape, yPred.shape] : [yPred.shape, t.shape];
  if (sameShape([...short, 1], long)) return reshape(t, yPred.shape);
  throw new ShapeError(
    `${who}: yTrue ${formatShape(yTrue.shape)} does not fit yPred ${formatShape(yPred.shape)}: expected ${expected}`,
  );
}

/** Integer classes, int32, one for each row of yPred along axis d: yTrue has the shape of yPred without it, or with 1 in its place. */
export function classesOf(who: string, yTrue: Tensor, yPred: Tensor, d = yPred.rank - 1): Tensor {
  const rows = yPred.shape.filter((_, i) => i !== d);
  if (!sameShape(withoutOnes(yTrue.shape), withoutOnes(rows)))
    throw new ShapeError(
      `${who}: yTrue ${formatShape(yTrue.shape)} must hold one class for each of the rows ${formatShape(rows)} of yPred`,
    );
  return cast(reshape(yTrue, rows), 'int32');
}

const withoutOnes = (shape: readonly number[]) => shape.filter((length) => length !== 1);
