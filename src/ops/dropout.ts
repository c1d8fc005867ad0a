import { requireFloat } from '../tensor/dtype.ts';
import { fraction, refuseUnknown, requireTensors } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { randomUniform } from './create.ts';
import { greaterEqual, mul, where } from './elementwise.ts';

/**
 * x with each element kept with probability 1 - rate and multiplied by 1 / (1 - rate), else 0, whatever it was. The same seed drops the same
 * elements on every backend; without one every call draws anew. The gradient passes where the element was kept.
 */
export function dropout(x: Tensor, rate: number, options: { readonly seed?: number } = {}): Tensor {
  refuseUnknown('dropout', options, ['seed']);
  return dropWith('dropout', x, rate, () => randomUniform(x.shape, 0, 1, options));
}

/** The same by numbers from elsewhere, uniform in [0, 1), whose shape broadcasts to that of x. */
export function dropWith(op: string, x: Tensor, rate: number, draw: () => Tensor): Tensor {
  requireTensors(op, { x });
  requireFloat(op, x.dtype);
  fraction(op, 'rate', rate);
  if (rate === 0) return x;
  // where all are dropped any factor will do, but for one that makes NaN of a gradient of 0
  return where(greaterEqual(draw(), rate), mul(x, rate === 1 ? 0 : 1 / (1 - rate)), 0);
}
