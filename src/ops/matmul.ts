// Products of matrices, over any leading batch axes.
import type { Shape } from '../backend/backend.ts';
import type { FusedActivation, KernelAttrs } from '../backend/kernels.ts';
import { applyOne } from '../engine/execute.ts';
import { defineOp } from '../engine/op.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { requireFloat } from '../tensor/dtype.ts';
import { refuseUnknown, requireTensors, truth } from '../tensor/options.ts';
import { broadcastShapes, checkShape, formatShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ActivationName, activate, activationName, isFused } from './activations.ts';
import { reluGrad } from './elementwise.ts';
import { sum } from './reduce.ts';
import { broadcastTo, reshape, transpose } from './shape.ts';

export interface MatmulOptions {
  /** Use a with its last two axes swapped. */
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

type MatmulAttrs = KernelAttrs['matmul'];

const matmulOp = defineOp({
  name: 'matmul',
  kernel: 'matmul',
  infer: ([a], { batch, m, n }) => [{ shape: [batch, m, n], dtype: a!.dtype }],
  // With y = A B: dA = dy Bᵀ and dB = Aᵀ dy. For an operand that is stored transposed both sides are transposed.
  gradient: ({ inputs: [a, b, bias], outputs: [y], dy: [dy], attrs, needs }) => {
    const { transposeA, transposeB, broadcastA, broadcastB } = attrs;
    const dz = attrs.activation === 'relu' ? reluGrad(dy, y!) : dy;
    const byA = () => (transposeA ? product(b!, dz, transposeB, true) : product(dz, b!, false, !transposeB));
    const byB = () => (transposeB ? product(dz, a!, true, transposeA) : product(a!, dz, !transposeA, false));
    return [
      needs[0] ? overBatch(byA(), broadcastA) : null,
      needs[1] ? overBatch(byB(), broadcastB) : null,
      bias && needs[2] ? sum(dz, [0, 1]) : null,
    ];
  },
  flops: (_, __, { batch, m, n, k }) => 2 * batch * m * n * k,
});

/** An operand that was used for each batch gets the sum of what each gives back. */
function overBatch(gradient: Tensor, broadcast: boolean): Tensor {
  return broadcast && gradient.shape[0] !== 1 ? sum(gradient, 0, true) : gradient;
}

/** a [batch or 1, ...] times b [batch or 1, ...], both of rank 3. */
function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return applyOne(matmulOp, [a, b], matmulAttrs(a.shape, b.shape, transposeA, transposeB, 'linear'));
}

function matmulAttrs(
  a: Shape,
  b: Shape,
  transposeA: boolean,
  transposeB: boolean,
  activation: FusedActivation,
): MatmulAttrs {
  const [batchA, rowsA, columnsA] = a as [number, number, number];
  const [batchB, rowsB, columnsB] = b as [number, number, number];
  const batch = batchA === 1 ? batchB : batchA;
  return {
    batch,
    m: transposeA ? columnsA : rowsA,
    k: transposeA ? rowsA : columnsA,
    n: transposeB ? rowsB : columnsB,
    transposeA,
    transposeB,
    broadcastA: batchA !== batch,
    broadcastB: batchB !== batch,
    activation,
  };
}

/**
 * a [..., m, k] times b [..., k, n], giving [..., m, n]; leading axes broadcast.
 * A ShapeError names both shapes when the inner lengths differ.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  requireTensors('matmul', { a, b });
  refuseUnknown('matmul', options, ['transposeA', 'transposeB']);
  const transposeA = truth('matmul', 'transposeA', options.transposeA ?? false);
  const transposeB = truth('matmul', 'transposeB', options.transposeB ?? false);
  return multiply('matmul', a, b, transposeA, transposeB);
}

function multiply(op: string, a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  checkMatrices(op, a, b);
  const lead = broadcastShapes(op, a.shape.slice(0, -2), b.shape.slice(0, -2));
  const blockA = asBlock(a, lead);
  const blockB = asBlock(b, lead);
  const attrs = matmulAttrs(blockA.shape, blockB.shape, transposeA, transposeB, 'linear');
  const innerB = transposeB ? blockB.shape[2] : blockB.shape[1];
  if (attrs.k !== innerB) {
    throw new ShapeError(
      `${op}: a ${formatShape(a.shape)}${transposeA ? ' transposed' : ''} has ${attrs.k} columns, ` +
        `b ${formatShape(b.shape)}${transposeB ? ' transposed' : ''} has ${innerB} rows`,
    );
  }
  return reshape(applyOne(matmulOp, [blockA, blockB], attrs), [...lead, attrs.m, attrs.n]);
}

/**
 * activation(x · kernel + bias) over the last axis: x [..., in], kernel [in, units], bias [units].
 */
