import * as w from '../../src/index.ts';
import { makeInputs } from '../support/inputs.ts';
import { type Case, isDifferentiable, isFloatInput } from './cases.ts';
import { weightedSum } from './weighted.ts';

/** The results of a case, and the gradients of a weighted sum of the first by each float input. */
export function resultsOf(one: Case, float: 'float32' | 'float64'): w.Tensor[] {
  const inputs = makeInputs(one.inputs, float);
  const results = [one.run(...inputs)].flat();
  const floats = one.inputs.flatMap((input, i) => (isFloatInput(input) ? [i] : []));
  if (!isDifferentiable(one) || floats.length === 0) return results;
  const ofFloats = (...parts: w.Tensor[]) =>
    weightedSum(one)(...inputs.map((input, i) => parts[floats.indexOf(i)] ?? input));
  return [...results, ...[w.grad(ofFloats)(...floats.map((i) => inputs[i]!))].flat()];
}
