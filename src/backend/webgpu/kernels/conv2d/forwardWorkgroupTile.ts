// A tile of the result for each workgroup, slabs of both operands staged in workgroup memory.
import { wgsl } from '../../../../platform/wgsl.ts';
import { nameOf, type Variant } from '../../variant.ts';
import type { Dispatch, Resource } from '../../webgpuKernel.ts';
import { requireOneBinding } from '../elementwise.ts';
import { uniform } from '../params.ts';
import { splitSum } from '../splitSum.ts';
import { type Four, fourOrOne, isPadded, ungrouped } from './geometry.ts';
import { sharesOf, threadsOf, tileCount, type WorkgroupTile, workgroupTiles } from './workgroupTiles.ts';

const shader = { name: 'conv2d_forward_workgroup', text: wgsl('conv2d_forward_workgroup') };

/** Without groups, and for output channels in fours. */
export const forwardWorkgroupTile: Variant<'conv2d'> = function* (
  { inputs: [x, kernel, bias, scale], outputs: [y], attrs },
  device,
) {
  const [N, P, Q, K] = y!.shape as Four;
  const [R, S, C] = kernel!.shape as Four;
  if (attrs.groups > 1 || K % 4 !== 0) return;
  requireOneBinding('conv2d', [x!, kernel!, y!], device);
  const M = N * P * Q;
  const product = { rows: M, columns: K, depth: C, copies: 1 };
  const RELU = attrs.activation === 'relu';
  for (const tile of workgroupTiles(product, device, bytesOf)) {
    const tiles = tileCount(product, tile);
    const slabs = R * S * Math.ceil(C / tile.BK);
    for (const SPLITS of sharesOf(tiles * threadsOf(tile), slabs, device)) {
      const whole = SPLITS === 1;
      const target: Resource = whole ? y! : { scratch: 0, byteLength: 4 * SPLITS * M * K };
      const threads = tiles * SPLITS * threadsOf(tile);
      const partial: Dispatch = {
        shader,
        constants: {
          ...ungrouped(x!.shape, kernel!.shape, attrs),
          ...fourOrOne(C),
          ...tile,
          PADDED: isPadded(x!.shape, kernel!.shape, attrs),
          HAS_BIAS: whole && bias !== undefined,
          HAS_SCALE: whole && scale !== undefined,
          RELU: whole && RELU,
        },
        bindings: {
          sizes: uniform(N, SPLITS),
          x: x!,
          kernel: kernel!,
          bias: bias ?? kernel!,
          scale: scale ?? kernel!,
          y: target,
        },
        workgroups: tiles * SPLITS,
      };
      const sum = { BATCH: 1, SPLITS, SIZE: M * K, COLUMNS: K, bias, scale, RELU };
      yield {
        name: nameOf('conv2d_forward_workgroup', { ...tile, SPLITS }),
        work: {
          flops: 2 * M * K * R * S * C,
          loads: (tiles * slabs * tile.BK * (tile.BM + tile.BN)) / 4,
          sharedLoads: (tiles * threadsOf(tile) * slabs * tile.BK * (tile.TM + tile.TN)) / 4,
          threads,
        },
        dispatches: whole ? [partial] : [partial, splitSum(target, y!, sum)],
      };
    }
  }
};

/** Tiles of x and kernel, and whether each pixel is inside. */
function bytesOf({ BM, BN, BK }: WorkgroupTile): number {
  return 4 * (BM * (BK + 4) + BK * BN + BM);
}
