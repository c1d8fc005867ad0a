// Operations that find elements by index.
import { applyOne } from '../engine/execute.ts';
import { defineOp, elementBytes, type OpDefinition } from '../engine/op.ts';
import { floatDType } from '../engine/runtime.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import { refuseUnknown, requireTensors, wholeNumber } from '../tensor/options.ts';
import { checkShape, formatShape, normalizeAxis, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { arange } from './create.ts';
import { add, cast, less, maximum, minimum, where } from './elementwise.ts';
import { reshape } from './shape.ts';

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

const gatherRowsOp: OpDefinition<'gatherRows'> = defineOp({
  name: 'gatherRows',
  kernel: 'gatherRows',
  infer: ([x, indices]) => [{ shape: [...indices!.shape, ...x!.shape.slice(1)], dtype: x!.dtype }],
  gradient: ({ inputs: [x, indices], dy: [dy], attrs: { blocks } }) => [
    applyOne(scatterRowsOp, [dy, indices!], { rows: x!.shape[0]!, blocks }),
  ],
  // only the rows that are asked for
  bytes: ([, indices], [y]) => elementBytes(indices!) + 2 * elementBytes(y!),
});

const scatterRowsOp: OpDefinition<'scatterRows'> = defineOp({
  name: 'scatterRows',
  kernel: 'scatterRows',
  infer: ([dy], { rows }) => [{ shape: [rows, ...dy!.shape.slice(1)], dtype: dy!.dtype }],
  gradient: ({ inputs: [, indices], dy: [ddx], attrs: { blocks } }) => [
    applyOne(gatherRowsOp, [ddx, indices!], { blocks }),
  ],
  flops: ([dy]) => sizeOf(dy!.shape),
});

/**
 * The slices of x at `indices` along an axis: x [a, n, b], indices (integers of any shape [m...]) -> [a, m..., b].
 * Negative indices count from the end, as in Keras and ONNX; beyond -n ... n - 1 they are clamped.
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  requireTensors('gather', { x, indices });
  if (isFloat(indices.dtype)) throw new DTypeError(`gather: indices must be integers, got ${indices.dtype}`);
  const d = normalizeAxis('gather', axis, x.rank);
  const n = x.shape[d]!;
  const shape = [...x.shape.slice(0, d), ...indices.shape, ...x.shape.slice(d + 1)];
  checkShape('gather', shape);
  if (n === 0 && indices.size > 0)
    throw new ShapeError(`gather: axis ${d} of x ${formatShape(x.shape)} has nothing to gather`);
  const [outer, inner] = [sizeOf(x.shape.slice(0, d)), sizeOf(x.shape.slice(d + 1))];
  const rows = reshape(x, [outer * n, inner]);
  const places = rowsOf(fromTheStart(cast(indices, 'int32'), n), outer, n);
  return reshape(applyOne(gatherRowsOp, [rows, places], { blocks: outer }), shape);
}

function fromTheStart(indices: Tensor, n: number): Tensor {
  return where(less(indices, 0), add(indices, n), indices);
}

/** Indices into the n slices of each of `outer` blocks, as rows of all blocks. */
function rowsOf(indices: Tensor, outer: number, n: number): Tensor {
  const flat = reshape(indices, [indices.size]);
  if (outer === 1 || flat.size === 0) return flat;
  const inside = minimum(maximum(flat, 0), n - 1);
  return reshape(add(reshape(arange(0, outer * n, n), [outer, 1]), inside), [outer * indices.size]);
}

/** Rows of x by index: x [n, ...], indices int32 [m] -> [m, ...]. Indices are clamped to 0 ... n - 1. */
export function gatherRows(x: Tensor, indices: Tensor): Tensor {
  requireTensors('gatherRows', { x, indices });
  requireIndices('gatherRows', 'indices', indices);
  if (indices.size > 0) requireRows('gatherRows', x);
  return applyOne(gatherRowsOp, [x, indices], { blocks: 1 });
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
