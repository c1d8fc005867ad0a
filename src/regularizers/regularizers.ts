import { ValueError } from '../errors.ts';
import { abs, add, mul, square } from '../ops/elementwise.ts';
import { sum } from '../ops/reduce.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** A penalty on a weight: a scalar that is added to the loss. */
export type Regularizer = (weight: Tensor) => Tensor;

/** l1 · Σ|w| */
export const L1 =
  ({ l1 = 0.01 }: { l1?: number } = {}): Regularizer =>
  (w) =>
    mul(sum(abs(w)), factor('L1', l1));
/** l2 · Σw², without the half that others put there. */
export const L2 =
  ({ l2 = 0.01 }: { l2?: number } = {}): Regularizer =>
  (w) =>
    mul(sum(square(w)), factor('L2', l2));
export const L1L2 =
  ({ l1 = 0, l2 = 0 }: { l1?: number; l2?: number } = {}): Regularizer =>
  (w) =>
    add(L1({ l1 })(w), L2({ l2 })(w));

function factor(who: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new ValueError(`regularizer ${who}: the factor must be a number of at least 0, got ${value}`);
}

const byName: Readonly<Record<string, () => Regularizer>> = { l1: L1, l2: L2, l1_l2: L1L2 };

/** A regularizer by its Keras name, or as it is; null means none. */
export function resolveRegularizer(who: string, given: string | Regularizer | null | undefined): Regularizer | null {
  if (given === null || given === undefined) return null;
  if (typeof given === 'function') return given;
  const make = byName[given.toLowerCase()];
  if (make) return make();
  throw new ValueError(
    `${who}: unknown regularizer ${JSON.stringify(given)}; there are ${Object.keys(byName).join(', ')}`,
  );
}
