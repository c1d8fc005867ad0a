import type { DType } from '../../src/index.ts';
import { type Tensor, tensor } from '../../src/index.ts';
import { permutation, threefry } from '../../src/tensor/random.ts';
import type { Input } from '../engine/cases.ts';

/** A number in [0, 1) that depends on its place alone: the same on every backend and in every run. */
function unit(stream: number, i: number): number {
  return threefry([stream, 99], [i, 0])[0] / 2 ** 32;
}

/** Values of an input; every one is exact in float32, so that all backends start from the same. */
export function valuesOf({ shape, kind = 'normal' }: Input, stream: number): number[] {
  const size = shape.reduce((product, length) => product * length, 1);
  if (kind === 'distinct') return distinct(size, stream);
  return Array.from({ length: size }, (_, i) => values[kind](unit(stream, i)));
}

/** No two alike, and none near another. */
function distinct(size: number, stream: number): number[] {
  return Array.from(permutation([stream, 98], size), (place) => (place - size / 2) / 8 + 1 / 16);
}

const values: Readonly<Record<Exclude<NonNullable<Input['kind']>, 'distinct'>, (u: number) => number>> = {
  // never a multiple of 1/2: functions have their kinks and steps there
  normal: (u) => Math.fround(Math.round((u * 4 - 2) * 64) / 64 + 1 / 128),
  positive: (u) => Math.fround(0.25 + Math.round(u * 128) / 64),
  ties: (u) => Math.floor(u * 3) - 1,
  classes: (u) => Math.floor(u * 5),
};

export function makeInputs(inputs: readonly Input[], float: DType): Tensor[] {
  return inputs.map((input, i) => tensor(valuesOf(input, i + 1), input.shape, input.dtype ?? float));
}
