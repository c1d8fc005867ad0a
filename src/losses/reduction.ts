import { mul } from '../ops/elementwise.ts';
import { mean } from '../ops/reduce.ts';
import type { Tensor } from '../tensor/tensor.ts';

export function reduceLoss(values: Tensor, weights: Tensor | null, _reduction?: string): Tensor {
  return mean(weights ? mul(values, weights) : values);
}
