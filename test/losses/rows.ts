// Plain arithmetic on rows of numbers.
export type Row = readonly number[];

export const sum = (row: Row) => row.reduce((total, x) => total + x, 0);
export const mean = (row: Row) => sum(row) / row.length;
export const dot = (a: Row, b: Row) => sum(a.map((x, i) => x * b[i]!));
export const norm = (row: Row) => Math.sqrt(dot(row, row));
/** Between what Keras clips probabilities to. */
export const clipped = (x: number) => Math.min(Math.max(x, 1e-7), 1);

export function softmax(row: Row): number[] {
  const powers = row.map((x) => Math.exp(x - Math.max(...row)));
  return powers.map((x) => x / sum(powers));
}

/** Rows of numbers between -1 and 1, none of them the same. */
export function waves(rows: number, columns: number, phase: number): number[][] {
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) => Math.sin(phase + 1.7 * r + 0.9 * c + 0.31 * r * c)),
  );
}
