import type { DType, Tensor } from '../../../src/index.ts';

/** Values of one input; a float unless a dtype is given. Every value is exact in float32. */
export interface Input {
  readonly shape: readonly number[];
  readonly dtype?: DType;
  /** `positive` keeps away from 0, `distinct` has no ties, `ties` has many, `classes` are whole numbers from 0 to 4. */
  readonly kind?: 'normal' | 'positive' | 'distinct' | 'ties' | 'classes';
}

/** One way to use an operation. The gradient check and the comparison of backends are made from it. */
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

/** Whether differences find its gradient: there is one, and no tie where the two sides differ. */
export function canBeChecked({ inputs }: Case): boolean {
  return inputs.some(isFloatInput) && inputs.every(({ kind }) => kind !== 'ties');
}
