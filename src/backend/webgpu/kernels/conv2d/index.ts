// Which way of a convolution to begin with, before anything was measured: lists of conditions, each with its reason.
import type { Shape } from '../../../backend.ts';
import { laterVariant, tunable } from '../../variant.ts';
import type { DeviceFacts, WebgpuKernels } from '../../webgpuKernel.ts';
import { sharing, staging, windows } from '../chunks.ts';

const forwardRegisterTile = laterVariant(() => windows().forwardRegisterTile);
const gradInputFew = laterVariant(() => windows().gradInputFew);
const gradInputRegisterTile = laterVariant(() => windows().gradInputRegisterTile);
const gradKernelRegisterTile = laterVariant(() => windows().gradKernelRegisterTile);
const forwardWorkgroupTile = laterVariant(() => staging().forwardWorkgroupTile);
const gradInputWorkgroupTile = laterVariant(() => staging().gradInputWorkgroupTile);
const gradKernelWorkgroupTile = laterVariant(() => staging().gradKernelWorkgroupTile);
const forwardSubgroup = laterVariant(() => sharing().forwardSubgroup);
const gradInputSubgroup = laterVariant(() => sharing().gradInputSubgroup);
const forwardWinograd = laterVariant(() => sharing().forwardWinograd);
const gradInputWinograd = laterVariant(() => sharing().gradInputWinograd);

/** Above these MLX takes its general implicit GEMM, below special loaders (C up to 4, K up to 16). */
const FEWEST_INPUTS = 8;
const FEWEST_OUTPUTS = 16;

// Winograd comes last everywhere: infinities spread in its tiles, so only who asks for what is fastest gets it.
export const convKernels: WebgpuKernels<'conv2d' | 'conv2dGradInput' | 'conv2dGradKernel'> = {
  conv2d: tunable(({ inputs: [, kernel] }, device) => {
    const [workgroup, subgroup, register] = [forwardWorkgroupTile, forwardSubgroup, forwardRegisterTile];
    if (staged(kernel!.shape, device)) return [workgroup, register, subgroup, forwardWinograd];
    if (shared(kernel!.shape[3]!, device)) return [subgroup, register, workgroup, forwardWinograd];
    return [register, subgroup, workgroup, forwardWinograd];
  }),
  conv2dGradInput: tunable(({ inputs: [, kernel] }, device) => {
    const [workgroup, subgroup, register] = [gradInputWorkgroupTile, gradInputSubgroup, gradInputRegisterTile];
    if (staged(kernel!.shape, device)) return [workgroup, register, subgroup, gradInputWinograd];
    // Of few channels alone: sums by vectors of output channels, and no turned kernel.
    const few = gradInputFew;
    if (shared(kernel!.shape[2]!, device)) return [subgroup, few, register, workgroup, gradInputWinograd];
    return [few, register, subgroup, workgroup, gradInputWinograd];
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
