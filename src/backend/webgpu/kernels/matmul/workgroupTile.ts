// A tile of the product for a workgroup, which stages both operands in workgroup memory.
import { wgsl } from '../../../../platform/wgsl.ts';
import { nameOf, type Variant } from '../../variant.ts';
import { requireOneBinding } from '../elementwise.ts';
import { product } from './product.ts';
import { countOf, ENOUGH_TILES, likeliestFirst, threadsOf } from './tiles.ts';

const shader = { name: 'matmul_tiled', text: wgsl('matmul_tiled') };

/** The shortest part of k that is worth a workgroup, and the most parts. */
const SHORTEST_SPLIT = 128;
const MOST_SPLITS = 32;

export const workgroupTile: Variant<'matmul'> = function* (call, device) {
  requireOneBinding('matmul', [...call.inputs.slice(0, 2), ...call.outputs], device);
  const { attrs } = call;
  const { batch, m: M, n: N, k: K } = attrs;
  // Bank conflicts cost Intel less than the room.
  const PAD = device.profile.class === 'intel' ? 0 : 1;
  for (const tile of likeliestFirst(attrs, device)) {
    const { BM, BN, BK, TM, TN } = tile;
    const tiles = countOf(tile, attrs);
    const most = Math.max(1, Math.min(MOST_SPLITS, Math.floor(K / SHORTEST_SPLIT)));
    for (const SPLITS of new Set([Math.min(most, Math.ceil(ENOUGH_TILES / tiles)), 1])) {
      const steps = tiles * Math.ceil(K / BK) * BK;
      const threads = threadsOf(tile);
      const [loads, staged] = [steps * (BM + BN), steps * threads * (TM / 4 + TN)];
      // Where workgroup memory is ordinary memory, its loads are loads like others.
      const { workgroupTiles } = device.profile;
      yield {
        name: nameOf('matmul_tiled', { BM, BN, BK, TM, TN, SPLITS }),
        work: {
          flops: 2 * batch * M * N * K,
          loads: workgroupTiles ? loads : loads + staged,
          sharedLoads: workgroupTiles ? staged : 0,
          threads: tiles * SPLITS * threads,
        },
        dispatches: product(call, { shader, constants: { ...tile, PAD }, SPLITS, workgroups: tiles * SPLITS }),
      };
    }
  }
};
