// The forward tile turned round: pixels of one phase by input channels, operands staged in workgroup memory as they lie.
import { wgsl } from '../../../../platform/wgsl.ts';
import { nameOf, type Variant } from '../../variant.ts';
import type { Dispatch, Resource } from '../../webgpuKernel.ts';
import { requireOneBinding } from '../elementwise.ts';
import { uniform } from '../params.ts';
import { splitSum } from '../splitSum.ts';
import { type Four, fourOrOne, ungrouped } from './geometry.ts';
import { sharesOf, threadsOf, tileCount, type WorkgroupTile, workgroupTiles } from './workgroupTiles.ts';

const shader = { name: 'conv2d_grad_input_workgroup', text: wgsl('conv2d_grad_input_workgroup') };

/** Without groups. */
export const gradInputWorkgroupTile: Variant<'conv2dGradInput'> = function* (
  { inputs: [dy, kernel], outputs: [dx], attrs },
  device,
) {
  const [N, H, W, C] = dx!.shape as Four;
  const [R, S, , K] = kernel!.shape as Four;
  if (attrs.groups > 1) return;
  requireOneBinding('conv2dGradInput', [dy!, kernel!, dx!], device);
  const phases = attrs.strideH * attrs.strideW;
  const rows = N * Math.ceil(H / attrs.strideH) * Math.ceil(W / attrs.strideW);
  const product = { rows, columns: C, depth: K, copies: phases };
  const SIZE = N * H * W * C;
  for (const tile of workgroupTiles(product, device, bytesOf)) {
    const tiles = phases * tileCount(product, tile);
    const slabs = R * S * Math.ceil(K / tile.BK);
    // A phase takes part in its share of the taps.
    const work = (tiles * slabs * tile.BK) / phases;
    for (const SPLITS of sharesOf(tiles * threadsOf(tile), slabs / phases, device)) {
      const whole = SPLITS === 1;
      const target: Resource = whole ? dx! : { scratch: 0, byteLength: 4 * SPLITS * SIZE };
      const partial: Dispatch = {
        shader,
        constants: { ...ungrouped(dx!.shape, kernel!.shape, attrs), ...fourOrOne(K), ...tile },
        bindings: { sizes: uniform(N, SPLITS), dy: dy!, kernel: kernel!, dx: target },
        workgroups: tiles * SPLITS,
      };
      const sum = { BATCH: 1, SPLITS, SIZE, COLUMNS: C, RELU: false };
      yield {
        name: nameOf('conv2d_grad_input_workgroup', { ...tile, SPLITS }),
        work: {
          flops: (2 * SIZE * R * S * K) / phases,
          loads: (work * (tile.BM + tile.BN)) / 4,
          sharedLoads: (work * threadsOf(tile) * (tile.TM + tile.TN)) / 4,
          threads: tiles * SPLITS * threadsOf(tile),
        },
        dispatches: whole ? [partial] : [partial, splitSum(target, dx!, sum)],
      };
    }
  }
};

/** Tiles of dy and kernel, and whether each pixel is inside. */
function bytesOf({ BM, BN, BK }: WorkgroupTile): number {
  return 4 * ((BM + BN) * (BK + 4) + BM);
}
