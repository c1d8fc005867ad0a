import type { KeptArray } from '../models/files.ts';

/** A block of numbers, one row after another. */
export type PlainArray = KeptArray;

/** One that a file knows by name. */
export interface NamedArray extends PlainArray {
  readonly name: string;
}
