// Channels by channels of one tap for each workgroup, slabs of pixels staged in workgroup memory; the sum over pixels is split.
import { wgsl } from '../../../../platform/wgsl.ts';
import { sizeOf } from '../../../../tensor/shape.ts';
import { nameOf, type Variant } from '../../variant.ts';
import type { Dispatch, Resource } from '../../webgpuKernel.ts';
import { requireOneBinding } from '../elementwise.ts';
import { uniform } from '../params.ts';
import { splitSum } from '../splitSum.ts';
import { type Four, fourOrOne, ungrouped } from './geometry.ts';
import { FEWEST_SLABS, sharesOf, threadsOf, tileCount, type WorkgroupTile, workgroupTiles } from './workgroupTiles.ts';

const shader = { name: 'conv2d_grad_kernel_workgroup', text: wgsl('conv2d_grad_kernel_workgroup') };

/** Without groups, and for output channels in fours. */
export const gradKernelWorkgroupTile: Variant<'conv2dGradKernel'> = function* (
  { inputs: [x, dy], outputs: [dkernel], attrs },
  device,
) {
  const [N, P, Q] = dy!.shape as Four;
  const [R, S, C, K] = dkernel!.shape as Four;
  if (attrs.groups > 1 || K % 4 !== 0) return;
  requireOneBinding('conv2dGradKernel', [x!, dy!, dkernel!], device);
  const SIZE = sizeOf(dkernel!.shape);
  const M = N * P * Q;
  // Cut as finely as it may be, the sum makes many tiles of few.
  const product = { rows: C, columns: K, depth: M, copies: R * S * Math.ceil(M / (16 * FEWEST_SLABS)) };
  for (const tile of workgroupTiles(product, device, bytesOf)) {
    const tiles = R * S * tileCount(product, tile);
    const slabs = Math.ceil(M / tile.BK);
    const terms = tiles * slabs * tile.BK;
    for (const SPLITS of sharesOf(tiles * threadsOf(tile), slabs, device)) {
      const whole = SPLITS === 1;
      const target: Resource = whole ? dkernel! : { scratch: 0, byteLength: 4 * SPLITS * SIZE };
      const partial: Dispatch = {
        shader,
        constants: { ...ungrouped(x!.shape, dkernel!.shape, attrs), ...fourOrOne(C), ...tile },
        bindings: { sizes: uniform(N, SPLITS), x: x!, dy: dy!, partials: target },
        workgroups: tiles * SPLITS,
      };
      const sum = { BATCH: 1, SPLITS, SIZE, COLUMNS: K, RELU: false };
      yield {
        name: nameOf('conv2d_grad_kernel_workgroup', { ...tile, SPLITS }),
        work: {
          flops: 2 * M * SIZE,
          loads: (terms * (tile.BM + tile.BN)) / 4,
          sharedLoads: (terms * threadsOf(tile) * (tile.TM + tile.TN)) / 4,
          threads: tiles * SPLITS * threadsOf(tile),
        },
        dispatches: whole ? [partial] : [partial, splitSum(target, dkernel!, sum)],
      };
    }
  }
};

/** Tiles of x and dy. */
function bytesOf({ BM, BN, BK }: WorkgroupTile): number {
  return 4 * BK * (BM + BN);
}
