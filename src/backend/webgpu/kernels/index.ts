import type { KernelCall, KernelName } from '../../kernels.ts';
import { isTunable, type Way } from '../variant.ts';
import type { DeviceFacts, WebgpuKernel, WebgpuKernels } from '../webgpuKernel.ts';
import { adamKernels } from './adam.ts';
import { optimizers, pictures, windows } from './chunks.ts';
import { convKernels } from './conv2d/index.ts';
import { convPoolKernels } from './convPool/index.ts';
import { elementwiseKernels } from './elementwise.ts';
import { fusedKernels } from './fused.ts';
import { indexingKernels } from './indexing.ts';
import { matmulKernels } from './matmul/index.ts';
import { reduceKernels } from './reduce.ts';
import { shapeKernels } from './shape.ts';
import { softmaxKernels } from './softmax.ts';
import { updateKernels } from './updates.ts';

const laterKernel =
  <K extends KernelName>(load: () => WebgpuKernel<K>): WebgpuKernel<K> =>
  (...call) =>
    load()(...call);

/** The host half of every kernel. Some throw NotLoaded when they are called for the first time, and so may ways. */
export const kernels: WebgpuKernels = {
  ...elementwiseKernels,
  ...reduceKernels,
  ...shapeKernels,
  ...indexingKernels,
  ...matmulKernels,
  ...convKernels,
  ...convPoolKernels,
  ...fusedKernels,
  ...softmaxKernels,
  ...updateKernels,
  ...adamKernels,
  maxPool2d: laterKernel(() => windows().poolKernels.maxPool2d),
  maxPool2dGrad: laterKernel(() => windows().poolKernels.maxPool2dGrad),
  maxPool2dPick: laterKernel(() => windows().poolKernels.maxPool2dPick),
  avgPool2d: laterKernel(() => windows().poolKernels.avgPool2d),
  avgPool2dGrad: laterKernel(() => windows().poolKernels.avgPool2dGrad),
  batchNormTraining: laterKernel(() => windows().batchNormKernels.batchNormTraining),
  batchNormTrainingGrad: laterKernel(() => windows().batchNormKernels.batchNormTrainingGrad),
  amsgrad: laterKernel(() => optimizers().optimizerKernels.amsgrad),
  sgd: laterKernel(() => optimizers().optimizerKernels.sgd),
  rmsprop: laterKernel(() => optimizers().optimizerKernels.rmsprop),
  adagrad: laterKernel(() => optimizers().optimizerKernels.adagrad),
  adamax: laterKernel(() => optimizers().optimizerKernels.adamax),
  nadam: laterKernel(() => optimizers().optimizerKernels.nadam),
  accumulateGradient: laterKernel(() => optimizers().optimizerKernels.accumulateGradient),
  clipNorm: laterKernel(() => optimizers().optimizerKernels.clipNorm),
  movingAverage: laterKernel(() => optimizers().optimizerKernels.movingAverage),
  affineMatrices: laterKernel(() => pictures().affineKernels.affineMatrices),
  affineResample: laterKernel(() => pictures().affineKernels.affineResample),
  resize2d: laterKernel(() => pictures().resizeKernels.resize2d),
  resize2dGrad: laterKernel(() => pictures().resizeKernels.resize2dGrad),
};

/** The ways that a kernel with a choice has for a call; null for the others. */
export function waysOf<K extends KernelName>(call: KernelCall<K>, device: DeviceFacts): Iterable<Way> | null {
  const kernel: WebgpuKernels[K] = kernels[call.kernel];
  return isTunable(kernel) ? kernel.ways(call, device) : null;
}
