import type { Tensor } from '../tensor/tensor.ts';

/** Which way a watched value gets better. */
export type Direction = 'max' | 'min';

/**
 * A value over many samples as running sums: each batch adds to them on the device, one read at the end finds them.
 * State, reset and accumulation are the business of who runs it.
 */
export interface Metric {
  /** The key in logs and history. */
  readonly name: string;
  /** null where nobody can know. */
  readonly direction: Direction | null;
  /** Called with the shape of predictions before `size` is read: a metric may keep sums for each class. */
  build?(yPred: readonly (number | null)[]): void;
  /** How many sums it keeps. */
  readonly size: number;
  /**
   * What a batch adds to the sums, [size]. `weights` holds one number for each sample, [n]; null counts each once. Part of a recorded
   * step: made of operations alone.
   */
  update(yTrue: Tensor, yPred: Tensor, weights: Tensor | null): Tensor;
  /** The value, from the sums and the number of samples that went into them; 0 where there were none. */
  result(sums: ArrayLike<number>, samples: number): number;
}
