/** Values counted in bins of equal width from the least to the largest of them. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** The right end of each bin. */
  readonly limits: Float64Array;
  readonly counts: Float64Array;
}

/** As many as TensorFlow's summaries have. */
const BINS = 30;

/** Of the finite values; null where there are none. Values that are all equal make one bin. */
export function histogram(values: ArrayLike<number>): Histogram | null {
  const finite = Float64Array.from(values).filter(Number.isFinite);
  if (finite.length === 0) return null;
  const [min, max] = [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))];
  const bins = min === max ? 1 : BINS;
  const width = (max - min) / bins;
  const limits = Float64Array.from({ length: bins }, (_, i) => (i === bins - 1 ? max : min + (i + 1) * width));
  const counts = new Float64Array(bins);
  for (const value of finite) {
    // the largest value belongs to the last bin; and a bin of no width holds everything
    const bin = width > 0 ? Math.min(bins - 1, Math.floor((value - min) / width)) : 0;
    counts[bin] = counts[bin]! + 1;
  }
  const sum = finite.reduce((total, value) => total + value, 0);
  const sumSquares = finite.reduce((total, value) => total + value * value, 0);
  return { min, max, num: finite.length, sum, sumSquares, limits, counts };
}
