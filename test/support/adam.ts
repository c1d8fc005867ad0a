// How far one update of Adam may lie from the exact one: the roundings of each step of shaders/adam.wgsl.
import type { KernelAttrs } from '../../src/backend/kernels.ts';
import { ROUNDING } from './bounds.ts';

/** Relative errors of WGSL's builtins, in units of ROUNDING (half a unit in the last place). */
const SQRT = 9;
const DIVISION = 5;

/** Relative error of 1 - beta^t, in units of ROUNDING. */
function oneMinusPowerError(logBeta: number, t: number): number {
  // the logarithm is rounded once, and so is its product with t
  const x = t * logBeta;
  const amplified = (2 * -x * Math.exp(x)) / -Math.expm1(x);
  // a series of six terms, cut where its next is below 1.5e-7; or 1 - exp(x), whose error is (3 + 2|x|) units
  if (x > -0.3) return amplified + 7 + 1.5e-7 / ROUNDING;
  return amplified + (2 * (3 - 2 * x) * Math.exp(x)) / -Math.expm1(x) + 1;
}

/** Bounds for parameters, m and v after the update. */
export function adamBounds(
  [parameters, m, v, gradient]: readonly ArrayLike<number>[],
  iteration: number,
  rate: number,
  { beta1, beta2, epsilon }: KernelAttrs['adam'],
) {
  const t = iteration + 1;
  const step = (rate * Math.sqrt(-Math.expm1(t * Math.log(beta2)))) / -Math.expm1(t * Math.log(beta1));
  const ofFirst = oneMinusPowerError(Math.log(beta1), t);
  const ofStep = oneMinusPowerError(Math.log(beta2), t) / 2 + SQRT + 1 + ofFirst + DIVISION;
  const bounds = { parameters: [] as number[], m: [] as number[], v: [] as number[] };
  for (let i = 0; i < parameters!.length; i++) {
    const [w, mean, square, g] = [parameters![i]!, m![i]!, v![i]!, gradient![i]!];
    const newMean = mean + (g - mean) * (1 - beta1);
    const newSquare = square + (g * g - square) * (1 - beta2);
    // difference, product and the rounded constant; then the sum
    const ofMean = (3 * Math.abs(g - mean) * (1 - beta1) + Math.abs(newMean)) * ROUNDING;
    const ofSquare = ((4 * g * g + 3 * square) * (1 - beta2) + newSquare) * ROUNDING;
    const root = Math.sqrt(newSquare) + epsilon;
    const change = (step * newMean) / root;
    const relative = (ofStep + 1 + SQRT + 2 + DIVISION) * ROUNDING + ofSquare / (2 * newSquare);
    const next = w - change;
    bounds.m.push(ofMean);
    bounds.v.push(ofSquare);
    bounds.parameters.push(Math.abs(change) * relative + (step / root) * ofMean + Math.abs(next) * ROUNDING);
  }
  return bounds;
}
