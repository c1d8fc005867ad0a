// Operations that only move elements.
import type { Shape } from '../backend/backend.ts';
import { applyOne } from '../engine/execute.ts';
import { defineOp } from '../engine/op.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { kindOf, requireTensors } from '../tensor/options.ts';
import {
  broadcastShapes,
  checkShape,
  formatShape,
  inferReshape,
  normalizeAxes,
  normalizeAxis,
  sameShape,
  sizeOf,
} from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { sumTo } from './sumTo.ts';

const reshapeOp = defineOp({
  name: 'reshape',
  kernel: 'copy',
  alias: true,
  infer: ([x], { shape }) => [{ shape, dtype: x!.dtype }],
  gradient: ({ inputs: [x], dy: [dy] }) => [reshape(dy, x!.shape)],
});

/** The same elements under another shape; one length may be -1. Copies nothing. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  requireTensors('reshape', { x });
  const target = inferReshape('reshape', x.shape, shape);
  checkShape('reshape', target);
  return sameShape(target, x.shape) ? x : applyOne(reshapeOp, [x], { shape: target });
}

/** x without axes of length 1: the given ones, or all. */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  requireTensors('squeeze', { x });
  const list =
    axes === undefined
      ? x.shape.flatMap((length, d) => (length === 1 ? [d] : []))
      : normalizeAxes('squeeze', axes, x.rank);
  for (const d of list) {
    if (x.shape[d] !== 1)
      throw new ShapeError(`squeeze: axis ${d} of shape ${formatShape(x.shape)} has length ${x.shape[d]}, not 1`);
  }
  return reshape(
    x,
    x.shape.filter((_, d) => !list.includes(d)),
  );
}

/** x with a new axis of length 1 before `axis`. */
export function expandDims(x: Tensor, axis: number): Tensor {
  requireTensors('expandDims', { x });
  const d = normalizeAxis('expandDims', axis, x.rank + 1);
  const shape = [...x.shape.slice(0, d), 1, ...x.shape.slice(d)];
  checkShape('expandDims', shape);
  return reshape(x, shape);
}

const transposeOp = defineOp({
  name: 'transpose',
  kernel: 'transpose',
  infer: ([x], { permutation }) => [{ shape: permutation.map((axis) => x!.shape[axis]!), dtype: x!.dtype }],
  gradient: ({ dy: [dy], attrs: { permutation } }) => [
    transpose(
      dy,
      permutation.map((_, d) => permutation.indexOf(d)),
    ),
  ],
});

/** Axis d of the result is axis permutation[d] of x; default: all axes reversed. */
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  requireTensors('transpose', { x });
  const axes = permutation ?? x.shape.map((_, d) => x.rank - 1 - d);
  if (!Array.isArray(axes)) throw new ValueError(`transpose: axes must be a list, got ${kindOf(axes)}`);
  const order = axes.map((axis) => normalizeAxis('transpose', axis, x.rank));
  if (order.length !== x.rank || new Set(order).size !== x.rank) {
    throw new ValueError(`transpose: ${formatShape(permutation ?? [])} does not name each of the ${x.rank} axes once`);
  }
  if (order.every((axis, d) => axis === d)) return x;
  return applyOne(transposeOp, [x], { permutation: order });
}

const broadcastOp = defineOp({
  name: 'broadcastTo',
  kernel: 'broadcastTo',
  infer: ([x], { shape }) => [{ shape, dtype: x!.dtype }],
  gradient: ({ inputs: [x], dy: [dy] }) => [sumTo(dy, x!.shape)],
});

/** x stretched to `shape` by the broadcasting rule. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  requireTensors('broadcastTo', { x });
  checkShape('broadcastTo', shape);
  if (!sameShape(broadcastShapes('broadcastTo', x.shape, shape), shape)) {
    throw new ShapeError(`broadcastTo: ${formatShape(x.shape)} does not stretch to ${formatShape(shape)}`);
  }
  return sameShape(x.shape, shape) ? x : applyOne(broadcastOp, [x], { shape });
}

/** x as [n, everything else]. */
export function flatten(x: Tensor): Tensor {
  requireTensors('flatten', { x });
  return reshape(x, [x.shape[0] ?? 1, sizeOf(x.shape.slice(1))]);
}
