import type { WebgpuKernels } from '../webgpuKernel.ts';
import { convKernels } from './conv2d/index.ts';
import { elementwiseKernels } from './elementwise.ts';
import { fusedKernels } from './fused.ts';
import { indexingKernels } from './indexing.ts';
import { matmulKernels } from './matmul/index.ts';
import { poolKernels } from './pool2d.ts';
import { reduceKernels } from './reduce.ts';
import { resizeKernels } from './resize2d.ts';
import { shapeKernels } from './shape.ts';
import { softmaxKernels } from './softmax.ts';
import { updateKernels } from './updates.ts';

/** The host half of every kernel. */
export const kernels: WebgpuKernels = {
  ...elementwiseKernels,
  ...reduceKernels,
  ...shapeKernels,
  ...indexingKernels,
  ...matmulKernels,
  ...convKernels,
  ...poolKernels,
  ...fusedKernels,
  ...resizeKernels,
  ...softmaxKernels,
  ...updateKernels,
};
