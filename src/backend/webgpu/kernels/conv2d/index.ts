// Which way of a convolution to begin with, before anything was measured: lists of conditions, each with its reason.
import type { Shape } from '../../../backend.ts';
import { tunable } from '../../variant.ts';
import type { DeviceFacts, WebgpuKernels } from '../../webgpuKernel.ts';
import { forwardRegisterTile } from './forwardRegisterTile.ts';
import { forwardSubgroup } from './forwardSubgroup.ts';
import { forwardWorkgroupTile } from './forwardWorkgroupTile.ts';
import { gradInputFew } from './gradInputFew.ts';
import { gradInputRegisterTile } from './gradInputRegisterTile.ts';
import { gradInputSubgroup } from './gradInputSubgroup.ts';
import { gradInputWorkgroupTile } from './gradInputWorkgroupTile.ts';
import { gradKernelRegisterTile } from './gradKernelRegisterTile.ts';
import { gradKernelWorkgroupTile } from './gradKernelWorkgroupTile.ts';

/** Above these MLX takes its general implicit GEMM, below special loaders (C up to 4, K up to 16). */
const FEWEST_INPUTS = 8;
const FEWEST_OUTPUTS = 16;

export const convKernels: WebgpuKernels<'conv2d' | 'conv2dGradInput' | 'conv2dGradKernel'> = {
  conv2d: tunable(({ inputs: [, kernel] }, device) => {
    if (staged(kernel!.shape, device)) return [forwardWorkgroupTile, forwardRegisterTile, forwardSubgroup];
    if (shared(kernel!.shape[3]!, device)) return [forwardSubgroup, forwardRegisterTile, forwardWorkgroupTile];
    return [forwardRegisterTile, forwardSubgroup, forwardWorkgroupTile];
  }),
  conv2dGradInput: tunable(({ inputs: [, kernel] }, device) => {
    if (staged(kernel!.shape, device)) return [gradInputWorkgroupTile, gradInputRegisterTile, gradInputSubgroup];
    if (shared(kernel!.shape[2]!, device)) return [gradInputSubgroup, gradInputRegisterTile, gradInputWorkgroupTile];
    // The first has ways for few channels only: sums by vectors of output channels, and no turned kernel.
    return [gradInputFew, gradInputRegisterTile, gradInputSubgroup, gradInputWorkgroupTile];
  }),
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

/** Whether to begin with operands handed round subgroups, whose lanes take `channels` of the result. */
function shared(channels: number, { profile, subgroupSize }: DeviceFacts): boolean {
  // With fewer channels than lanes, some idle.
  return profile.class === 'software' && subgroupSize > 0 && channels >= subgroupSize;
}
