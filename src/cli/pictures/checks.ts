import { ShapeError, ValueError } from '../../errors.ts';

/** Throws a ShapeError unless `shape` has `rank` positive whole sizes that hold `length` numbers. */
export function checkShape(what: string, length: number, shape: readonly number[], rank: number): void {
  const positive = shape.every((size) => Number.isInteger(size) && size > 0);
  if (shape.length !== rank || !positive) {
    throw new ShapeError(`${what}: expected ${rank} positive whole sizes, got [${shape.join(', ')}]`);
  }
  const expected = shape.reduce((product, size) => product * size, 1);
  if (length !== expected) {
    throw new ShapeError(`${what}: shape [${shape.join(', ')}] needs ${expected} numbers, got ${length}`);
  }
}

/** Throws a ValueError unless every value is a finite number: a picture of NaN would show something that is not there. */
export function checkFinite(what: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new ValueError(`${what}: expected finite numbers, got ${values[i]} at ${i}`);
  }
}

/** The smallest and the largest of finite values; ValueError when there are none. */
export function range(what: string, values: ArrayLike<number>): { low: number; high: number } {
  if (values.length === 0) throw new ValueError(`${what}: expected at least one number, got none`);
  checkFinite(what, values);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return { low, high };
}
