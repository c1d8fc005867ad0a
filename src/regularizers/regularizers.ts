import { abs, add, mul, square } from '../ops/elementwise.ts';
import { sum } from '../ops/reduce.ts';
import { type Described, described, resolveDescribed } from '../tensor/described.ts';
import { finiteNumber, numberOr, refuseUnknown } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** A penalty on a weight or on what a layer gives: a scalar that is added to the loss. */
export type Regularizer = ((weight: Tensor) => Tensor) & Partial<Described>;

/** l1 · Σ|w|. The factor may stand alone: `L1(0.01)`. */
export function L1(given: number | { l1?: number } = {}): Regularizer {
  const { l1 } = factors('L1', numberOr('l1', given), { l1: 0.01 });
  return known('L1', { l1 }, (w) => mul(sum(abs(w)), l1));
}

/** l2 · Σw², without the half that others put there. The factor may stand alone: `L2(0.01)`. */
export function L2(given: number | { l2?: number } = {}): Regularizer {
  const { l2 } = factors('L2', numberOr('l2', given), { l2: 0.01 });
  return known('L2', { l2 }, (w) => mul(sum(square(w)), l2));
}

/** Both, each 0 unless it is given. */
export function L1L2(options: { l1?: number; l2?: number } = {}): Regularizer {
  const { l1, l2 } = factors('L1L2', options, { l1: 0, l2: 0 });
  return known('L1L2', { l1, l2 }, (w) => add(L1(l1)(w), L2(l2)(w)));
}

export { L1 as l1, L1L2 as l1l2, L2 as l2 };

const known = (className: string, config: Record<string, number>, penalty: Regularizer) =>
  described(penalty, 'regularizers', className, config);

function factors<D extends Readonly<Record<string, number>>>(who: string, options: object, defaults: D): D {
  refuseUnknown(who, options, Object.keys(defaults));
  const given: Readonly<Record<string, unknown>> = { ...options };
  const checked = Object.entries(defaults).map(([name, value]) => [
    name,
    finiteNumber(who, name, given[name] ?? value, 0),
  ]);
  return Object.fromEntries(checked);
}

// biome-ignore format: a table
const byName: Readonly<Record<string, (options: object) => Regularizer>> = { l1: L1, l2: L2, l1_l2: L1L2, l1l2: L1L2 };

/** A regularizer by its Keras name, from its configuration, or as it is; null means none. */
export function resolveRegularizer(who: string, given: unknown): Regularizer | null {
  return given === null || given === undefined ? null : resolveDescribed(who, 'regularizer', byName, given);
}
