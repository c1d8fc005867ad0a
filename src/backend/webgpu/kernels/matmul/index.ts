import type { KernelCall } from '../../../kernels.ts';
import { laterVariant, tunable, type Variant } from '../../variant.ts';
import type { DeviceFacts, WebgpuKernels } from '../../webgpuKernel.ts';
import { sharing, staging } from '../chunks.ts';
import { registerTile } from './registerTile.ts';
import { hasEnoughTiles } from './tiles.ts';

const workgroupTile = laterVariant(() => staging().workgroupTile);
const subgroupTile = laterVariant(() => sharing().subgroupTile);

export const matmulKernels: WebgpuKernels<'matmul'> = { matmul: tunable(inOrder) };

function inOrder({ attrs }: KernelCall<'matmul'>, device: DeviceFacts): readonly Variant<'matmul'>[] {
  const { workgroupTiles } = device.profile;
  // Staging divides the reads of memory by the tile; it pays where workgroup memory is not ordinary memory, and where all
  // cores get a tile.
  if (workgroupTiles && hasEnoughTiles(attrs, device)) return [workgroupTile, registerTile, subgroupTile];
  // Small and narrow products: no staging, no idle threads.
  return [registerTile, subgroupTile, workgroupTile];
}
