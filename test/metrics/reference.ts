// What metrics are, in plain loops over all samples at once.
import type { Row } from '../losses/rows.ts';
import { sum } from '../losses/rows.ts';

/** A batch as a user has it: targets, predictions, and maybe weights of the samples. */
export type Batch = readonly [t: readonly Row[], p: readonly Row[], weights?: Row | undefined];

export interface Counts {
  tp: number;
  fp: number;
  tn: number;
  fn: number;
}

export const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b);
export const precision = ({ tp, fp }: Counts) => ratio(tp, tp + fp);
export const recall = ({ tp, fn }: Counts) => ratio(tp, tp + fn);
export const specificity = ({ tn, fp }: Counts) => ratio(tn, tn + fp);

/** All samples of the batches: target and prediction rows with a weight each. */
export function samples(batches: readonly Batch[]): { t: Row; p: Row; w: number }[] {
  return batches.flatMap(([t, p, weights]) => t.map((row, i) => ({ t: row, p: p[i]!, w: weights?.[i] ?? 1 })));
}

/** Counts over every place of every row for which `looks`. */
export function countsAt(
  batches: readonly Batch[],
  isPositive: (row: Row, place: number) => boolean,
  weightOf: (place: number) => number = () => 1,
): Counts {
  const counts: Counts = { tp: 0, fp: 0, tn: 0, fn: 0 };
  for (const { t, p, w } of samples(batches)) {
    t.forEach((truth, place) => {
      const said = isPositive(p, place);
      const what = said ? (truth !== 0 ? 'tp' : 'fp') : truth !== 0 ? 'fn' : 'tn';
      counts[what] += w * weightOf(place);
    });
  }
  return counts;
}

/** Whether a place is among the k highest of its row; of equals the first are. */
export const isTop = (row: Row, place: number, k: number) =>
  row.filter((x, i) => x > row[place]! || (x === row[place]! && i < place)).length < k;

export const weightedMean = (values: Row, weights: Row) =>
  ratio(sum(values.map((v, i) => v * weights[i]!)), sum(weights));

/** The area under points that are joined by `between`, from x high to x low. */
export function area(x: Row, y: Row, height: (a: number, b: number) => number): number {
  return sum(x.slice(1).map((next, i) => (x[i]! - next) * height(y[i]!, y[i + 1]!)));
}

/** The integral of precision over recall, in small steps of what is called positive between each pair of thresholds. */
export function precisionArea(counts: readonly Counts[]): number {
  const steps = 20_000;
  const positives = counts[0]!.tp + counts[0]!.fn;
  let total = 0;
  for (let i = 0; i + 1 < counts.length; i++) {
    const [high, low] = [counts[i]!, counts[i + 1]!];
    const [said, more] = [low.tp + low.fp, high.tp + high.fp - low.tp - low.fp];
    if (more === 0) continue;
    const slope = (high.tp - low.tp) / more;
    for (let s = 0; s < steps; s++) {
      const extra = (more * (s + 0.5)) / steps;
      total += (((low.tp + slope * extra) / (said + extra)) * slope * more) / steps;
    }
  }
  return ratio(total, positives);
}

/** Confusion matrix of class numbers, rows of length 1. */
export function confusion(batches: readonly Batch[], classes: number, ignore: number | null = null): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { t, p, w } of samples(batches)) {
    t.forEach((truth, i) => {
      const said = p[i]!;
      const isClass = (x: number) => x >= 0 && x < classes;
      if (truth !== ignore && isClass(truth) && isClass(said)) matrix[truth]![said]! += w;
    });
  }
  return matrix;
}

/** Mean intersection over union of those classes that occur. */
export function iou(matrix: readonly Row[], ids: Row): number {
  const found = ids.flatMap((id) => {
    const union = sum(matrix[id]!) + sum(matrix.map((row) => row[id]!)) - matrix[id]![id]!;
    return union > 0 ? [matrix[id]![id]! / union] : [];
  });
  return ratio(sum(found), found.length);
}
