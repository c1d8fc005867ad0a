import type { KernelCall, KernelName } from '../../kernels.ts';
import { isTunable, type Way } from '../variant.ts';
import type { DeviceFacts, WebgpuKernels } from '../webgpuKernel.ts';
import { affineKernels } from './affine.ts';
import { batchNormKernels } from './batchNorm.ts';
import { convKernels } from './conv2d/index.ts';
import { convPoolKernels } from './convPool/index.ts';
import { elementwiseKernels } from './elementwise.ts';
import { fusedKernels } from './fused.ts';
import { indexingKernels } from './indexing.ts';
import { matmulKernels } from './matmul/index.ts';
import { optimizerKernels } from './optimizers.ts';
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
  ...convPoolKernels,
  ...fusedKernels,
  ...resizeKernels,
  ...affineKernels,
  ...batchNormKernels,
  ...softmaxKernels,
  ...updateKernels,
  ...optimizerKernels,
};

/** The ways that a kernel with a choice has for a call; null for the others. */
export function waysOf<K extends KernelName>(call: KernelCall<K>, device: DeviceFacts): Iterable<Way> | null {
  const kernel: WebgpuKernels[K] = kernels[call.kernel];
  return isTunable(kernel) ? kernel.ways(call, device) : null;
}
