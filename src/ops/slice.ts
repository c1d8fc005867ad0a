// Boxes of a tensor: cut out, framed, reversed.
import type { Shape } from '../backend/backend.ts';
import { applyOne } from '../engine/execute.ts';
import { defineOp, type OpDefinition } from '../engine/op.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { requireFitting } from '../tensor/dtype.ts';
import { kindOf, requireTensors } from '../tensor/options.ts';
import { checkShape, formatShape, normalizeAxes, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

const sliceOp: OpDefinition<'slice'> = defineOp({
  name: 'slice',
  kernel: 'slice',
  infer: ([x], { shape }) => [{ shape, dtype: x!.dtype }],
  gradient: ({ inputs: [x], dy: [dy], attrs: { begin } }) => [framed(dy, begin, x!.shape, 0)],
});

const padOp: OpDefinition<'pad'> = defineOp({
  name: 'pad',
  kernel: 'pad',
  infer: ([x], { shape }) => [{ shape, dtype: x!.dtype }],
  gradient: ({ inputs: [x], dy: [dy], attrs: { before } }) => [box(dy, before, x!.shape)],
});

function box(x: Tensor, begin: readonly number[], shape: Shape): Tensor {
  return sameShape(shape, x.shape) ? x : applyOne(sliceOp, [x], { begin, shape });
}

function framed(x: Tensor, before: readonly number[], shape: Shape, value: number): Tensor {
  return sameShape(shape, x.shape) ? x : applyOne(padOp, [x], { before, shape, value });
}

/**
 * The part of x that begins at `begin` and has `size` elements along each axis; a size of -1 takes all that is left, as
 * does no size at all. For a vector both may be numbers.
 */
export function slice(x: Tensor, begin: number | readonly number[], size?: number | readonly number[]): Tensor {
  requireTensors('slice', { x });
  return cut(x, perAxis(x, 'begin', begin), perAxis(x, 'size', size ?? x.shape.map(() => -1)));
}

function perAxis(x: Tensor, name: string, given: number | readonly number[]): readonly number[] {
  const list = typeof given === 'number' ? [given] : given;
  if (Array.isArray(list) && list.length === x.rank && list.every(Number.isInteger)) return list;
  throw new ValueError(
    `slice: ${name} must be a list of ${x.rank} whole numbers, one for each axis of ${formatShape(x.shape)}, got ${kindOf(given)}`,
  );
}

function cut(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor {
  const shape = size.map((length, axis) => (length === -1 ? x.shape[axis]! - begin[axis]! : length));
  const fits = shape.every((n, axis) => begin[axis]! >= 0 && n >= 0 && begin[axis]! + n <= x.shape[axis]!);
  if (!fits)
    throw new ShapeError(
      `slice: a box of ${formatShape(size)} from ${formatShape(begin)} on does not lie inside ${formatShape(x.shape)}`,
    );
  return box(x, begin, shape);
}

/** x in a frame of `value` (default 0): paddings [[before, after], ...], one pair for each axis. */
export function pad(x: Tensor, paddings: readonly (readonly number[])[], value = 0): Tensor {
  requireTensors('pad', { x });
  const isPair = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && pair.every((n) => Number.isInteger(n) && n >= 0);
  if (!Array.isArray(paddings) || paddings.length !== x.rank || !paddings.every(isPair))
    throw new ValueError(
      `pad: paddings must be ${x.rank} pairs [before, after] of whole numbers of at least 0, one for each axis of ${formatShape(x.shape)}, got ${kindOf(paddings)}`,
    );
  if (typeof value !== 'number') throw new ValueError(`pad: the value must be a number, got ${kindOf(value)}`);
  requireFitting('pad', [value], x.dtype);
  const shape = x.shape.map((length, axis) => paddings[axis]![0]! + length + paddings[axis]![1]!);
  checkShape('pad', shape);
  const before = paddings.map((pair) => pair[0]!);
  return framed(x, before, shape, value);
}

const flipOp = defineOp({
  name: 'flip',
  kernel: 'flip',
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  gradient: ({ dy: [dy], attrs: { axes } }) => [flip(dy, axes)],
});

/** x reversed along the axes: a number, a list, or absent for all. */
export function flip(x: Tensor, axis?: number | readonly number[] | null): Tensor {
  requireTensors('flip', { x });
  const axes = normalizeAxes('flip', axis, x.rank).filter((d) => x.shape[d]! > 1);
  return axes.length === 0 ? x : applyOne(flipOp, [x], { axes });
}
