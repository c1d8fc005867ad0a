// What a weight is brought back to after each update.
import { clip } from '../ops/activations.ts';
import { add, div, mul, relu, sqrt, square } from '../ops/elementwise.ts';
import { sum } from '../ops/reduce.ts';
import { type Described, described, resolveDescribed } from '../tensor/described.ts';
import { finiteNumber, fraction, numberOr, refuseUnknown, wholeNumber } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** The weight that is allowed in the place of a weight, of the same shape. */
export type Constraint = ((weight: Tensor) => Tensor) & Partial<Described>;

export interface AxisOptions {
  /** The axes along which the length of a vector is taken; default 0, the inputs of a Dense kernel. [0, 1, 2] for a convolution's. */
  readonly axis?: number | readonly number[];
}

/** What Keras adds to a length before it divides by it. */
const EPSILON = 1e-7;

/** Vectors longer than maxValue (default 2) are cut to it. It may stand alone: `MaxNorm(3)`. */
export function MaxNorm(given: number | (AxisOptions & { readonly maxValue?: number }) = {}): Constraint {
  const options: AxisOptions & { readonly maxValue?: number } = numberOr('maxValue', given);
  refuseUnknown('MaxNorm', options, ['maxValue', 'axis']);
  const maxValue = finiteNumber('MaxNorm', 'maxValue', options.maxValue ?? 2, 0);
  const axis = axisOf('MaxNorm', options);
  return described(
    (w: Tensor) => {
      const length = lengthOf(w, axis);
      return mul(w, div(clip(length, 0, maxValue), add(length, EPSILON)));
    },
    'constraints',
    'MaxNorm',
    { max_value: maxValue, axis },
  );
}

interface MinMaxNormOptions extends AxisOptions {
  /** Default 0. */
  readonly minValue?: number;
  /** Default 1. */
  readonly maxValue?: number;
  /** How much of the way is gone at each update: 1 (default) is all of it. */
  readonly rate?: number;
}

/** Vectors are brought to lengths from minValue to maxValue. */
export function MinMaxNorm(options: MinMaxNormOptions = {}): Constraint {
  const who = 'MinMaxNorm';
  refuseUnknown(who, options, ['minValue', 'maxValue', 'rate', 'axis']);
  const minValue = finiteNumber(who, 'minValue', options.minValue ?? 0, 0);
  const maxValue = finiteNumber(who, 'maxValue', options.maxValue ?? 1, minValue);
  const rate = fraction(who, 'rate', options.rate ?? 1);
  const axis = axisOf(who, options);
  return described(
    (w: Tensor) => {
      const length = lengthOf(w, axis);
      const wanted = add(mul(clip(length, minValue, maxValue), rate), mul(length, 1 - rate));
      return mul(w, div(wanted, add(length, EPSILON)));
    },
    'constraints',
    who,
    { min_value: minValue, max_value: maxValue, rate, axis },
  );
}

/** Negative weights become 0. */
export function NonNeg(options: object = {}): Constraint {
  refuseUnknown('NonNeg', options, []);
  return described((w: Tensor) => relu(w), 'constraints', 'NonNeg');
}

/** Vectors are brought to the length 1. */
export function UnitNorm(options: AxisOptions = {}): Constraint {
  refuseUnknown('UnitNorm', options, ['axis']);
  const axis = axisOf('UnitNorm', options);
  return described((w: Tensor) => div(w, add(lengthOf(w, axis), EPSILON)), 'constraints', 'UnitNorm', { axis });
}

function lengthOf(w: Tensor, axis: number | readonly number[]): Tensor {
  return sqrt(sum(square(w), axis, true));
}

function axisOf(who: string, { axis = 0 }: AxisOptions): number | readonly number[] {
  if (!Array.isArray(axis)) return wholeNumber(who, 'axis', axis, -Infinity);
  return axis.map((one: unknown) => wholeNumber(who, 'each axis', one, -Infinity));
}

const byName: Readonly<Record<string, (options: object) => Constraint>> = {
  max_norm: MaxNorm,
  min_max_norm: MinMaxNorm,
  non_neg: NonNeg,
  unit_norm: UnitNorm,
};

/** A constraint by its Keras name (or camelCase), from its configuration, or as it is; null means none. */
export function resolveConstraint(who: string, given: unknown): Constraint | null {
  return given === null || given === undefined ? null : resolveDescribed(who, 'constraint', byName, given);
}
