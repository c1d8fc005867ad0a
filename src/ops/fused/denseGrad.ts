// The gradients of a dense layer with few outputs: two products and a sum that read the same small gradient, each too short to
// be worth a dispatch of its own.
import type { KernelAttrs } from '../../backend/kernels.ts';
import { defineRewrite } from '../../compile/fuse.ts';
import { applyOne } from '../../engine/execute.ts';
import { defineOp, opOf } from '../../engine/op.ts';
import { asStep } from '../../engine/program.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { reluGrad } from '../elementwise.ts';
import '../matmul.ts';
import { sum } from '../reduce.ts';
import { reshape } from '../shape.ts';

const matmulOp = opOf('matmul', 'matmul');
const reluGradOp = opOf('reluGrad', 'binary');
const reduceOp = opOf('reduce', 'reduce');

/** Above, what a thread keeps no longer fits its registers. */
const MOST_OUTPUTS = 16;
/** One thread walks down all rows: above, the sum over them is worth splitting. */
const MOST_ROWS = 1024;

export const denseGradOp = defineOp({
  name: 'denseGrad',
  kernel: 'denseGrad',
  infer: ([x, kernel, dy]) => {
    const { dtype } = x!;
    return [
      { shape: x!.shape, dtype },
      { shape: kernel!.shape, dtype },
      { shape: [1, dy!.shape[2]!], dtype },
    ];
  },
  gradient: 'not differentiable',
  decompose: ([x, kernel, dy], { relu }) => {
    const [, m, k] = x!.shape as [number, number, number];
    const n = dy!.shape[2]!;
    const plain = { batch: 1, broadcastA: false, broadcastB: false, activation: 'linear' } as const;
    const sides = (transposeA: boolean) => ({ ...plain, transposeA, transposeB: !transposeA });
    const slopes = applyOne(matmulOp, [dy!, kernel!], { ...sides(false), m, n: k, k: n });
    const dkernel = applyOne(matmulOp, [x!, dy!], { ...sides(true), m: k, n, k: m });
    return [relu ? reluGrad(slopes, x!) : slopes, dkernel, reshape(sum(dy!, [0, 1]), [1, n])];
  },
  flops: ([x], [, , dbias]) => 4 * sizeOf(x!.shape) * sizeOf(dbias!.shape),
});

export const fuseDenseGradients = defineRewrite({
  name: 'the gradients of a dense layer by its input, kernel and bias are one pass',
  apply(step, graph) {
    const total = asStep(step, reduceOp);
    const dy = total?.inputs[0];
    const byInput = dy === undefined ? null : graph.readBy(dy, matmulOp, 0);
    const byKernel = dy === undefined ? null : graph.readBy(dy, matmulOp, 1);
    if (!total || !byInput || !byKernel) return null;
    const { m: k, n, k: m } = byKernel.attrs;
    const { fn, outer, reduced, inner, scale } = total.attrs;
    const isBiasGradient = fn === 'sum' && outer === 1 && reduced === m && inner === n && scale === 1;
    if (!isBiasGradient || n > MOST_OUTPUTS || n % 2 !== 0 || k % 2 !== 0 || m > Math.min(MOST_ROWS, 8 * k))
      return null;
    if (!isPlain(byInput.attrs, false) || !isPlain(byKernel.attrs, true) || byInput.attrs.n !== k) return null;
    const [dx, dkernel] = [byInput.outputs[0]!, byKernel.outputs[0]!];
    if (graph.isRead(dx) || graph.isRead(dkernel)) return null;
    const made = graph.add(denseGradOp, [byKernel.inputs[0]!, byInput.inputs[1]!, dy!], { relu: false });
    graph.substitute(dx, made[0]!);
    graph.substitute(dkernel, made[1]!);
    return [made[2]!];
  },
});

/** One product with that side transposed. */
function isPlain({ batch, transposeA, transposeB, activation }: KernelAttrs['matmul'], first: boolean): boolean {
  return batch === 1 && transposeA === first && transposeB === !first && activation === 'linear';
}

export const reluOfDenseGradient = defineRewrite({
  name: 'the gradient of a relu before a dense layer is taken where the layer reads the result of the relu',
  apply(step, graph) {
    const relu = asStep(step, reluGradOp);
    const [dy, y] = relu?.inputs ?? [];
    if (!relu || dy === undefined || y === undefined) return null;
    const grad = graph.madeBy(graph.unshaped(dy), denseGradOp);
    if (!grad || grad.attrs.relu || grad.outputs[0] !== graph.unshaped(dy)) return null;
    if (graph.unshaped(grad.inputs[0]!) !== graph.unshaped(y) || !graph.isUsedOnce(dy)) return null;
    graph.change(grad, { relu: true });
    return [dy];
  },
});
