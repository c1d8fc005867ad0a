// Operations that find elements by index.
import { applyOne } from '../engine/execute.ts';
import { defineOp, elementBytes } from '../engine/op.ts';
import { floatDType } from '../engine/runtime.ts';
import { DTypeError, ShapeError, ValueError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import { checkShape, formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { cast } from './elementwise.ts';

const oneHotOp = defineOp({
  name: 'oneHot',
  kernel: 'oneHot',
  infer: ([indices], { depth }) => [{ shape: [...indices!.shape, depth], dtype: floatDType() }],
  gradient: 'not differentiable',
});

/** Rows of zeros with a one at each index: [...] -> float [..., depth]. An index outside gives a row of zeros. */
export function oneHot(indices: Tensor, depth: number): Tensor {
  if (isFloat(indices.dtype)) throw new DTypeError(`oneHot: indices must be integers, got ${indices.dtype}`);
  if (!Number.isInteger(depth) || depth < 1)
    throw new ValueError(`oneHot: depth must be a whole number of at least 1, got ${depth}`);
  checkShape('oneHot', [...indices.shape, depth]);
  return applyOne(oneHotOp, [cast(indices, 'int32')], { depth });
}

const gatherRowsOp = defineOp({
  name: 'gatherRows',
  kernel: 'gatherRows',
  infer: ([x, indices]) => [{ shape: [...indices!.shape, ...x!.shape.slice(1)], dtype: x!.dtype }],
  gradient: 'not differentiable',
  // only the rows that are asked for
  bytes: ([, indices], [y]) => elementBytes(indices!) + 2 * elementBytes(y!),
});

/** Rows of x by index: x [n, ...], indices int32 [m] -> [m, ...]. Indices are clamped to 0 ... n - 1. */
export function gatherRows(x: Tensor, indices: Tensor): Tensor {
  if (indices.dtype !== 'int32' || indices.rank !== 1) {
    throw new DTypeError(`gatherRows: indices must be int32 [m], got ${indices.dtype} ${formatShape(indices.shape)}`);
  }
  if (x.rank < 1) throw new ShapeError('gatherRows: x must have rows, got a scalar');
  if (x.shape[0] === 0 && indices.size > 0)
    throw new ShapeError(`gatherRows: x ${formatShape(x.shape)} has no rows to gather`);
  return applyOne(gatherRowsOp, [x, indices], {});
}

const gatherBatchOp = defineOp({
  name: 'gatherBatch',
  kernel: 'gatherBatch',
  infer: ([x], { rows }) => [{ shape: [rows, ...x!.shape.slice(1)], dtype: x!.dtype }],
  gradient: 'not differentiable',
  bytes: (_, [y], { rows }) => 4 * (rows + 1) + 2 * elementBytes(y!),
});

/**
 * The rows of x that a step trains on: x[order[start + cursor * stride + i]], i = 0 ... rows - 1. The cursor lives in a
 * tensor, so one recorded step finds a new batch each time.
 */
export function gatherBatch(
  x: Tensor,
  order: Tensor,
  cursor: Tensor,
  attrs: { start: number; stride: number; rows: number },
): Tensor {
  return applyOne(gatherBatchOp, [x, order, cursor], attrs);
}
