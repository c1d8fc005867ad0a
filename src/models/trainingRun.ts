import { permutation, type RandomKey, threefry } from '../tensor/random.ts';
import type { Shuffle } from './sources.ts';
import type { Tally } from './tally.ts';

/** Where a run of `fit` is, and the stream that all its random numbers come from: what it takes to go on as if nothing had happened. */
export interface TrainingRun {
  key: RandomKey;
  /** The epoch under way or about to begin, and the steps of it that are done. */
  epoch: number;
  step: number;
  /** Steps of all epochs. */
  steps: number;
  /** The samples in the steps of this epoch, and what loss and metrics are over them. */
  samples: number;
  tally: Tally | null;
  /** True when it goes on from where another run was. */
  resumed: boolean;
}

/**
 * New orders of a run's samples. With `batchSize`, samples change places inside each batch only. The n-th order depends on the run's key and n alone.
 */
export function shuffleOf(run: Pick<TrainingRun, 'key'>, batchSize: number | null = null): Shuffle {
  let drawn = 0;
  return {
    next(count) {
      const key = threefry(run.key, [drawn++, 1]);
      return batchSize === null ? permutation(key, count) : insideBatches(key, count, batchSize);
    },
    skip(orders) {
      drawn += orders;
    },
  };
}

function insideBatches(key: RandomKey, count: number, batchSize: number): Int32Array {
  const order = new Int32Array(count);
  for (let start = 0; start < count; start += batchSize) {
    const inside = permutation(threefry(key, [start, 4]), Math.min(batchSize, count - start));
    order.set(
      inside.map((i) => start + i),
      start,
    );
  }
  return order;
}