export function dense(x: Tensor, kernel: Tensor, options: { bias?: Tensor; activation?: ActivationName } = {}): Tensor {
  requireTensors('dense', { x, kernel });
  refuseUnknown('dense', options, ['bias', 'activation']);
  const { bias } = options;
  if (bias !== undefined) requireTensors('dense', { bias });
  const activation = activationName('dense', options.activation);
  requireFloat('dense', x.dtype);
  const [inputs, units] = kernel.shape;
  if (kernel.rank !== 2 || x.rank < 1 || x.shape.at(-1) !== inputs) {
    throw new ShapeError(
      `dense: x ${formatShape(x.shape)} does not fit a kernel ${formatShape(kernel.shape)}; the last axis of x must have ${inputs}`,
    );
  }
  if (kernel.dtype !== x.dtype) throw new DTypeError(`dense: x is ${x.dtype} but the kernel is ${kernel.dtype}`);
  if (bias && (bias.rank !== 1 || bias.shape[0] !== units)) {
    throw new ShapeError(`dense: the bias must be [${units}], got ${formatShape(bias.shape)}`);
  }
  if (bias && bias.dtype !== x.dtype) throw new DTypeError(`dense: x is ${x.dtype} but the bias is ${bias.dtype}`);
  const rows = reshape(x, [1, sizeOf(x.shape.slice(0, -1)), inputs!]);
  const matrix = reshape(kernel, [1, inputs!, units!]);
  const fused: FusedActivation = isFused(activation) ? activation : 'linear';
  const attrs = matmulAttrs(rows.shape, matrix.shape, false, false, fused);
  const y = applyOne(matmulOp, bias ? [rows, matrix, bias] : [rows, matrix], attrs);
  const shaped = reshape(y, [...x.shape.slice(0, -1), units!]);
  return fused === activation ? shaped : activate(shaped, activation);
}

/**
 * As numpy.dot: the last axis of a against the last but one of b (the only one of a vector). The product of vectors (a
 * number), of matrices, or a [..., k] and b [...others, k, n] giving [..., ...others, n]: no axis is a batch, see matmul.
 */
export function dot(a: Tensor, b: Tensor): Tensor {
  requireTensors('dot', { a, b });
  const others = [...a.shape.slice(0, -1), ...b.shape.slice(0, -2), ...(b.rank > 1 ? b.shape.slice(-1) : [])];
  checkShape('dot', others);
  return reshape(multiply('dot', rowsOf(a), columnsOf(b), false, false), others);
}

/** a [..., k] as [rows, k]. */
function rowsOf(a: Tensor): Tensor {
  return a.rank === 0 ? a : reshape(a, [sizeOf(a.shape.slice(0, -1)), a.shape.at(-1)!]);
}

/** b [..., k, n] as [k, columns]; a vector is one column. */
function columnsOf(b: Tensor): Tensor {
  if (b.rank < 2) return b.rank === 0 ? b : reshape(b, [b.size, 1]);
  const axes = b.shape.map((_, d) => d);
  const k = axes.splice(-2, 1);
  return reshape(transpose(b, [...k, ...axes]), [b.shape.at(-2)!, sizeOf(b.shape.toSpliced(-2, 1))]);
}

function checkMatrices(op: string, a: Tensor, b: Tensor): void {
  requireFloat(op, a.dtype);
  if (a.dtype !== b.dtype) throw new DTypeError(`${op}: a is ${a.dtype} but b is ${b.dtype}`);
  if (a.rank < 2 || b.rank < 2) {
    throw new ShapeError(
      `${op}: needs ${op === 'dot' ? 'vectors or matrices' : 'matrices'}, got shapes ${formatShape(a.shape)} and ` +
        `${formatShape(b.shape)}${op === 'dot' ? '' : '; see dot for vectors'}`,
    );
  }
}

/** x as [batch, rows, columns]; batch is 1 when all of `lead` can share x. */
function asBlock(x: Tensor, lead: Shape): Tensor {
  const matrix = x.shape.slice(-2);
  const own = sizeOf(x.shape.slice(0, -2));
  const full = sizeOf(lead);
  const block = own === 1 || own === full ? x : broadcastTo(x, [...lead, ...matrix]);
  return reshape(block, [own === 1 ? 1 : full, ...matrix]);
}
