// Numbers as a float32 machine holds them: an exact value, and how far away from it the machine may be. Every operation
// adds what the WGSL specification allows it ("Floating point accuracy", https://www.w3.org/TR/WGSL/#floating-point-accuracy)
// to what its operands bring along. Values are computed in float64, whose own errors are 2^-29 of float32's.

export interface Approx {
  readonly exact: number;
  readonly error: number;
}

/** A unit in the last place, relative. WGSL leaves the direction of rounding open, so one operation may be off by all of it. */
export const ULP = 2 ** -23;

/** What is below the smallest normal number may become 0. */
const FLUSHED = 2 ** -126;

export const exactly = (value: number): Approx => ({ exact: value, error: 0 });

/** A value of the host in the float32 that it becomes on its way to the machine. */
export const stored = (value: number): Approx => ({ exact: value, error: storedError(value) });

export function storedError(value: number): number {
  return Number.isFinite(value) ? Math.abs(value - Math.fround(value)) : 0;
}

/** A result with what came from the operands, and `ulps` of its own. */
function result(exact: number, brought: number, ulps = 1): Approx {
  return { exact, error: brought + ulps * ULP * (Math.abs(exact) + brought) + (ulps > 0 ? FLUSHED : 0) };
}

export const plus = (a: Approx, b: Approx) => result(a.exact + b.exact, a.error + b.error);
export const minus = (a: Approx, b: Approx) => result(a.exact - b.exact, a.error + b.error);

export function times(a: Approx, b: Approx): Approx {
  const brought = Math.abs(a.exact) * b.error + Math.abs(b.exact) * a.error + a.error * b.error;
  return result(a.exact * b.exact, brought);
}

/** 2.5 ULP. */
export function over(a: Approx, b: Approx): Approx {
  const exact = a.exact / b.exact;
  const brought = (a.error + Math.abs(exact) * b.error) / (Math.abs(b.exact) - b.error);
  return result(exact, b.error > 0 ? brought : a.error / Math.abs(b.exact), 2.5);
}

export const negated = (a: Approx): Approx => ({ exact: -a.exact, error: a.error });
export const size = (a: Approx): Approx => ({ exact: Math.abs(a.exact), error: a.error });

/** Where one is larger whatever the errors, only its own counts. */
export function larger(a: Approx, b: Approx): Approx {
  const exact = Math.max(a.exact, b.exact);
  const top = Math.max(a.exact + a.error, b.exact + b.error);
  const bottom = Math.max(a.exact - a.error, b.exact - b.error);
  return { exact, error: Math.max(top - exact, exact - bottom) };
}

export const smaller = (a: Approx, b: Approx) => negated(larger(negated(a), negated(b)));

/** How far f moves when x does by its error; for functions that are monotone or convex around x. */
export function moved(f: (x: number) => number, x: Approx): number {
  if (x.error === 0) return 0;
  return Math.max(...[x.exact - x.error, x.exact + x.error].map((at) => Math.abs(f(at) - f(x.exact))));
}

/** 3 + 2 |x| ULP. */
export function exponential(x: Approx): Approx {
  return result(Math.exp(x.exact), moved(Math.exp, x), 3 + 2 * (Math.abs(x.exact) + x.error));
}

/** 2^-21 absolute between 1/2 and 2, else 3 ULP. */
export function logarithm(x: Approx): Approx {
  const exact = Math.log(x.exact);
  const brought = moved(Math.log, x);
  return x.exact >= 0.5 && x.exact <= 2 ? { exact, error: brought + 2 ** -21 } : result(exact, brought, 3);
}

/** Inherited from 1 / inverseSqrt(x): 2 ULP and a division's. */
export function squareRoot(x: Approx): Approx {
  const near = { exact: x.exact, error: Math.min(x.error, x.exact) };
  return result(Math.sqrt(x.exact), moved(Math.sqrt, near), 4.5);
}

/** 2^-11 absolute, for arguments between -pi and pi; the specification promises nothing outside. */
export function wave(f: (x: number) => number, x: Approx): Approx {
  if (Math.abs(x.exact) + x.error > Math.PI) throw new Error(`WGSL promises no sine of ${x.exact}`);
  return { exact: f(x.exact), error: x.error + 2 ** -11 };
}

/** Inherited from exp2(b log2(a)): a logarithm, a product, and 3 + 2 |x| ULP. */
export function power(a: Approx, b: Approx): Approx {
  const exact = a.exact ** b.exact;
  if (b.exact === 0 && b.error === 0) return exactly(1);
  if (a.exact === 0 && a.error === 0) return exactly(exact);
  const exponent = times(b, logarithm(size(a)));
  const spread = Math.abs(exact) * Math.expm1(exponent.error);
  return result(exact, spread, 3 + (2 * Math.abs(exponent.exact)) / Math.LN2);
}

/** c0 + x (c1 + x (c2 + ...)) as Horner evaluates it. */
export function polynomial(x: Approx, coefficients: readonly number[]): Approx {
  return coefficients.reduceRight((sum, c) => plus(stored(c), times(x, sum)), exactly(0));
}

/** What a formula gives, as an approximation of `truth`: where the formula itself is one, that counts too. */
export function standsFor(formula: Approx, truth: number): Approx {
  return { exact: truth, error: formula.error + Math.abs(formula.exact - truth) };
}
