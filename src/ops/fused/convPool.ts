// A max-pool behind a convolution. Forwards the two are one pass that never writes what lies between. Backwards only the
// cells that won have a gradient, so what works on all cells can work on the windows instead:
//
//   reluGrad(maxPool2dGrad(dy, winner), z)      = maxPool2dGrad(reluGrad(dy, y), winner)     with y, winner = maxPool2d(z)
//   sum over n, h, w of maxPool2dGrad(dy, ...)  = sum over n, p, q of dy
//   conv2dGradKernel(x, maxPool2dGrad(dy, ...)) = one pass over dy
import type { Shape } from '../../backend/backend.ts';
import type { ConvAttrs, PoolAttrs } from '../../backend/kernels.ts';
import { defineRewrite } from '../../compile/fuse.ts';
import { apply, applyOne } from '../../engine/execute.ts';
import { defineOp, opOf } from '../../engine/op.ts';
import { asStep } from '../../engine/program.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { convAttrs } from '../conv2d.ts';
import { reluGrad } from '../elementwise.ts';
import '../pool2d.ts';
import { sum } from '../reduce.ts';
import { reshape } from '../shape.ts';

const conv2dOp = opOf('conv2d', 'conv2d');
const gradKernelOp = opOf('conv2dGradKernel', 'conv2dGradKernel');
const maxPool2dOp = opOf('maxPool2d', 'maxPool2d');
const maxPool2dGradOp = opOf('maxPool2dGrad', 'maxPool2dGrad');
const reluGradOp = opOf('reluGrad', 'binary');
const reduceOp = opOf('reduce', 'reduce');

export const convPoolOp = defineOp({
  name: 'conv2dMaxPool2d',
  kernel: 'conv2dMaxPool2d',
  infer: ([x, kernel], { pool: { p, q } }) => {
    const shape = [x!.shape[0]!, p, q, kernel!.shape[3]!];
    return [
      { shape, dtype: x!.dtype },
      { shape, dtype: 'int32' },
    ];
  },
  gradient: 'not differentiable',
  decompose: (inputs, { pool, ...conv }) => apply(maxPool2dOp, [applyOne(conv2dOp, inputs, conv)], pool),
  flops: ([, kernel], [y], { pool }) =>
    2 * sizeOf(y!.shape) * pool.poolH * pool.poolW * sizeOf(kernel!.shape.slice(0, 3)),
});

export const convPoolGradKernelOp = defineOp({
  name: 'conv2dMaxPool2dGradKernel',
  kernel: 'conv2dMaxPool2dGradKernel',
  infer: ([x], { shape, bias }) => {
    const { dtype } = x!;
    return [{ shape, dtype }, ...(bias ? [{ shape: [1, shape[3]!], dtype }] : [])];
  },
  gradient: 'not differentiable',
  decompose: ([x, dy, winner, y], { pool, relu, bias, ...conv }) => {
    const passed = relu ? reluGrad(dy!, y!) : dy!;
    const cells: Shape = [x!.shape[0]!, conv.p, conv.q, conv.shape[3]!];
    const dz = applyOne(maxPool2dGradOp, [passed, winner!], { ...pool, shape: cells });
    const dkernel = applyOne(gradKernelOp, [x!, dz], conv);
    return bias ? [dkernel, reshape(sum(passed, [0, 1, 2]), [1, -1])] : [dkernel];
  },
  flops: ([, dy], [dkernel]) => 2 * sizeOf(dy!.shape) * sizeOf(dkernel!.shape.slice(0, 3)),
});

/** Whether each cell belongs to at most one window, and no window reaches outside. */
function isPartition(pool: PoolAttrs, { p, q }: ConvAttrs): boolean {
  return (
    pool.strideH >= pool.poolH &&
    pool.strideW >= pool.poolW &&
    pool.padTop === 0 &&
    pool.padLeft === 0 &&
    (pool.p - 1) * pool.strideH + pool.poolH <= p &&
    (pool.q - 1) * pool.strideW + pool.poolW <= q
  );
}

/**
 * Above, the tiles of conv2d and its gradients are worth more than what lies between convolution and pool: they load each
 * value for many results, where here a window is a tile.
 */
