// The tiles of a product that are staged in workgroup memory: which sizes to try on which device, and whether they pay.
import type { KernelAttrs } from '../../../kernels.ts';
import type { DeviceClass } from '../../profile.ts';
import type { DeviceFacts } from '../../webgpuKernel.ts';

export interface Tile {
  readonly BM: number;
  readonly BN: number;
  readonly BK: number;
  readonly TM: number;
  /** In vectors of four. */
  readonly TN: number;
}

// 64 threads: what MLX and gpu.cpp settle on for Apple, and CUTLASS where 128 x 128 is too few
const square64: Tile = { BM: 64, BN: 64, BK: 16, TM: 8, TN: 2 };
// 256 threads: CUTLASS's tile of single precision, also llama.cpp's largest on NVIDIA and AMD
const square128: Tile = { BM: 128, BN: 128, BK: 8, TM: 8, TN: 2 };
// 128 threads with half the registers, for Intel
const lean64: Tile = { BM: 64, BN: 64, BK: 16, TM: 8, TN: 1 };
// 64 threads: ggml's portable one
const square32: Tile = { BM: 32, BN: 32, BK: 8, TM: 4, TN: 1 };

/** Tiles below which cores may be idle: llama.cpp wants 2 for each, and WebGPU does not tell how many there are: say 32. */
export const ENOUGH_TILES = 64;

/** Whether some tile divides the product among enough workgroups, without computing much that nobody asked for. */
export function hasEnoughTiles(attrs: KernelAttrs['matmul'], device: DeviceFacts): boolean {
  return likeliestFirst(attrs, device).some((tile) => isFilled(tile, attrs));
}

/** The tiles that fit on the device: first those that the product fills, in the order of its class. */
export function likeliestFirst(attrs: KernelAttrs['matmul'], device: DeviceFacts): Tile[] {
  const fitting = [...tilesOf(device)].filter((tile) => fits(tile, device));
  return [...fitting.filter((tile) => isFilled(tile, attrs)), ...fitting.filter((tile) => !isFilled(tile, attrs))];
}

/** Those of the class large to small, then those that are for others: every device may turn out to like any of them. */
function tilesOf({ profile }: DeviceFacts): Set<Tile> {
  const own: Partial<Record<DeviceClass, readonly Tile[]>> = {
    nvidia: [square128, square64, square32],
    amd: [square128, square64, square32],
    intel: [lean64, square32],
  };
  return new Set([...(own[profile.class] ?? [square64, square32]), square64, lean64, square128]);
}

function fits({ BM, BN, BK, ...tile }: Tile, { workgroupBytes, workgroupThreads }: DeviceFacts): boolean {
  const bytes = 4 * BK * (BM + 4 + BN);
  return bytes <= workgroupBytes && threadsOf({ BM, BN, BK, ...tile }) <= workgroupThreads;
}

function isFilled(tile: Tile, attrs: KernelAttrs['matmul']): boolean {
  const { batch, m: M, n: N } = attrs;
  const computed = countOf(tile, attrs) * tile.BM * tile.BN;
  return countOf(tile, attrs) >= ENOUGH_TILES && computed <= 1.25 * batch * M * N;
}

export function countOf({ BM, BN }: Tile, { batch, m, n }: KernelAttrs['matmul']): number {
  return batch * Math.ceil(m / BM) * Math.ceil(n / BN);
}

export function threadsOf({ BM, BN, TM, TN }: Tile): number {
  return (BM / TM) * (BN / (4 * TN));
}
