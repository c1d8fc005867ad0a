// Rows of the product for a workgroup; its threads hand the elements of a round their subgroups.
import { wgsl } from '../../../../platform/wgsl.ts';
import type { Profile } from '../../profile.ts';
import { nameOf, type Variant } from '../../variant.ts';
import { WORKGROUP_SIZE } from '../../webgpuKernel.ts';
import { requireOneBinding } from '../elementwise.ts';
import { splitsFor } from '../splitSum.ts';
import { lanesFor } from '../vector.ts';
import { product } from './product.ts';

const shader = { name: 'matmul_subgroup', text: wgsl('matmul_subgroup') };

/** Lanes that each load another element. */
const SHARING = 4;
/** The shortest part of k that is worth a thread. */
const SHORTEST_SPLIT = 32;

export const subgroupTile: Variant<'matmul'> = function* (call, device) {
  if (device.subgroupSize === 0 || device.subgroupSize % SHARING !== 0) return;
  requireOneBinding('matmul', [...call.inputs.slice(0, 2), ...call.outputs], device);
  const { batch, m: M, n: N, k: K, transposeB } = call.attrs;
  // Columns of a transposed b do not lie side by side.
  const lanes = lanesFor(transposeB ? 1 : N);
  const vectors = N / lanes.LANES;
  for (const { TM, TN } of settings(M, lanes.LANES, device.profile)) {
    const size = workgroupSize(Math.ceil(vectors / TN), device.subgroupSize);
    const tiles = batch * Math.ceil(M / TM) * Math.ceil(vectors / (size * TN));
    const SPLITS = splitsFor(tiles * size, device.profile.threads, K, SHORTEST_SPLIT);
    const threads = tiles * size;
    yield {
      name: nameOf('matmul_subgroup', { TM, TN }),
      work: {
        flops: 2 * batch * M * N * K,
        loads: threads * K * (TM / SHARING + TN),
        sharedLoads: threads * K * TM,
        threads: threads * SPLITS,
      },
      dispatches: product(call, {
        shader,
        constants: { ...lanes, WORKGROUP_SIZE: size, TM, TN },
        SPLITS,
        workgroups: tiles * SPLITS,
      }),
    };
  }
};

/** Whole subgroups, no more than there are columns for. */
function workgroupSize(threads: number, subgroup: number): number {
  const most = Math.max(subgroup, WORKGROUP_SIZE);
  return Math.min(most, Math.ceil(threads / subgroup) * subgroup);
}

function* settings(M: number, lanes: number, { accumulators }: Profile) {
  for (const TN of [2, 1]) {
    for (const TM of new Set([8, 4, 16].map((rows) => Math.min(rows, M)))) {
      if (TM * TN * lanes <= accumulators) yield { TM, TN };
    }
  }
}
