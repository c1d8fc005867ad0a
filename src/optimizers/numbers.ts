import type { TypedArray } from '../backend/backend.ts';
import { floatDType } from '../engine/runtime.ts';
import { makeVariable, type Variable } from '../engine/variable.ts';
import { makeArray } from '../tensor/dtype.ts';

/** A number that a rule keeps once, as Keras names it, and what it begins with. */
export interface FirstNumber {
  readonly name: string;
  readonly start: number;
}

/** What an optimizer has once, whatever its variables are. */
export interface Numbers {
  /** int32: calls of `apply` so far. */
  readonly iterations: Variable;
  /** Absent where a schedule says it. */
  readonly rate: Variable | null;
  /** Those of its rule. */
  readonly own: readonly Variable[];
}

export function makeNumbers(learningRate: number | null, own: readonly FirstNumber[]): Numbers {
  const number = ({ name, start }: FirstNumber) =>
    makeVariable(filled(start), [], floatDType(), { name, trainable: false });
  return {
    iterations: makeVariable(new Int32Array(1), [], 'int32', { name: 'iteration' }),
    rate: learningRate === null ? null : number({ name: 'learning_rate', start: learningRate }),
    own: own.map(number),
  };
}

/** One float as the backend holds it. */
export function filled(value: number): TypedArray {
  const values = makeArray(floatDType(), 1);
  values[0] = value;
  return values;
}
