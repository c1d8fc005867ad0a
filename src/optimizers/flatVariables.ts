import type { Variable } from '../engine/variable.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { FlatLayout } from './flatLayout.ts';

/** Variables moved side by side into one flat tensor, in their order: one read finds them all. */
export class FlatVariables {
  /** All values, [size]. */
  readonly values: Tensor;

  constructor(variables: readonly Variable[]) {
    this.values = new FlatLayout(variables).move();
  }
}
