import { ValueError } from '../errors.ts';
import { abs, add, mul, square } from '../ops/elementwise.ts';
import { sum } from '../ops/reduce.ts';
import { entryNamed } from '../tensor/names.ts';
import { finiteNumber, refuseUnknown } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** A penalty on a weight: a scalar that is added to the loss. */
export type Regularizer = (weight: Tensor) => Tensor;

/** l1 · Σ|w| */
export function L1(options: { l1?: number } = {}): Regularizer {
  refuseUnknown('L1', options, ['l1']);
  const l1 = finiteNumber('L1', 'l1', options.l1 ?? 0.01, 0);
  return (w) => mul(sum(abs(w)), l1);
}

/** l2 · Σw², without the half that others put there. */
export function L2(options: { l2?: number } = {}): Regularizer {
  refuseUnknown('L2', options, ['l2']);
  const l2 = finiteNumber('L2', 'l2', options.l2 ?? 0.01, 0);
  return (w) => mul(sum(square(w)), l2);
}

/** Both. */
export function L1L2(options: { l1?: number; l2?: number } = {}): Regularizer {
  refuseUnknown('L1L2', options, ['l1', 'l2']);
  const [first, second] = [L1({ l1: options.l1 ?? 0 }), L2({ l2: options.l2 ?? 0 })];
  return (w) => add(first(w), second(w));
}

const byName: Readonly<Record<string, () => Regularizer>> = { l1: L1, l2: L2, l1_l2: L1L2, l1l2: L1L2 };

/** A regularizer by its Keras name, or as it is; null means none. */
export function resolveRegularizer(who: string, given: unknown): Regularizer | null {
  if (given === null || given === undefined) return null;
  if (typeof given === 'function') return given as Regularizer;
  const make = typeof given === 'string' ? entryNamed(byName, given.toLowerCase()) : null;
  if (make) return make();
  throw new ValueError(`${who}: unknown regularizer ${JSON.stringify(given)}; there are l1, l2, l1_l2`);
}
