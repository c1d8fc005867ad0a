// What benches compute of their figures.

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

export function geometricMean(numbers: readonly number[]): number {
  return Math.exp(numbers.reduce((sum, number) => sum + Math.log(number), 0) / numbers.length);
}

/** How many times longer `theirs` took: above 1 we are ahead. */
export function ratio(ours: number, theirs: number): number {
  return theirs / ours;
}

/** ‖found − expected‖ / ‖expected‖: one wrong element of a million shows in it, rounding does not. NaN stays NaN. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.NaN;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (found[i]! - expected[i]!) ** 2;
    size += expected[i]! ** 2;
  }
  return Math.sqrt(difference / size);
}

/** Three digits, as a number, for tables. */
export function rounded(number: number, digits = 3): number {
  return Number(number.toPrecision(digits));
}
