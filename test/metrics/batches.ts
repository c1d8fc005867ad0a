// Batches of different sizes that look random and are the same everywhere. Scores are whole tenths, so that many are equal, to each other
// and to thresholds.
import type { Row } from '../losses/rows.ts';
import type { Batch } from './reference.ts';

const sizes = [7, 4, 9];

function* digits(seed: number): Generator<number> {
  for (let x = seed; ; x = (x * 1103515245 + 12345) % 2147483648) yield Math.floor(x / 65536);
}

function table(seed: number, columns: number, from: (digit: number) => number): Row[][] {
  const source = digits(seed);
  const next = () => from(source.next().value as number);
  return sizes.map((rows) => Array.from({ length: rows }, () => Array.from({ length: columns }, next)));
}

const weights: readonly Row[] = table(9, 1, (digit) => (digit % 9) / 4).map((rows) => rows.map(([w]) => w!));

export type Weighing = 'without weights' | 'with weights';

const batches = (t: readonly Row[][], p: readonly Row[][], weighing: Weighing): Batch[] =>
  t.map((rows, i) => (weighing === 'with weights' ? [rows, p[i]!, weights[i]!] : [rows, p[i]!]));

const tenths = (digit: number) => (digit % 11) / 10;

/** Truths and scores [n, columns]. */
export const judged = (columns: number, weighing: Weighing) =>
  batches(
    table(3, columns, (digit) => (digit % 5 < 2 ? 1 : 0)),
    table(5, columns, tenths),
    weighing,
  );

/** One-hot rows and scores [n, columns]. */
export const classified = (columns: number, weighing: Weighing) =>
  batches(
    numbers(columns, 11).map((rows) => rows.map(([k]) => Array.from({ length: columns }, (_, i) => (i === k ? 1 : 0)))),
    table(5, columns, tenths),
    weighing,
  );

/** Class numbers [n, 1] and scores [n, columns]. */
export const numbered = (columns: number, weighing: Weighing) =>
  batches(numbers(columns, 11), table(5, columns, tenths), weighing);

/** Class numbers of both, [n, places]. */
export const mapped = (classes: number, weighing: Weighing, places = 1) =>
  batches(numbers(classes, 11, places), numbers(classes, 17, places), weighing);

const numbers = (classes: number, seed: number, columns = 1) => table(seed, columns, (digit) => digit % classes);
