// What ways are compared on: small whole numbers. Every sum of their products is exact in float32, in whatever order it is
// taken, so a way is right when it gives the bits of the first one, and there is no tolerance to choose.

import { makeArray } from '../../../tensor/dtype.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { DType, TypedArray, View } from '../../backend.ts';

/** Numbers repeat after so many: a prime, so that they fall in step with no axis. */
const PERIOD = 8191;

/** Floats up to `span` either way; integers 0 or 1, which are places in any window of two cells. */
export function wholeNumbers({ shape, dtype }: View, seed: number, span: number): TypedArray {
  const values = makeArray(dtype, sizeOf(shape));
  const first = Math.min(PERIOD, values.length);
  let state = seed + 1;
  for (let i = 0; i < first; i++) {
    // Numerical Recipes' generator: its high bits are random enough
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const part = state / 2 ** 32;
    values[i] = dtype === 'float32' ? Math.floor(part * (2 * span + 1)) - span : Math.floor(2 * part);
  }
  for (let done = first; done < values.length; done *= 2) values.copyWithin(done, 0, done);
  return values;
}

/** How large the numbers may be for sums of so many products to stay below 2^24, where float32 stops counting. */
export function spanFor(terms: number): number {
  return 16 * terms < 2 ** 24 ? 4 : 1;
}

/** What outputs hold before: no sum of whole numbers gives it, so that what was not written shows. */
export function poison({ shape, dtype }: View): TypedArray {
  return makeArray(dtype, sizeOf(shape)).fill(poisonOf(dtype));
}

function poisonOf(dtype: DType): number {
  return dtype === 'float32' ? Number.NaN : dtype === 'int32' ? -(2 ** 31) : 255;
}

/** The first element that is poison or differs, or -1. 0 and -0 are the same. */
export function firstDifference(found: TypedArray, expected: TypedArray): number {
  for (let i = 0; i < expected.length; i++) if (!(found[i] === expected[i])) return i;
  return -1;
}
