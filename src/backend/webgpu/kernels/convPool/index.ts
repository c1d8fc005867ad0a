import { laterVariant, tunable } from '../../variant.ts';
import { windows } from '../chunks.ts';
import { forwardPatch } from './forwardPatch.ts';
import { gradKernelPatch } from './gradKernelPatch.ts';

const forwardWindow = laterVariant(() => windows().forwardWindow);
const gradKernelWindow = laterVariant(() => windows().gradKernelWindow);

export const convPoolKernels = {
  // The patch reads each cell of x once for all channels: where it fits, nothing else comes near.
  conv2dMaxPool2d: tunable<'conv2dMaxPool2d'>(() => [forwardPatch, forwardWindow]),
  conv2dMaxPool2dGradKernel: tunable<'conv2dMaxPool2dGradKernel'>(() => [gradKernelPatch, gradKernelWindow]),
};
