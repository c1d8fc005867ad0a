import { tunable } from '../../variant.ts';
import type { WebgpuKernels } from '../../webgpuKernel.ts';
import { forwardRegisterTile } from './forwardRegisterTile.ts';
import { gradInputRegisterTile } from './gradInputRegisterTile.ts';
import { gradKernelRegisterTile } from './gradKernelRegisterTile.ts';

export const convKernels: WebgpuKernels<'conv2d' | 'conv2dGradInput' | 'conv2dGradKernel'> = {
  conv2d: tunable(() => [forwardRegisterTile]),
  conv2dGradInput: tunable(() => [gradInputRegisterTile]),
  conv2dGradKernel: tunable(() => [gradKernelRegisterTile]),
};
