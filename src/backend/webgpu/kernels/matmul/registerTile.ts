// A tile of the product in the registers of one thread, operands straight from storage, no barriers.
import { wgsl } from '../../../../platform/wgsl.ts';
import type { Profile } from '../../profile.ts';
import { nameOf, type Variant } from '../../variant.ts';
import { groupsFor } from '../../webgpuKernel.ts';
import { requireOneBinding } from '../elementwise.ts';
import { splitsFor } from '../splitSum.ts';
import { lanesFor } from '../vector.ts';
import { product } from './product.ts';

const shader = { name: 'matmul', text: wgsl('matmul') };

/** The most columns of a tile: above, registers spill. */
const MOST_COLUMNS = 10;
/** Multiply-adds from which on a tile that takes twice as long to compile earns that back. */
const LARGE = 2 ** 23;
/** The shortest part of k that is worth a thread. */
const SHORTEST_SPLIT = 32;

export const registerTile: Variant<'matmul'> = function* (call, device) {
  requireOneBinding('matmul', [...call.inputs.slice(0, 2), ...call.outputs], device);
  const { batch, m: M, n: N, k: K, transposeB } = call.attrs;
  // Columns of a transposed b do not lie side by side.
  const lanes = lanesFor(transposeB ? 1 : N);
  const vectors = N / lanes.LANES;
  for (const { TM, TN, threads } of settings(M, batch * M * N * K, vectors, lanes.LANES, device.profile)) {
    const tiles = batch * Math.ceil(M / TM) * (vectors / TN);
    const SPLITS = splitsFor(tiles, threads, K, SHORTEST_SPLIT);
    yield {
      name: nameOf('matmul', { TM, TN, threads }),
      work: { flops: 2 * batch * M * N * K, loads: tiles * K * (TM + TN), sharedLoads: 0, threads: tiles * SPLITS },
      dispatches: product(call, {
        shader,
        constants: { ...lanes, TM, TN },
        SPLITS,
        workgroups: groupsFor(tiles * SPLITS),
      }),
    };
  }
};

/** Tiles, and the threads that a product is cut for. First 4 rows, which leave room for many threads; a CPU has none to lose by 8. */
function* settings(M: number, steps: number, vectors: number, lanes: number, { class: device, threads }: Profile) {
  const columns = [5, 4, 3, 2].filter((count) => vectors % count === 0 && count * lanes <= MOST_COLUMNS);
  const rows = new Set(
    (device === 'software' && steps >= LARGE ? [8, 4, 2] : [4, 8, 2]).map((count) => Math.min(count, M)),
  );
  for (const TN of [...columns, 1]) {
    for (const TM of rows) {
      for (const wanted of [threads, 4 * threads]) yield { TM, TN, threads: wanted };
    }
  }
}
