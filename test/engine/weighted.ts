import * as w from '../../src/index.ts';
import type { Case } from './cases.ts';

/** The first result of a case as one number that depends on each of its elements in another way. */
export function weightedSum(one: Case): (...inputs: w.Tensor[]) => w.Tensor {
  return (...inputs) => {
    const result = one.run(...inputs);
    return weigh(Array.isArray(result) ? result[0]! : result);
  };
}

/** The sum of x, each element with a weight of its own (exact in float32). */
export function weigh(x: w.Tensor): w.Tensor {
  const weights = Array.from({ length: x.size }, (_, i) => Math.fround(Math.cos(i + 1)));
  return w.sum(w.mul(x, w.tensor(weights, x.shape)));
}
