import { floatDType } from '../engine/runtime.ts';
import { scope } from '../engine/scope.ts';
import { ValueError } from '../errors.ts';
import { tensor } from '../ops/create.ts';
import { abs, cast, div, equal, pow, sqrt, square, where } from '../ops/elementwise.ts';
import { max, sum } from '../ops/reduce.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { TensorData } from '../tensor/nested.ts';
import { kindOf, requireTensors } from '../tensor/options.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';

/**
 * x divided by its norms along one axis, in floats: (Σ |x|^order)^(1/order), for order Infinity the largest |x|. A vector of
 * zeros stays one.
 */
export function normalize(x: Tensor | TensorData, axis = -1, order = 2): Tensor {
  if (typeof order !== 'number' || !(order > 0))
    throw new ValueError(`normalize: order must be a number above 0, got ${kindOf(order)}`);
  return scope(() => {
    const given = x instanceof Tensor ? x : tensor(x);
    requireTensors('normalize', { x: given });
    const values = isFloat(given.dtype) ? given : cast(given, floatDType());
    const norms = normsOf(values, normalizeAxis('normalize', axis, given.rank), order);
    return div(values, where(equal(norms, 0), 1, norms));
  });
}

function normsOf(x: Tensor, axis: number, order: number): Tensor {
  if (order === Infinity) return max(abs(x), axis, true);
  if (order === 1) return sum(abs(x), axis, true);
  if (order === 2) return sqrt(sum(square(x), axis, true));
  return pow(sum(pow(abs(x), order), axis, true), 1 / order);
}
