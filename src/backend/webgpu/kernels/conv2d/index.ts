// Which way of a convolution to begin with, before anything was measured: lists of conditions, each with its reason.
import type { Shape } from '../../../backend.ts';
import { tunable } from '../../variant.ts';
import type { DeviceFacts, WebgpuKernels } from '../../webgpuKernel.ts';
import { forwardRegisterTile } from './forwardRegisterTile.ts';
import { forwardWorkgroupTile } from './forwardWorkgroupTile.ts';
import { gradInputRegisterTile } from './gradInputRegisterTile.ts';
import { gradInputWorkgroupTile } from './gradInputWorkgroupTile.ts';
import { gradKernelRegisterTile } from './gradKernelRegisterTile.ts';
import { gradKernelWorkgroupTile } from './gradKernelWorkgroupTile.ts';

/** Above these MLX takes its general implicit GEMM, below special loaders (C up to 4, K up to 16). */
const FEWEST_INPUTS = 8;
const FEWEST_OUTPUTS = 16;

export const convKernels: WebgpuKernels<'conv2d' | 'conv2dGradInput' | 'conv2dGradKernel'> = {
  conv2d: tunable(({ inputs: [, kernel] }, device) =>
    staged(kernel!.shape, device)
      ? [forwardWorkgroupTile, forwardRegisterTile]
      : [forwardRegisterTile, forwardWorkgroupTile],
  ),
  conv2dGradInput: tunable(({ inputs: [, kernel] }, device) =>
    staged(kernel!.shape, device)
      ? [gradInputWorkgroupTile, gradInputRegisterTile]
      : [gradInputRegisterTile, gradInputWorkgroupTile],
  ),
  conv2dGradKernel: tunable(({ outputs: [dkernel] }, device) =>
    staged(dkernel!.shape, device)
      ? [gradKernelWorkgroupTile, gradKernelRegisterTile]
      : [gradKernelRegisterTile, gradKernelWorkgroupTile],
  ),
};

/** Whether to begin with a tile in workgroup memory. */
function staged([, , perGroup, K]: Shape, { profile }: DeviceFacts): boolean {
  // Where workgroup memory is ordinary memory, staging is a copy and a barrier for nothing.
  if (!profile.workgroupTiles) return false;
  // A slab holds the channels of one tap, so of few channels it is mostly empty.
  return perGroup! >= FEWEST_INPUTS && K! >= FEWEST_OUTPUTS;
}
