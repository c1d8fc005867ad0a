import type { Shape } from '../backend/backend.ts';
import { ShapeError, ValueError } from '../errors.ts';

export const MAX_RANK = 6;

/** Number of elements; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let d = shape.length - 2; d >= 0; d--) strides[d] = strides[d + 1]! * shape[d + 1]!;
  return strides;
}

/** Where the element of that index lies. */
export function offsetOf(index: readonly number[], strides: readonly number[]): number {
  return index.reduce((sum, i, d) => sum + i * strides[d]!, 0);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, d) => length === b[d]);
}

export function formatShape(shape: readonly (number | null)[]): string {
  return `[${shape.map((length) => length ?? 'None').join(', ')}]`;
}

/** Refuses what is no list of lengths at all. */
function requireList(op: string, shape: unknown): void {
  if (!Array.isArray(shape))
    throw new ShapeError(`${op}: a shape must be a list of whole numbers, got ${typeof shape}`);
}

/** Refuses what is no shape: negative or fractional lengths, too many of them, more elements than an array holds. */
export function checkShape(op: string, shape: Shape): void {
  requireList(op, shape);
  if (shape.length > MAX_RANK)
    throw new ShapeError(`${op}: rank ${shape.length} of shape ${formatShape(shape)} is above ${MAX_RANK}`);
  for (const length of shape) {
    if (!Number.isInteger(length) || length < 0) {
      throw new ShapeError(`${op}: ${formatShape(shape)} is no shape: ${length} must be a whole number of at least 0`);
    }
  }
  if (sizeOf(shape) > 2 ** 32 - 1)
    throw new ShapeError(`${op}: shape ${formatShape(shape)} has more than 2^32 - 1 elements`);
}

/** The shape both broadcast to, by NumPy's rule: aligned at the last axis, a length of 1 stretches. */
export function broadcastShapes(op: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let d = 0; d < rank; d++) {
    const lengthA = a[a.length - rank + d] ?? 1;
    const lengthB = b[b.length - rank + d] ?? 1;
    if (lengthA !== lengthB && lengthA !== 1 && lengthB !== 1) {
      throw new ShapeError(
        `${op}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: ${lengthA} against ${lengthB}`,
      );
    }
    result[d] = lengthA === 1 ? lengthB : lengthA;
  }
  return result;
}

/** Strides with which an operand of `shape` is read as if it had shape `target`: 0 along every stretched axis. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const own = stridesOf(shape);
  return target.map((_, d) => {
    const axis = d - (target.length - shape.length);
    return axis < 0 || shape[axis] === 1 ? 0 : own[axis]!;
  });
}

/** A possibly negative axis as 0 ... rank - 1. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ValueError(`${op}: axis ${axis} is outside a tensor of rank ${rank}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes sorted and without doubles; absent means all. */
export function normalizeAxes(op: string, axes: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axes === undefined || axes === null) return Array.from({ length: rank }, (_, d) => d);
  if (typeof axes !== 'number' && !Array.isArray(axes))
    throw new ValueError(`${op}: axes must be a whole number or a list of them, got ${typeof axes}`);
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => normalizeAxis(op, axis, rank));
  if (new Set(list).size !== list.length)
    throw new ValueError(`${op}: axes ${JSON.stringify(axes)} name an axis twice`);
  return list.sort((a, b) => a - b);
}

/** `target` with its one -1 replaced by what is left of `shape`. */
export function inferReshape(op: string, shape: Shape, target: Shape): number[] {
  requireList(op, target);
  const size = sizeOf(shape);
  const unknown = target.indexOf(-1);
  const known = sizeOf(target.filter((_, d) => d !== unknown));
  const result = [...target];
  if (unknown >= 0) result[unknown] = known === 0 ? 0 : size / known;
  const fits = result.every((length) => Number.isInteger(length) && length >= 0) && sizeOf(result) === size;
  if (!fits)
    throw new ShapeError(`${op}: ${formatShape(shape)} (${size} elements) does not fit ${formatShape(target)}`);
  return result;
}

export interface CollapsedDims {
  readonly shape: number[];
  readonly strides: number[][];
}

/** Merges neighbouring axes that every operand walks in one stride, so that kernels loop over as few axes as can be. */
export function collapseDims(shape: Shape, operands: readonly (readonly number[])[]): CollapsedDims {
  const merged: number[] = [];
  const strides: number[][] = operands.map(() => []);
  shape.forEach((length, d) => {
    if (length === 1) return;
    const last = merged.length - 1;
    const joins = last >= 0 && operands.every((operand, o) => strides[o]![last] === operand[d]! * length);
    if (joins) {
      merged[last]! *= length;
      operands.forEach((operand, o) => {
        strides[o]![last] = operand[d]!;
      });
    } else {
      merged.push(length);
      operands.forEach((operand, o) => {
        strides[o]!.push(operand[d]!);
      });
    }
  });
  if (merged.length === 0) return { shape: [1], strides: operands.map(() => [0]) };
  return { shape: merged, strides };
}
