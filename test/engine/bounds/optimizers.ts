// The formulas of the optimizers' shaders, in numbers that know their errors.
import type { KernelAttrs, MomentAttrs, UpdateAttrs } from '../../../src/backend/kernels.ts';
import {
  type Approx,
  exactly,
  exponential,
  larger,
  minus,
  negated,
  over,
  plus,
  polynomial,
  size,
  smaller,
  squareRoot,
  standsFor,
  stored,
  times,
} from './approx.ts';
import { one } from './formulas.ts';

export type UpdateKernel = 'adam' | 'amsgrad' | 'sgd' | 'rmsprop' | 'adagrad' | 'adamax' | 'nadam';

/** What an update sees of one element. */
export interface Element {
  readonly w: Approx;
  readonly slots: readonly Approx[];
  readonly g: Approx;
  readonly rate: Approx;
  /** The number of the update, from 1. */
  readonly t: number;
}

/** The weight and the slots after an update; the weight has decayed before. */
type Formula<K extends UpdateKernel> = (element: Element, attrs: KernelAttrs[K]) => Approx[];

/** 1 - beta^t, as the shaders have it: by its series for small exponents. */
function oneMinusPower(beta: number, t: number): Approx {
  const x = times(exactly(t), stored(Math.log(beta)));
  const series = [1, 0.5, 0.16666667, 0.041666668, 0.008333334, 0.0013888889];
  const formula = x.exact > -0.3 ? times(negated(x), polynomial(x, series)) : minus(one, exponential(x));
  return standsFor(formula, 1 - beta ** t);
}

const faded = (m: Approx, g: Approx, beta: number) => plus(m, times(minus(g, m), stored(1 - beta)));

const adamStep = (rate: Approx, t: number, { beta1, beta2 }: MomentAttrs) =>
  over(times(rate, squareRoot(oneMinusPower(beta2, t))), oneMinusPower(beta1, t));

/** beta1 (1 - 0.96^t / 2) */
function mu(beta1: number, t: number): Approx {
  const power = standsFor(exponential(times(stored(Math.log(0.96)), exactly(t))), 0.96 ** t);
  return times(stored(beta1), minus(one, times(stored(0.5), power)));
}

export const updateFormulas: { readonly [K in UpdateKernel]: Formula<K> } = {
  adam: ({ w, slots: [m, v], g, rate, t }, attrs) => {
    const mean = faded(m!, g, attrs.beta1);
    const square = faded(v!, times(g, g), attrs.beta2);
    const change = over(times(adamStep(rate, t, attrs), mean), plus(squareRoot(square), stored(attrs.epsilon)));
    return [minus(w, change), mean, square];
  },

  amsgrad: ({ w, slots: [m, v, top], g, rate, t }, attrs) => {
    const mean = faded(m!, g, attrs.beta1);
    const square = faded(v!, times(g, g), attrs.beta2);
    const largest = larger(top!, square);
    const change = over(times(adamStep(rate, t, attrs), mean), plus(squareRoot(largest), stored(attrs.epsilon)));
    return [minus(w, change), mean, square, largest];
  },

  sgd: ({ w, slots: [v], g, rate }, { momentum, nesterov }) => {
    const step = negated(times(rate, g));
    if (momentum === 0) return [plus(w, step), v!];
    const speed = plus(times(stored(momentum), v!), step);
    return [plus(w, nesterov ? plus(times(stored(momentum), speed), step) : speed), speed];
  },

  rmsprop: ({ w, slots: [v, b, a], g, rate }, { rho, momentum, epsilon, centered }) => {
    const mixed = (before: Approx, now: Approx) => plus(times(stored(rho), before), times(stored(1 - rho), now));
    const square = mixed(v!, times(g, g));
    const mean = centered ? mixed(a!, g) : a!;
    const spread = centered ? larger(minus(square, times(mean, mean)), exactly(0)) : square;
    const step = over(times(rate, g), squareRoot(plus(spread, stored(epsilon))));
    const speed = momentum > 0 ? plus(step, times(stored(momentum), b!)) : b!;
    return [minus(w, momentum > 0 ? speed : step), square, speed, mean];
  },

  adagrad: ({ w, slots: [a], g, rate }, { epsilon }) => {
    const total = plus(a!, times(g, g));
    return [minus(w, over(times(rate, g), squareRoot(plus(total, stored(epsilon))))), total];
  },

  adamax: ({ w, slots: [m, u], g, rate, t }, { beta1, beta2, epsilon }) => {
    const mean = faded(m!, g, beta1);
    const top = larger(times(stored(beta2), u!), size(g));
    const step = over(rate, oneMinusPower(beta1, t));
    return [minus(w, over(times(step, mean), plus(top, stored(epsilon)))), mean, top];
  },

  nadam: ({ w, slots: [m, v, product], g, rate, t }, { beta1, beta2, epsilon }) => {
    const [now, next] = [mu(beta1, t), mu(beta1, t + 1)];
    const soFar = times(product!, now);
    const ofMean = over(next, minus(one, times(soFar, next)));
    const ofGradient = over(minus(one, now), minus(one, soFar));
    const mean = faded(m!, g, beta1);
    const square = faded(v!, times(g, g), beta2);
    const ahead = plus(times(ofMean, mean), times(ofGradient, g));
    const root = squareRoot(over(square, oneMinusPower(beta2, t)));
    return [minus(w, over(times(rate, ahead), plus(root, stored(epsilon)))), mean, square, soFar];
  },
};

export const decayedBy = (w: Approx, rate: Approx, { decay = 0 }: UpdateAttrs) =>
  minus(w, times(times(w, stored(decay)), rate));

/** min(1, limit / √square). */
export function clipScale(square: Approx, limit: number): Approx {
  return square.exact === 0 ? one : smaller(one, over(stored(limit), squareRoot(square)));
}