export const MOST_CHANNELS = 4;

export const fuseConvPool = defineRewrite({
  name: 'a convolution and its max-pool are one pass',
  apply(step, graph) {
    const pool = asStep(step, maxPool2dOp);
    const conv = pool && graph.isUsedOnce(pool.inputs[0]!) ? graph.madeBy(pool.inputs[0]!, conv2dOp) : null;
    if (!pool || !conv || graph.spec(conv.inputs[1]!).shape[2]! > MOST_CHANNELS) return null;
    if (!isPartition(pool.attrs, conv.attrs)) return null;
    return graph.add(convPoolOp, conv.inputs, { ...conv.attrs, pool: pool.attrs });
  },
});

export const reluBeforeUnpool = defineRewrite({
  name: 'a relu behind un-pooling stands before it',
  apply(step, graph) {
    const relu = asStep(step, reluGradOp);
    const unpool = relu && graph.madeBy(relu.inputs[0]!, maxPool2dGradOp);
    const pool = unpool && graph.madeBy(unpool.inputs[1]!, maxPool2dOp);
    if (!relu || !unpool || !pool || pool.inputs[0] !== relu.inputs[1]) return null;
    const [dy, winner] = unpool.inputs as [number, number];
    const [passed] = graph.add(reluGradOp, [dy, pool.outputs[0]!], relu.attrs);
    return graph.add(maxPool2dGradOp, [passed!, winner], unpool.attrs);
  },
});

export const sumBeforeUnpool = defineRewrite({
  name: 'a sum over all cells of an un-pooled gradient is one over its windows',
  apply(step, graph) {
    const total = asStep(step, reduceOp);
    const unpool = total && graph.madeBy(total.inputs[0]!, maxPool2dGradOp);
    if (!total || !unpool) return null;
    const [n, , , c] = unpool.attrs.shape as [number, number, number, number];
    const { fn, outer, inner } = total.attrs;
    if (fn !== 'sum' || outer !== 1 || inner !== c) return null;
    const reduced = n * unpool.attrs.p * unpool.attrs.q;
    return graph.add(reduceOp, [unpool.inputs[0]!], { ...total.attrs, reduced });
  },
});

export const fuseUnpoolGradKernel = defineRewrite({
  name: 'the gradient of a kernel looks at the cells that won, and at no others',
  apply(step, graph) {
    const grad = asStep(step, gradKernelOp);
    const unpool = grad && graph.madeBy(grad.inputs[1]!, maxPool2dGradOp);
    if (!grad || !unpool || grad.attrs.shape[2]! > MOST_CHANNELS) return null;
    const { shape: _, ...pool } = unpool.attrs;
    if (!isPartition(pool, grad.attrs)) return null;
    const inputs = [grad.inputs[0]!, ...unpool.inputs];
    const alone = { relu: false, bias: false, shape: grad.attrs.shape };
    return graph.add(convPoolGradKernelOp, inputs, { ...convAttrs(grad.attrs), pool, ...alone });
  },
});

export const fuseBiasGradient = defineRewrite({
  name: 'the gradients of kernel and bias are one pass, and so is the relu before them',
  apply(step, graph) {
    const total = asStep(step, reduceOp);
    const slopes = total?.inputs[0];
    const grad = slopes === undefined ? null : graph.readBy(slopes, convPoolGradKernelOp, 1);
    if (!total || !grad || grad.attrs.bias) return null;
    const { fn, outer, inner, scale } = total.attrs;
    if (fn !== 'sum' || outer !== 1 || scale !== 1 || inner !== grad.attrs.shape[3]) return null;
    const relu = graph.madeBy(slopes!, reluGradOp);
    const [x, dy, winner] = grad.inputs as [number, number, number];
    const inputs = relu ? [x, relu.inputs[0]!, winner, relu.inputs[1]!] : [x, dy, winner];
    const attrs = { ...grad.attrs, relu: relu !== null, bias: true };
    const [dkernel, dbias] = graph.add(convPoolGradKernelOp, inputs, attrs);
    graph.substitute(grad.outputs[0]!, dkernel!);
    return [dbias!];
  },
});
