// Properties: what holds of every case that can be drawn. A failure is shrunk to a small case, and its report says how to
// repeat it.
import fc from 'fast-check';
import { test } from 'vitest';

/** A whole number from the environment. */
function setting(name: string, otherwise: number): number {
  const text = process.env[name] ?? String(otherwise);
  const value = Number(text);
  if (!Number.isInteger(value)) throw new Error(`${name} must be a whole number, got ${text}`);
  return value;
}

/** A test that draws cases and checks each; `runs` of them, unless the environment says how many. */
export function property<T>(
  title: string,
  runs: number,
  cases: fc.Arbitrary<T>,
  check: (drawn: T) => Promise<void>,
): void {
  const seed = setting('WGSLGRAD_SEED', 1);
  const numRuns = setting('WGSLGRAD_RUNS', runs);
  const path = process.env.WGSLGRAD_PATH ?? '';
  // each run may need pipelines of its own
  const timeout = 120_000 + 1000 * numRuns;
  test(title, () => fc.assert(fc.asyncProperty(cases, check), { seed, numRuns, path }), timeout);
}

/** One of the options. Shrinks towards the first. */
export function among<T>(options: readonly T[]): fc.Arbitrary<T> {
  return fc.nat(options.length - 1).map((i) => options[i]!);
}
