// The second pass of a sum whose terms were shared among threads.
import { wgsl } from '../../../platform/wgsl.ts';
import type { View } from '../../backend.ts';
import { type Dispatch, groupsFor, type Resource } from '../webgpuKernel.ts';
import { uniform } from './params.ts';
import { lanesFor } from './vector.ts';

const shader = { name: 'split_sum', text: wgsl('split_sum') };

export interface SplitSum {
  readonly BATCH: number;
  readonly SPLITS: number;
  /** Elements of one batch of the result, and of one row of it, along which the bias repeats. */
  readonly SIZE: number;
  readonly COLUMNS: number;
  readonly bias?: View | undefined;
  readonly scale?: View | undefined;
  readonly RELU: boolean;
}

/** Adds the parts of each element of y in a fixed order. */
export function splitSum(
  partials: Resource,
  y: View,
  { BATCH, SPLITS, SIZE, COLUMNS, bias, scale, RELU }: SplitSum,
): Dispatch {
  const lanes = lanesFor(COLUMNS);
  const vectors = SIZE / lanes.LANES;
  return {
    shader,
    constants: {
      ...lanes,
      BATCHED: BATCH > 1,
      COLUMNS,
      HAS_BIAS: bias !== undefined,
      HAS_SCALE: scale !== undefined,
      RELU,
    },
    bindings: {
      params: uniform(SPLITS, vectors, BATCH * vectors),
      partials,
      bias: bias ?? partials,
      scale: scale ?? partials,
      y,
    },
    workgroups: groupsFor(BATCH * vectors),
    // The parts of a batch lie beside those of the next, and a scale goes to the whole: not the simple sum that others can do.
    ...(BATCH === 1 && !scale ? { sum: { parts: partials, splits: SPLITS, y, bias, relu: RELU } } : {}),
  };
}

/** Into how many parts to cut a sum of `terms` so that `tiles` threads become enough, none with fewer than `shortest` terms. */
export function splitsFor(tiles: number, enough: number, terms: number, shortest: number): number {
  return Math.max(1, Math.min(Math.ceil(enough / tiles), Math.floor(terms / shortest)));
}
