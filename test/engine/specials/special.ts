import type { Tensor } from '../../../src/index.ts';
import type { TensorData } from '../../../src/tensor/nested.ts';

/** The largest float of the backend in use, where it stands in an input or an expected value. */
export const LARGEST = Number.MAX_VALUE;

/** What a special stands for in the dtype that it runs in. */
export interface Floats {
  readonly dtype: 'float32' | 'float64';
  readonly largest: number;
}

export const float32: Floats = { dtype: 'float32', largest: 2 ** 128 - 2 ** 104 };
export const float64: Floats = { dtype: 'float64', largest: Number.MAX_VALUE };

/** What an operation gives for infinities, NaN, zeros and the ends of the number ranges. */
export interface Special {
  /** The operation of the registry that runs. */
  readonly op: string;
  /** The public function that is called. */
  readonly fn: string;
  readonly title: string;
  readonly inputs: readonly TensorData[];
  run(...inputs: Tensor[]): Tensor | Tensor[];
  /** The elements of all results, one after another. */
  expected(floats: Floats): readonly number[];
  /** How far a float32 may be off for element i, where it is neither infinite, NaN nor whole; Infinity where nothing is promised. */
  off?(i: number, exact: number): number;
}

type Expected = readonly number[] | ((floats: Floats) => readonly number[]);

/** A case in one line: `special('flip', 'flip', [[1, NaN]], (x) => w.flip(x), [NaN, 1])`. Numbers are floats, typed arrays what they hold. */
export function special<Inputs extends readonly TensorData[]>(
  op: string,
  fn: string,
  inputs: readonly [...Inputs],
  run: (...inputs: { [I in keyof Inputs]: Tensor }) => Tensor | Tensor[],
  expected: Expected,
  rest: Partial<Pick<Special, 'title' | 'off'>> = {},
): Special {
  return {
    op,
    fn,
    title: fn,
    inputs,
    run: (...tensors) => run(...(tensors as { [I in keyof Inputs]: Tensor })),
    expected: (floats) =>
      typeof expected === 'function' ? expected(floats) : expected.map((value) => sized(value, floats.largest)),
    ...rest,
  };
}

/** A value with `largest` in the place of LARGEST. */
export function sized(value: number, largest: number): number {
  return Math.abs(value) === LARGEST ? Math.sign(value) * largest : value;
}
