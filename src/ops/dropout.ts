import { ValueError } from '../errors.ts';
import { requireFloat } from '../tensor/dtype.ts';
import { kindOf, refuseUnknown, requireTensors } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { randomUniform } from './create.ts';
import { greaterEqual, mul, where } from './elementwise.ts';

/**
 * x with each element kept with probability 1 - rate and multiplied by 1 / (1 - rate), else 0, whatever it was. The same seed drops the same
 * elements on every backend; without one every call draws anew. The gradient passes where the element was kept.
 */
export function dropout(x: Tensor, rate: number, options: { readonly seed?: number } = {}): Tensor {
  requireTensors('dropout', { x });
  requireFloat('dropout', x.dtype);
  if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1))
    throw new ValueError(
      `dropout: rate must be a number from 0 to 1, got ${typeof rate === 'number' ? rate : kindOf(rate)}`,
    );
  refuseUnknown('dropout', options, ['seed']);
  if (rate === 0) return x;
  const kept = greaterEqual(randomUniform(x.shape, 0, 1, options), rate);
  // where all are dropped any factor will do, but for one that makes NaN of a gradient of 0
  return where(kept, mul(x, rate === 1 ? 0 : 1 / (1 - rate)), 0);
}
