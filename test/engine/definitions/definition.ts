// What every kernel computes, straight from its formula: one line or loop for each index, no tiling, no memory layout, and
// nothing shared with src/backend/cpu. Slow, and short enough to be seen right at a glance: it is what the float64 reference
// itself is checked against (checkingBackend.ts).
import type { Spec } from '../../../src/backend/backend.ts';
import type { KernelAttrs, KernelName } from '../../../src/backend/kernels.ts';

export interface Operand extends Spec {
  /** Row-major. */
  readonly data: ArrayLike<number>;
}

export interface DefinedCall<K extends KernelName> {
  /** As they were before the kernel ran. */
  readonly inputs: readonly Operand[];
  /** What it writes: its outputs, or its first inputs where it works in place. */
  readonly results: readonly Spec[];
  readonly attrs: KernelAttrs[K];
}

/** The elements of one result, row-major; null where anything may stand. */
export type Values = readonly (number | null)[];

/**
 * What a rounding error is measured by. Integers are compared exactly in any case.
 * - `nothing`: elements that are only moved, or chosen, must be the same.
 * - `itself`: a few roundings of the value.
 * - `terms`: sums. The definition applied to the magnitudes of the inputs is the sum of the magnitudes of the terms.
 * - `operands`: differences of what may nearly cancel; the largest operand.
 */
export type Measure = 'nothing' | 'itself' | 'terms' | 'operands';

export interface Definition<K extends KernelName> {
  readonly measure: Measure | ((attrs: KernelAttrs[K]) => Measure);
  /** The results, in order. */
  of(call: DefinedCall<K>): Values[];
}

export type Definitions<K extends KernelName = KernelName> = { readonly [N in K]: Definition<N> };

/** The definition of a kernel with one result. */
export function defined<K extends KernelName>(
  measure: Definition<K>['measure'],
  of: (inputs: readonly Operand[], attrs: KernelAttrs[K], result: Spec) => Values,
): Definition<K> {
  return { measure, of: ({ inputs, results, attrs }) => [of(inputs, attrs, results[0]!)] };
}

/** Every index of a shape, row-major. */
export function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (lists, length) => lists.flatMap((list) => Array.from({ length }, (_, i) => [...list, i])),
    [[]],
  );
}

/** The elements of a shape from a formula of their index. */
export function tabulate<T>(shape: readonly number[], formula: (...index: number[]) => T): T[] {
  return indicesOf(shape).map((index) => formula(...index));
}

/** The sum of a formula over all indices below the limits: the sigma of mathematics. */
export function sumOver(limits: readonly number[], formula: (...index: number[]) => number): number {
  return indicesOf(limits).reduce((sum, index) => sum + formula(...index), 0);
}

/** x[index]. */
export function at(x: Operand | undefined, ...index: number[]): number {
  if (!x || index.length !== x.shape.length) throw new Error(`no index [${index}] in shape [${x?.shape}]`);
  let position = 0;
  index.forEach((i, d) => {
    if (!(i >= 0 && i < x.shape[d]!)) throw new Error(`index [${index}] lies outside shape [${x.shape}]`);
    position = position * x.shape[d]! + i;
  });
  return x.data[position]!;
}

/** x[n, h, w, c], and 0 in the padding around the image. */
export function pixel(x: Operand | undefined, n: number, h: number, w: number, c: number): number {
  const inside = x && h >= 0 && h < x.shape[1]! && w >= 0 && w < x.shape[2]!;
  return inside ? at(x, n, h, w, c) : 0;
}

/** The element of x that broadcasting puts at an index: axes are aligned at the last, and those of length 1 repeat. */
export function broadcastAt(x: Operand | undefined, index: readonly number[]): number {
  const own = x ? index.slice(index.length - x.shape.length) : [];
  return at(x, ...own.map((i, d) => (x!.shape[d] === 1 ? 0 : i)));
}

export const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
