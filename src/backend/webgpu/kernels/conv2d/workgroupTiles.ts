// The tiles of the convolutions that stage their operands in workgroup memory (implicit GEMM): which sizes to try on which device.
import type { Profile } from '../../profile.ts';
import type { DeviceFacts } from '../../webgpuKernel.ts';
import { splitsFor } from '../splitSum.ts';

/** What a workgroup computes, how much of the sum it stages at once, and what a thread of it computes. */
export interface WorkgroupTile {
  readonly BM: number;
  readonly BN: number;
  readonly BK: number;
  readonly TM: number;
  readonly TN: number;
}

const large: WorkgroupTile = { BM: 128, BN: 128, BK: 16, TM: 8, TN: 8 };
const middle: WorkgroupTile = { BM: 64, BN: 64, BK: 16, TM: 8, TN: 8 };
/** More threads with fewer registers each. */
const light: WorkgroupTile = { BM: 64, BN: 64, BK: 16, TM: 8, TN: 4 };
/** For results of few columns. */
const narrow: WorkgroupTile = { BM: 64, BN: 16, BK: 16, TM: 4, TN: 4 };
const small: WorkgroupTile = { BM: 32, BN: 32, BK: 8, TM: 4, TN: 4 };

/**
 * All of them, those that suit the device first: the starting points of CUTLASS and ggml for NVIDIA and AMD, of MLX for
 * Apple, of ggml for Intel. None of these was measured on such a device here.
 */
function tilesFor({ class: device }: Profile): readonly WorkgroupTile[] {
  if (device === 'nvidia' || device === 'amd') return [large, middle, small, narrow, light];
  if (device === 'apple') return [middle, small, narrow, light, large];
  if (device === 'intel') return [light, small, narrow, middle, large];
  return [small, narrow, light, middle, large];
}

/** The lengths of the product: rows and columns of the result, and the terms that lie side by side. */
export interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** How many products of such lengths there are at once. */
  readonly copies: number;
}

export function tileCount({ rows, columns }: Product, { BM, BN }: WorkgroupTile): number {
  return Math.ceil(rows / BM) * Math.ceil(columns / BN);
}

export function threadsOf({ BM, BN, TM, TN }: WorkgroupTile): number {
  return (BM / TM) * (BN / TN);
}

/** The share of tiles that may lie beside the result: of those to begin with, and of all. */
const LITTLE_WASTE = 0.25;
const MOST_WASTE = 0.75;

function waste(product: Product, tile: WorkgroupTile): number {
  return 1 - (product.rows * product.columns) / (tileCount(product, tile) * tile.BM * tile.BN);
}

/**
 * The tiles for a product, likeliest first: those of which there are enough to keep the device busy and that lie mostly on
 * the result; then the others, small ones first. A slab is no deeper than there are terms. `bytesOf`: workgroup memory of a tile.
 */
export function workgroupTiles(
  product: Product,
  device: DeviceFacts,
  bytesOf: (tile: WorkgroupTile) => number,
): WorkgroupTile[] {
  const depth = Math.ceil(product.depth / 4) * 4;
  const fitting = tilesFor(device.profile)
    .map((tile) => ({ ...tile, BK: Math.min(tile.BK, depth) }))
    .filter((tile) => bytesOf(tile) <= device.workgroupBytes && threadsOf(tile) <= device.workgroupThreads)
    .filter((tile) => waste(product, tile) <= MOST_WASTE);
  const threads = (tile: WorkgroupTile) => product.copies * tileCount(product, tile) * threadsOf(tile);
  const isGood = (tile: WorkgroupTile) =>
    threads(tile) >= device.profile.threads && waste(product, tile) <= LITTLE_WASTE;
  const others = fitting.filter((tile) => !isGood(tile)).sort((a, b) => a.BM * a.BN - b.BM * b.BN);
  return [...fitting.filter(isGood), ...others];
}

/** The fewest slabs that are worth a workgroup. */
export const FEWEST_SLABS = 4;

/** Into how many parts to cut a sum of `slabs` of which `threads` work on one: so many that the device is busy, or one. */
export function sharesOf(threads: number, slabs: number, device: DeviceFacts): Iterable<number> {
  return new Set([splitsFor(threads, device.profile.threads, slabs, FEWEST_SLABS), 1]);
}
