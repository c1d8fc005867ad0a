import { opNamed } from '../../../src/engine/op.ts';
import type { DType, Tensor } from '../../../src/index.ts';

/** Values of one input; a float unless a dtype is given. Every value is exact in float32. */
export interface Input {
  readonly shape: readonly number[];
  readonly dtype?: DType;
  /** `positive` keeps away from 0, `distinct` has no ties, `ties` has many, `classes` are whole numbers from 0 to 4. */
  readonly kind?: 'normal' | 'positive' | 'distinct' | 'ties' | 'classes';
}

/** One way to use an operation. The gradient checks and the comparisons of backends are made from it. */
export interface Case {
  /** The operation of the registry that this case exercises. */
  readonly op: string;
  /** The public function that it calls, where that has another name. */
  readonly fn?: string;
  readonly title: string;
  readonly inputs: readonly Input[];
  /** Results to compare; the first is differentiated. */
  run(...inputs: Tensor[]): Tensor | Tensor[];
}

export function of(op: string, rest: Omit<Case, 'op' | 'title'> & { title?: string }): Case {
  return { op, title: op, ...rest };
}

export const x = (...shape: number[]): Input => ({ shape });
export const positive = (...shape: number[]): Input => ({ shape, kind: 'positive' });
export const distinct = (...shape: number[]): Input => ({ shape, kind: 'distinct' });
export const ties = (...shape: number[]): Input => ({ shape, kind: 'ties' });
export const classes = (...shape: number[]): Input => ({ shape, dtype: 'int32', kind: 'classes' });
export const bytes = (...shape: number[]): Input => ({ shape, dtype: 'uint8', kind: 'classes' });

export const isFloatInput = ({ dtype }: Input) => dtype === undefined;

/** Whether its operation has a gradient. */
export const isDifferentiable = ({ op }: Case) => typeof opNamed(op).gradient === 'function';

/** Whether differences find its gradient: there is one, and no tie where the two sides differ. */
export function canBeChecked(one: Case): boolean {
  return isDifferentiable(one) && one.inputs.some(isFloatInput) && one.inputs.every(({ kind }) => kind !== 'ties');
}

/** Differences of every element take the square of the size: the smaller cases say the same. */
const MOST_ELEMENTS = 300;

/** Whether differences find the gradient of its gradient, in a time worth waiting for. */
export function canBeCheckedTwice(one: Case): boolean {
  const sizes = one.inputs.map(({ shape }) => shape.reduce((product, length) => product * length, 1));
  return canBeChecked(one) && sizes.reduce((sum, size) => sum + size, 0) <= MOST_ELEMENTS;
}
