// Operations that find elements by index.
import { applyOne } from '../engine/execute.ts';
import { defineOp, elementBytes } from '../engine/op.ts';
import { floatDType } from '../engine/runtime.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import { refuseUnknown, requireTensors, wholeNumber } from '../tensor/options.ts';
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
  requireTensors('oneHot', { indices });
  if (isFloat(indices.dtype)) throw new DTypeError(`oneHot: indices must be integers, got ${indices.dtype}`);
  wholeNumber('oneHot', 'depth', depth, 1);
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
  requireTensors('gatherRows', { x, indices });
  requireIndices('gatherRows', 'indices', indices);
  if (indices.size > 0) requireRows('gatherRows', x);
  return applyOne(gatherRowsOp, [x, indices], {});
}

function requireIndices(op: string, name: string, indices: Tensor): void {
  if (indices.dtype !== 'int32' || indices.rank !== 1)
    throw new DTypeError(`${op}: ${name} must be int32 [m], got ${indices.dtype} ${formatShape(indices.shape)}`);
}

function requireRows(op: string, x: Tensor): void {
  if (x.rank < 1) throw new ShapeError(`${op}: x must have rows, got a scalar`);
  if (x.shape[0] === 0) throw new ShapeError(`${op}: x ${formatShape(x.shape)} has no rows to gather`);
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
  requireTensors('gatherBatch', { x, order, cursor });
  requireIndices('gatherBatch', 'order', order);
  requireIndices('gatherBatch', 'cursor', cursor);
  if (cursor.size !== 1)
    throw new ShapeError(`gatherBatch: the cursor must be one number, got ${formatShape(cursor.shape)}`);
  requireRows('gatherBatch', x);
  refuseUnknown('gatherBatch', attrs, ['start', 'stride', 'rows']);
  for (const name of ['start', 'stride', 'rows'] as const) wholeNumber('gatherBatch', name, attrs[name], 0);
  return applyOne(gatherBatchOp, [x, order, cursor], attrs);
}
