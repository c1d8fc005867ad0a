// Functions of one number by their series or their textbook definition; the reference takes them from the language.
import { integralErf } from '../bounds/formulas.ts';

/** The sum of a series, up to the term that does not change it any more. */
function series(term: (n: number) => number): number {
  let sum = 0;
  for (let n = 0; n < 200; n++) {
    const next = term(n);
    if (next === 0 || sum + next === sum) return sum;
    sum += next;
  }
  throw new Error('the series does not end');
}

/** x^n / n! */
function powerOverFactorial(x: number, n: number): number {
  let result = 1;
  for (let i = 1; i <= n; i++) result *= x / i;
  return result;
}

/** sum of x^n / n!, for x halved until it is small; each halving is undone by a square. */
export function exp(x: number): number {
  return Math.abs(x) > 0.5 ? exp(x / 2) ** 2 : series((n) => powerOverFactorial(x, n));
}

/** (e^x - e^-x) / (e^x + e^-x), for small x by the series of both. */
export function tanh(x: number): number {
  if (Math.abs(x) > 0.5) return (exp(x) - exp(-x)) / (exp(x) + exp(-x));
  return series((n) => powerOverFactorial(x, 2 * n + 1)) / series((n) => powerOverFactorial(x, 2 * n));
}

/** sum of x^(2n+1) / (2n+1), for |x| < 1. */
const artanh = (x: number) => series((n) => x ** (2 * n + 1) / (2 * n + 1));

const LN2 = 2 * artanh(1 / 3);

/** ln x = 2 artanh((x - 1) / (x + 1)), for x brought between 1/2 and 2 by factors of 2. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x > 2) return log(x / 2) + LN2;
  if (x < 0.5) return log(x * 2) - LN2;
  return 2 * artanh((x - 1) / (x + 1));
}

/** The same of 1 + x, which need not be formed where x is small. */
export const log1p = (x: number) => (Math.abs(x) < 0.5 ? 2 * artanh(x / (2 + x)) : log(1 + x));

export const sin = (x: number) => series((n) => (-1) ** n * powerOverFactorial(x, 2 * n + 1));
export const cos = (x: number) => series((n) => (-1) ** n * powerOverFactorial(x, 2 * n));

/** Heron's method: the mean of a side and of the other side of a rectangle of area x. */
export function sqrt(x: number): number {
  if (!(x > 0)) return x === 0 ? 0 : NaN;
  let side = Math.max(x, 1);
  for (let step = 0; step < 100; step++) side = (side + x / side) / 2;
  return side;
}

/** a · a · ... for a whole b, else e^(b ln a). */
export function pow(a: number, b: number): number {
  if (!Number.isInteger(b)) return exp(b * log(a));
  let product = 1;
  for (let i = 0; i < Math.abs(b); i++) product *= a;
  return b < 0 ? 1 / product : product;
}

/** The nearest whole number; of two the even one. */
export function round(x: number): number {
  const below = floor(x);
  if (x - below !== 0.5) return x - below < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

export function floor(x: number): number {
  const whole = x - (x % 1);
  return whole > x ? whole - 1 : whole;
}

export const ceil = (x: number) => -floor(-x);
export const sigmoid = (x: number) => 1 / (1 + exp(-x));
export const softplus = (x: number) => log1p(exp(x));
export const erf = integralErf;
