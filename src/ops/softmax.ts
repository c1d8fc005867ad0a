// Softmax and the cross-entropy behind it, computed from logits so that no logarithm of a probability is ever taken.
import type { Shape, Spec } from '../backend/backend.ts';
import { apply, applyOne } from '../engine/execute.ts';
import { defineOp } from '../engine/op.ts';
import { ShapeError } from '../errors.ts';
import { isFloat, requireFloat } from '../tensor/dtype.ts';
import { requireTensors } from '../tensor/options.ts';
import { formatShape, normalizeAxis, sameShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, cast, exp, mul, neg, sub } from './elementwise.ts';
import { oneHot } from './indexing.ts';
import { sum } from './reduce.ts';
import { reshape, transpose } from './shape.ts';

const rowsOf = ({ shape, dtype }: Spec): Spec => ({ shape, dtype });

const softmaxOp = defineOp({
  name: 'softmax',
  kernel: 'softmax',
  infer: ([x]) => [rowsOf(x!)],
  gradient: ({ outputs: [y], dy: [dy] }) => [mul(y!, sub(dy, sum(mul(dy, y!), -1, true)))],
  flops: ([x]) => 4 * sizeOf(x!.shape),
});

const logSoftmaxOp = defineOp({
  name: 'logSoftmax',
  kernel: 'logSoftmax',
  infer: ([x]) => [rowsOf(x!)],
  gradient: ({ outputs: [y], dy: [dy] }) => [sub(dy, mul(exp(y!), sum(dy, -1, true)))],
  flops: ([x]) => 4 * sizeOf(x!.shape),
});

const crossEntropyOp = defineOp({
  name: 'softmaxCrossEntropy',
  kernel: 'softmaxCrossEntropy',
  infer: ([logits]) => [{ shape: [logits!.shape[0]!], dtype: logits!.dtype }, rowsOf(logits!)],
  gradient: ({ inputs: [logits, labels], outputs: [, slope], dy: [dy, dslope], needs }) => {
    const weight = reshape(dy, [logits!.shape[0]!, 1]);
    const bySlope = dslope ? throughSlope(logits!, labels!, dslope) : null;
    const plus = (gradient: Tensor, more: Tensor | undefined) => (more ? add(gradient, more) : gradient);
    return [
      needs[0] ? plus(mul(weight, slope!), bySlope?.[0]) : null,
      needs[1] ? plus(mul(weight, neg(logSoftmax(logits!))), bySlope?.[1]) : null,
    ];
  },
  flops: ([x]) => 8 * sizeOf(x!.shape),
});

/** The gradients by logits and labels of slope = p * (sum of labels) - labels, p = softmax(logits). */
function throughSlope(logits: Tensor, labels: Tensor, dslope: Tensor): [Tensor, Tensor] {
  const p = softmax(logits);
  const across = sub(dslope, sum(mul(dslope, p), -1, true));
  return [mul(mul(sum(labels, -1, true), p), across), neg(across)];
}

/** exp(x - max) / sum along one axis. */
export function softmax(x: Tensor, axis = -1): Tensor {
  requireTensors('softmax', { x });
  requireFloat('softmax', x.dtype);
  return onLastAxis('softmax', x, axis, (rows) => applyOne(softmaxOp, [rows], {}));
}

/** x - ln(sum of exp) along one axis. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  requireTensors('logSoftmax', { x });
  requireFloat('logSoftmax', x.dtype);
  return onLastAxis('logSoftmax', x, axis, (rows) => applyOne(logSoftmaxOp, [rows], {}));
}

/**
 * -sum(labels * logSoftmax(logits)) of each row (all but the last axis): logits [..., c], labels one-hot [..., c] or
 * integer classes [...].
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  requireTensors('softmaxCrossEntropy', { logits, labels });
  requireFloat('softmaxCrossEntropy', logits.dtype);
  const classes = logits.shape.at(-1);
  if (classes === undefined) throw new ShapeError('softmaxCrossEntropy: logits must have at least one axis');
  const rows = logits.shape.slice(0, -1);
  const full = !isFloat(labels.dtype) && sameShape(labels.shape, rows) ? oneHot(labels, classes) : labels;
  if (!sameShape(full.shape, logits.shape)) {
    throw new ShapeError(
      `softmaxCrossEntropy: labels ${formatShape(labels.shape)} fit neither logits ${formatShape(logits.shape)} nor their rows ${formatShape(rows)}`,
    );
  }
  const block = [sizeOf(rows), classes];
  const [loss] = apply(crossEntropyOp, [reshape(logits, block), reshape(cast(full, logits.dtype), block)], {});
  return reshape(loss!, rows);
}

/** Runs `f` on x as [rows, length of the axis], which must stand last in memory. */
function onLastAxis(op: string, x: Tensor, axis: number, f: (rows: Tensor) => Tensor): Tensor {
  const d = normalizeAxis(op, axis, x.rank);
  if (d !== x.rank - 1) {
    const swap = x.shape.map((_, i) => (i === d ? x.rank - 1 : i === x.rank - 1 ? d : i));
    return transpose(onLastAxis(op, transpose(x, swap), -1, f), swap);
  }
  const block: Shape = [sizeOf(x.shape.slice(0, -1)), x.shape[d]!];
  return reshape(f(reshape(x, block)), x.shape);
}
