// What fused kernels stand for: their parts, one after another.

import { convKernels } from './conv2d.ts';
import type { CpuArray, CpuKernels } from './cpuKernel.ts';
import { poolKernels } from './pool2d.ts';

/** A value between two parts. */
function between(like: CpuArray, shape: readonly number[]): CpuArray {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = like.dtype === 'float64' ? new Float64Array(size) : new Float32Array(size);
  return { shape, dtype: like.dtype, data };
}

export const fusedKernels: CpuKernels<'conv2dMaxPool2d' | 'conv2dMaxPool2dGradKernel'> = {
  conv2dMaxPool2d({ inputs, outputs, attrs: { pool, ...conv } }) {
    const [x, kernel] = inputs;
    const z = between(x!, [x!.shape[0]!, conv.p, conv.q, kernel!.shape[3]!]);
    convKernels.conv2d({ inputs, outputs: [z], attrs: conv });
    poolKernels.maxPool2d({ inputs: [z], outputs, attrs: pool });
  },

  conv2dMaxPool2dGradKernel({ inputs: [x, dy, winner], outputs, attrs: { pool, ...conv } }) {
    const dz = between(dy!, [x!.shape[0]!, conv.p, conv.q, dy!.shape[3]!]);
    poolKernels.maxPool2dGrad({ inputs: [dy!, winner!], outputs: [dz], attrs: { ...pool, shape: dz.shape } });
    convKernels.conv2dGradKernel({ inputs: [x!, dz], outputs, attrs: conv });
  },
};
