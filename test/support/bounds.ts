// How far a float32 result may lie from the exact one, derived from the operation: sums of products by their length, and
// single functions by the accuracy table of the WGSL specification ("Accuracy of concrete floating point expressions").
import type { BinaryFunction, UnaryFunction } from '../../src/backend/kernels.ts';

/** Half the spacing of floats at 1: the relative error of one correct rounding. */
export const ROUNDING = 2 ** -24;
/** One unit in the last place, relative to the number, at its largest. */
const ULP = 2 ** -23;

/** A sum of `terms` products whose magnitudes add up to `magnitude`: errors of single roundings add like a random walk. */
export function sumBound(terms: number, magnitude: number): number {
  return 4 * Math.sqrt(terms) * ROUNDING * magnitude;
}

// In each of these: what WGSL allows the builtins, plus the rounding of the steps around them.

const expError = (x: number) => (3 + 2 * Math.abs(x)) * ULP;
/** Absolute. */
const logError = (x: number) => (x >= 0.5 && x <= 2 ? 2 ** -21 : 3 * ULP * Math.abs(Math.log(x)));
const SQRT = (2 + 2.5) * ULP;
const DIVISION = 2.5 * ULP;

/** ln(1 + x): a series below 0.41 (a quotient and six steps), the logarithm of a rounded sum above. */
function log1pError(x: number): number {
  if (Math.abs(x) < 0.41) return (DIVISION + 8 * ROUNDING) * Math.abs(Math.log1p(x));
  return logError(1 + x) + ROUNDING;
}

/** Abramowitz and Stegun 7.1.26, whose polynomial has terms of up to 1.5 in t of a rounded quotient; a series below 0.3. */
function erfError(x: number): number {
  const a = Math.abs(x);
  if (a < 0.3) return 1e-7 + 8 * ROUNDING * a;
  const sumOfTerms = 4.5;
  const slopeOfTerms = 16;
  const polynomial = sumOfTerms * 6 * ROUNDING + slopeOfTerms * (DIVISION + 2 * ROUNDING);
  return 1.5e-7 + Math.exp(-a * a) * (polynomial + expError(a * a) + a * a * ROUNDING);
}

/** Of 1 - 2 / (1 + e^2x); its series below 0.4, cut off at 6e-8 of the result. */
function tanhError(x: number, y: number): number {
  const a = Math.abs(x);
  if (a < 0.4) return (6e-8 + 8 * ROUNDING) * Math.abs(y);
  return (1 - Math.abs(y)) * (expError(2 * a) + ROUNDING + DIVISION);
}

/** Absolute error of f(x) = y before its last rounding; functions not named here are exact. */
const unary: Partial<Record<UnaryFunction, (x: number, y: number) => number>> = {
  exp: (x, y) => expError(x) * y,
  log: (x) => logError(x),
  log1p: (x) => log1pError(x),
  sqrt: (_, y) => SQRT * y,
  rsqrt: (_, y) => (SQRT + DIVISION) * y,
  sin: () => 2 ** -11,
  cos: () => 2 ** -11,
  tanh: tanhError,
  sigmoid: (x, y) => (expError(x) + ROUNDING + DIVISION) * y,
  erf: (x) => erfError(x),
  softplus: (x) => {
    const e = Math.exp(-Math.abs(x));
    return log1pError(e) + (e / (1 + e)) * expError(x);
  },
};

/** What a unary function may be off by at x, whose exact result is y. */
export function unaryBound(fn: UnaryFunction, x: number, y: number): number {
  return (unary[fn]?.(x, y) ?? 0) + ROUNDING * Math.abs(y);
}

/** The arguments that a function is asked for: where it is defined, and where WGSL says how exact it is. */
export function argumentsOf(fn: UnaryFunction): [low: number, high: number] {
  if (['log', 'sqrt', 'rsqrt'].includes(fn)) return [2 ** -12, 40];
  if (fn === 'log1p') return [-0.75, 40];
  if (fn === 'sin' || fn === 'cos') return [-Math.PI, Math.PI];
  return [-20, 20];
}

/** What a function of two floats may be off by. */
export function binaryBound(fn: BinaryFunction, a: number, b: number, y: number): number {
  if (fn === 'div') return DIVISION * Math.abs(y);
  return ROUNDING * Math.abs(y) + (fn === 'pow' ? powError(Math.abs(a), b, y) : 0);
}

/** exp2(b log2(a)), as the specification has it. */
function powError(a: number, b: number, y: number): number {
  if (y === 0 || b === 0) return 0;
  const log2 = Math.log2(a);
  const exponent = b * log2;
  const log2Error = a >= 0.5 && a <= 2 ? 2 ** -21 : 3 * ULP * Math.abs(log2);
  const exponentError = Math.abs(b) * log2Error + ROUNDING * Math.abs(exponent);
  return Math.abs(y) * (expError(exponent) + Math.LN2 * exponentError);
}

/** Bounds of a row of logits z: for softmax, for logSoftmax, and for the cross-entropy with its gradient. */
export function softmaxBounds(z: readonly number[], labels: readonly number[]) {
  const top = Math.max(...z);
  const distance = z.map((value) => top - value);
  const total = distance.reduce((sum, d) => sum + Math.exp(-d), 0);
  const p = distance.map((d) => Math.exp(-d) / total);
  /** Relative error of one term exp(z - top), and of their sum. */
  const ofTerm = distance.map((d) => expError(d) + d * ROUNDING);
  const ofSum = ofTerm.reduce((sum, error, i) => sum + error * p[i]!, 0) + z.length * ROUNDING;
  const softmax = p.map((value, i) => (ofTerm[i]! + ofSum + DIVISION + ROUNDING) * value);
  const logSum = logError(total) + ofSum + ROUNDING * Math.log(total);
  const logSoftmax = distance.map((d) => logSum + 2 * ROUNDING * (d + Math.log(total)));
  const sumOfLabels = labels.reduce((sum, label) => sum + label, 0);
  const terms = labels.map((label, i) => Math.abs(label) * (distance[i]! + Math.log(total)));
  const ofTotal = terms.reduce(
    (sum, term, i) => sum + (z.length + 1) * ROUNDING * term + labels[i]! * logSoftmax[i]!,
    0,
  );
  const slope = softmax.map((error, i) => {
    const shared = p[i]! * sumOfLabels;
    return error * sumOfLabels + (z.length + 2) * ROUNDING * (shared + labels[i]!);
  });
  return { softmax, logSoftmax, loss: ofTotal, slope };
}

/** Remembers the largest share of its bound that each name has used. */
export class Shares {
  private readonly worst = new Map<string, number>();

  /** The largest |found - exact| / bound; 0 / 0 counts as 0. */
  add(name: string, found: ArrayLike<number>, exact: ArrayLike<number>, bound: (i: number) => number): number {
    let largest = found.length === exact.length ? 0 : Infinity;
    for (let i = 0; i < exact.length; i++) {
      const error = Math.abs(found[i]! - exact[i]!);
      // NaN is no small error
      if (error !== 0) largest = Math.max(largest, Number.isNaN(error) ? Infinity : error / bound(i));
    }
    this.worst.set(name, Math.max(this.worst.get(name) ?? 0, largest));
    return largest;
  }

  toString(): string {
    return [...this.worst].map(([name, share]) => `${name} ${share.toFixed(2)}`).join(', ');
  }
}
