import { wgsl } from '../../../platform/wgsl.ts';
import type { View } from '../../backend.ts';
import { type Dispatch, groupsFor, type Resource, type WebgpuKernels } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { lanesFor } from './vector.ts';

const matmulShader = { name: 'matmul', text: wgsl('matmul') };
const splitSumShader = { name: 'split_sum', text: wgsl('split_sum') };

/** Rows of a register tile: a CPU that plays the GPU has no occupancy to lose. The figure for GPUs is not measured. */
const ROWS = { software: 8, hardware: 4 };
/** The most columns of one: above, registers spill. */
const MOST_COLUMNS = 10;

/** Threads that keep a device busy: below, the sum over k is split. */
const BUSY = 2048;
/** The shortest part of k that is worth a thread. */
const SHORTEST_SPLIT = 32;

export const matmulKernels: WebgpuKernels<'matmul'> = {
  matmul({ inputs: [a, b, bias], outputs: [y], attrs }, device) {
    requireOneBinding('matmul', [a!, b!, y!], device);
    const { batch, m: M, n: N, k: K, transposeA, transposeB, broadcastA, broadcastB } = attrs;
    // Columns of a transposed b do not lie side by side.
    const lanes = lanesFor(transposeB ? 1 : N);
    const vectors = N / lanes.LANES;
    const TM = Math.min(M, device.software ? ROWS.software : ROWS.hardware);
    const TN = [5, 4, 3, 2].find((count) => vectors % count === 0 && count * lanes.LANES <= MOST_COLUMNS) ?? 1;
    const tiles = batch * Math.ceil(M / TM) * (vectors / TN);
    const SPLITS = Math.max(1, Math.min(Math.ceil(BUSY / tiles), Math.floor(K / SHORTEST_SPLIT)));
    const RELU = attrs.activation === 'relu';
    const whole = SPLITS === 1;
    const target: Resource = whole ? y! : { scratch: 0, byteLength: 4 * batch * SPLITS * M * N };
    const product: Dispatch = {
      shader: matmulShader,
      constants: {
        ...lanes,
        TM,
        TN,
        BATCH: batch,
        M,
        N,
        K,
        A_BATCH: broadcastA ? 0 : M * K,
        A_M: transposeA ? 1 : K,
        A_K: transposeA ? M : 1,
        B_BATCH: broadcastB ? 0 : K * N,
        B_K: transposeB ? 1 : N,
        B_N: transposeB ? K : 1,
        SPLITS,
        HAS_BIAS: whole && bias !== undefined,
        RELU: whole && RELU,
      },
      bindings: { a: a!, b: b!, bias: bias ?? b!, y: target },
      workgroups: groupsFor(tiles * SPLITS),
    };
    if (whole) return [product];
    return [product, splitSum(target, y!, { BATCH: batch, SPLITS, SIZE: M * N, COLUMNS: N, bias, RELU })];
  },
};

/** The second pass of a split sum. */
export function splitSum(
  partials: Resource,
  y: View,
  options: { BATCH: number; SPLITS: number; SIZE: number; COLUMNS: number; bias?: View | undefined; RELU: boolean },
): Dispatch {
  const { BATCH, SPLITS, SIZE, COLUMNS, bias, RELU } = options;
  const lanes = lanesFor(COLUMNS);
  return {
    shader: splitSumShader,
    constants: { ...lanes, BATCH, SPLITS, SIZE, COLUMNS, HAS_BIAS: bias !== undefined, RELU },
    bindings: { partials, bias: bias ?? partials, y },
    workgroups: groupsFor((BATCH * SIZE) / lanes.LANES),
  };
}
