import { tunable } from '../../variant.ts';
import type { WebgpuKernels } from '../../webgpuKernel.ts';
import { registerTile } from './registerTile.ts';

export const matmulKernels: WebgpuKernels<'matmul'> = {
  matmul: tunable(() => [registerTile]),
};
