import type { Shape, TypedArray } from '../backend/backend.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { formatShape, sizeOf } from './shape.ts';

export type NestedArray = number | boolean | readonly NestedArray[];

/** What `tensor()` takes as data: a number, nested lists of numbers, or a typed array. */
export type TensorData = NestedArray | TypedArray | Int8Array | Int16Array | Uint16Array | Uint8ClampedArray;

export interface Flattened {
  readonly values: number[];
  readonly shape: number[];
  /** True when every leaf is a boolean. */
  readonly truths: boolean;
}

const isList = (data: NestedArray): data is readonly NestedArray[] => Array.isArray(data);

/** The leaves of nested lists in row-major order; lists of unequal length are a ShapeError that names `who` wants them. */
export function flatten(data: NestedArray, who = 'tensor'): Flattened {
  const shape: number[] = [];
  for (let level: NestedArray | undefined = data; level !== undefined && isList(level); level = level[0]) {
    shape.push(level.length);
  }
  const values: number[] = [];
  let truths = true;
  const visit = (level: NestedArray, depth: number) => {
    if (isList(level)) {
      if (depth >= shape.length || level.length !== shape[depth]) {
        throw ragged(who, shape, depth, `a list of ${level.length}`);
      }
      for (const item of level) visit(item, depth + 1);
      return;
    }
    if (typeof level !== 'boolean' && typeof level !== 'number') {
      throw new ValueError(`${who}: expected numbers or nested lists of them, got ${String(level)} (${typeof level})`);
    }
    if (depth !== shape.length) throw ragged(who, shape, depth, 'a number');
    if (typeof level !== 'boolean') truths = false;
    values.push(Number(level));
  };
  visit(data, 0);
  return { values, shape, truths: truths && values.length > 0 };
}

function ragged(who: string, shape: Shape, depth: number, got: string): ShapeError {
  const expected = depth < shape.length ? `a list of ${shape[depth]}` : 'a number';
  return new ShapeError(
    `${who}: lists must form a block of shape ${formatShape(shape)}; at depth ${depth} expected ${expected}, got ${got}`,
  );
}

export type Nested<T> = T | Nested<T>[];

/** The opposite of flatten; truths come back as booleans. */
export function nest(data: TypedArray, shape: Shape, truths: boolean): Nested<number | boolean> {
  if (shape.length === 0) return truths ? data[0] !== 0 : data[0]!;
  const inner = shape.slice(1);
  const step = sizeOf(inner);
  return Array.from({ length: shape[0]! }, (_, i) => nest(data.subarray(i * step, (i + 1) * step), inner, truths));
}
