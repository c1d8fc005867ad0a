// What fused kernels stand for: their parts, one after another.
import { makeArray } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { convKernels } from './conv2d.ts';
import type { CpuArray, CpuKernels } from './cpuKernel.ts';
import { elementwiseKernels } from './elementwise.ts';
import { matmulKernels } from './matmul.ts';
import { poolKernels } from './pool2d.ts';
import { reduceKernels } from './reduce.ts';
import { softmaxKernels } from './softmax.ts';

/** A value between two parts. */
function between(like: CpuArray, shape: readonly number[]): CpuArray {
  return { shape, dtype: like.dtype, data: makeArray(like.dtype, sizeOf(shape)) };
}

/** The place of the largest of each row. */
function winners(x: CpuArray): Int32Array {
  const [outer, reduced] = x.shape as [number, number];
  const y = { shape: [outer], dtype: 'int32' as const, data: new Int32Array(outer) };
  reduceKernels.argReduce({ inputs: [x], outputs: [y], attrs: { fn: 'max', outer, reduced, inner: 1 } });
  return y.data;
}

type FusedKernel = 'conv2dMaxPool2d' | 'conv2dMaxPool2dGradKernel' | 'classify' | 'denseGrad' | 'accumulate';

export const fusedKernels: CpuKernels<FusedKernel> = {
  conv2dMaxPool2d({ inputs, outputs, attrs: { pool, ...conv } }) {
    const [x, kernel] = inputs;
    const z = between(x!, [x!.shape[0]!, conv.p, conv.q, kernel!.shape[3]!]);
    convKernels.conv2d({ inputs, outputs: [z], attrs: conv });
    poolKernels.maxPool2d({ inputs: [z], outputs, attrs: pool });
  },

  conv2dMaxPool2dGradKernel({ inputs: [x, dy, winner, y], outputs, attrs: { pool, relu, bias, ...conv } }) {
    const [n, k] = [x!.shape[0]!, dy!.shape[3]!];
    const passed = relu ? between(dy!, dy!.shape) : dy!;
    if (relu) elementwiseKernels.binary({ inputs: [dy!, y!], outputs: [passed], attrs: { fn: 'reluGrad' } });
    const dz = between(dy!, [n, conv.p, conv.q, k]);
    poolKernels.maxPool2dGrad({ inputs: [passed, winner!], outputs: [dz], attrs: { ...pool, shape: dz.shape } });
    convKernels.conv2dGradKernel({ inputs: [x!, dz], outputs: [outputs[0]!], attrs: conv });
    const block = { outer: 1, reduced: n * pool.p * pool.q, inner: k };
    if (bias)
      reduceKernels.reduce({ inputs: [passed], outputs: [outputs[1]!], attrs: { fn: 'sum', ...block, scale: 1 } });
  },

  classify({ inputs: [logits, labels], outputs: [loss, slope, y, hit], attrs: { scale } }) {
    softmaxKernels.softmaxCrossEntropy({ inputs: [logits!, labels!], outputs: [loss!, slope!], attrs: {} });
    slope!.data.forEach((value, i) => {
      slope!.data[i] = value * scale;
    });
    softmaxKernels.softmax({ inputs: [logits!], outputs: [y!], attrs: {} });
    const [asked, given] = [winners(labels!), winners(y!)];
    asked.forEach((place, row) => {
      hit!.data[row] = place === given[row] ? 1 : 0;
    });
  },

  denseGrad({ inputs: [x, kernel, dy], outputs: [dx, dkernel, dbias], attrs: { relu } }) {
    const [, m, k] = x!.shape as [number, number, number];
    const n = dy!.shape[2]!;
    const plain = { batch: 1, broadcastA: false, broadcastB: false, activation: 'linear' } as const;
    const byInput = { ...plain, m, n: k, k: n, transposeA: false, transposeB: true };
    const slopes = relu ? between(dx!, dx!.shape) : dx!;
    matmulKernels.matmul({ inputs: [dy!, kernel!], outputs: [slopes], attrs: byInput });
    if (relu) elementwiseKernels.binary({ inputs: [slopes, x!], outputs: [dx!], attrs: { fn: 'reluGrad' } });
    const byKernel = { ...plain, m: k, n, k: m, transposeA: true, transposeB: false };
    matmulKernels.matmul({ inputs: [x!, dy!], outputs: [dkernel!], attrs: byKernel });
    const rows = { fn: 'sum', outer: 1, reduced: m, inner: n, scale: 1 } as const;
    reduceKernels.reduce({ inputs: [dy!], outputs: [dbias!], attrs: rows });
  },

  accumulate({ inputs: [target, values], attrs: { scale } }) {
    let sum = 0;
    for (const value of values!.data) sum += value;
    target!.data[0]! += scale * sum;
  },
};
