// The formulas of shaders/ that are more than one operation, in numbers that know their errors.

import type { UnaryFunction } from '../../../src/backend/kernels.ts';
import {
  type Approx,
  exactly,
  exponential,
  larger,
  logarithm,
  minus,
  moved,
  negated,
  over,
  plus,
  polynomial,
  size,
  squareRoot,
  standsFor,
  stored,
  times,
  wave,
} from './approx.ts';

export const one = exactly(1);

/** unary.wgsl: ln(1 + v), by a series of atanh below 0.41. */
function log1p(v: Approx): Approx {
  const s = over(v, plus(exactly(2), v));
  const series = [1, 0.33333334, 0.2, 0.14285715, 0.11111111, 0.09090909];
  const formula =
    Math.abs(v.exact) < 0.41 ? times(times(exactly(2), s), polynomial(times(s, s), series)) : logarithm(plus(one, v));
  return standsFor(formula, Math.log1p(v.exact));
}

/** 2/√π times the integral of e^(-t²) from 0 to x, by Simpson's rule: slow, and nothing like what the backends do. */
export function integralErf(x: number): number {
  const steps = 2000;
  const h = x / steps;
  const weight = (i: number) => (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
  let sum = 0;
  for (let i = 0; i <= steps; i++) sum += weight(i) * Math.exp(-((i * h) ** 2));
  return ((2 / Math.sqrt(Math.PI)) * sum * h) / 3;
}

/** unary.wgsl: Abramowitz and Stegun 7.1.26, and a series below 0.3. */
function erf(v: Approx): Approx {
  const a = size(v);
  const squared = times(a, a);
  const t = over(one, plus(one, times(stored(0.3275911), a)));
  const tail = polynomial(t, [0, 0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429]);
  const formula =
    a.exact < 0.3
      ? times(a, polynomial(squared, [1.1283791671, -0.376126389, 0.1128379167, -0.0268661706]))
      : minus(one, times(tail, exponential(negated(squared))));
  return standsFor({ ...formula, exact: Math.sign(v.exact) * formula.exact }, integralErf(v.exact));
}

/** unary.wgsl: its series below 0.4, else 1 - 2 / (1 + e^2x). */
function hyperbolicTangent(v: Approx): Approx {
  const a = size(v);
  const series = [1, -0.33333334, 0.13333334, -0.053968254, 0.021869488, -0.008863236];
  const far = minus(one, over(exactly(2), plus(one, exponential(times(exactly(2), a)))));
  const formula = a.exact < 0.4 ? times(a, polynomial(times(a, a), series)) : far;
  return standsFor({ ...formula, exact: Math.sign(v.exact) * formula.exact }, Math.tanh(v.exact));
}

function sigmoid(v: Approx): Approx {
  const e = exponential(negated(size(v)));
  return over(v.exact >= 0 ? one : e, plus(one, e));
}

/** A function whose result jumps: the argument must not lie where it may fall to either side. */
function step(f: (x: number) => number, x: Approx): Approx {
  if (moved(f, x) > 0) throw new Error(`the value at ${x.exact} is not decided: the argument may be off by ${x.error}`);
  return exactly(f(x.exact));
}

/** Halves to even. */
const nearest = (x: number) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** What each function of unary.wgsl gives for a float. */
export const unaryFormulas: Readonly<Record<UnaryFunction, (x: Approx) => Approx>> = {
  neg: negated,
  abs: size,
  exp: exponential,
  log: logarithm,
  log1p,
  sqrt: squareRoot,
  rsqrt: (x) => over(one, squareRoot(x)),
  square: (x) => times(x, x),
  sign: (x) => step(Math.sign, x),
  floor: (x) => step(Math.floor, x),
  ceil: (x) => step(Math.ceil, x),
  round: (x) => step(nearest, x),
  sin: (x) => wave(Math.sin, x),
  cos: (x) => wave(Math.cos, x),
  tanh: hyperbolicTangent,
  sigmoid,
  erf,
  relu: (x) => larger(x, exactly(0)),
  softplus: (x) => plus(larger(x, exactly(0)), log1p(exponential(negated(size(x))))),
  logicalNot: (x) => step((v) => Number(v === 0), x),
  identity: (x) => x,
};

interface Row {
  /** x - max, without the max's own error: it shifts all alike. */
  readonly shifted: readonly Approx[];
  readonly powers: readonly Approx[];
  readonly sum: Approx;
}

/** softmax.wgsl and softmax_cross_entropy.wgsl: the parts of one row. */
function exponentials(x: readonly Approx[]): Row {
  const top = x.reduce((best, next) => larger(best, next));
  const shifted = x.map((v) => minus(v, top));
  const powers = shifted.map(exponential);
  return { shifted, powers, sum: powers.reduce(plus) };
}

export function softmax(x: readonly Approx[]): Approx[] {
  const { powers, sum } = exponentials(x);
  return powers.map((p) => over(p, sum));
}

export function logSoftmax(x: readonly Approx[]): Approx[] {
  const top = x.reduce((best, next) => larger(best, next));
  const shift = plus(top, logarithm(exponentials(x).sum));
  return x.map((v) => minus(v, shift));
}

export function softmaxCrossEntropy(
  logits: readonly Approx[],
  labels: readonly Approx[],
): { loss: Approx; slope: Approx[] } {
  const { shifted, powers, sum } = exponentials(logits);
  const logSum = logarithm(sum);
  const terms = labels.map((label, i) => times(label, minus(shifted[i]!, logSum)));
  const total = labels.reduce(plus);
  return {
    loss: negated(terms.reduce(plus)),
    slope: powers.map((p, i) => minus(times(over(p, sum), total), labels[i]!)),
  };
}
