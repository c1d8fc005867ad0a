// The tiles of the convolutions whose lanes share loads.
import { type Lanes, lanesFor } from '../vector.ts';
import { evenTile } from './geometry.ts';

/** The widest vectors of `channels` of which there is one for every lane. */
export function subgroupLanes(channels: number, subgroup: number): Lanes {
  const wide = lanesFor(channels);
  if (channels >= wide.LANES * subgroup || wide.LANES === 1) return wide;
  return wide.LANES === 4 && channels >= 2 * subgroup ? lanesFor(2) : lanesFor(1);
}

/** What one lane computes. */
interface LaneTile {
  readonly columns: number;
  readonly vectors: number;
}

/** `most`: vectors of channels for each lane. First 16 vectors of sums a lane, then other numbers. */
export function subgroupTiles(columns: number, most: number): LaneTile[] {
  const vectors = Math.min(2, most);
  const tiles = [
    { columns: evenTile(columns, 16 / vectors), vectors },
    { columns: evenTile(columns, 16), vectors },
    { columns: evenTile(columns, 8), vectors: 1 },
    { columns: evenTile(columns, 4), vectors },
  ];
  const same = (a: LaneTile, b: LaneTile) => a.columns === b.columns && a.vectors === b.vectors;
  return tiles.filter((tile, i) => tiles.findIndex((other) => same(tile, other)) === i);
}
