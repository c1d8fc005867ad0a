import type { TypedArray } from '../backend/backend.ts';

/** A block of numbers, one row after another. */
export interface PlainArray {
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** One that a file knows by name. */
export interface NamedArray extends PlainArray {
  readonly name: string;
}
