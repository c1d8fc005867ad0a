// Every loss with inputs that fit it and its formula, written out in plain float64.
import { losses, type Tensor } from 'wgslgrad';
import type { Row } from './rows.ts';
import { clipped, dot, mean, norm, softmax, sum, waves } from './rows.ts';

export interface LossCase {
  readonly name: string;
  readonly run: (t: Tensor, p: Tensor) => Tensor;
  readonly t: readonly Row[];
  readonly p: readonly Row[];
  /** The value of a row. */
  readonly formula: (t: Row, p: Row) => number;
}

const oneHot = [0, 2, 1, 3].map((k) => [0, 1, 2, 3].map((i) => (i === k ? 1 : 0)));
const bits = [
  [1, 0, 1, 1],
  [0, 0, 1, 0],
  [1, 1, 1, 1],
  [0, 0, 0, 0],
];
const signs = bits.map((row) => row.map((bit) => 2 * bit - 1));
const scores = waves(4, 4, 0.3);
const logits = scores.map((row) => row.map((x) => 3 * x));
const shares = logits.map(softmax);
const chances = scores.map((row) => row.map((x) => 0.5 + 0.45 * x));
const targets = waves(4, 4, 1.1);
const counts = targets.map((row) => row.map((x) => 2 + x));
const rates = scores.map((row) => row.map((x) => 1.5 + x));

const each = (f: (t: number, p: number) => number) => (t: Row, p: Row) => mean(t.map((x, i) => f(x, p[i]!)));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const entropy = (t: Row, p: Row) => -sum(t.map((x, i) => x * Math.log(p[i]!)));
const binary = (t: number, p: number) => -t * Math.log(p) - (1 - t) * Math.log(1 - p);
const focal = (gamma: number, one: number, zero: number) => (t: number, p: number) =>
  (t * one + (1 - t) * zero) * (1 - t * p - (1 - t) * (1 - p)) ** gamma * binary(t, p);
const smooth = (t: Row, amount: number) => t.map((x) => x * (1 - amount) + amount / t.length);

// biome-ignore format: a table
export const lossCases: readonly LossCase[] = [
  { name: 'categoricalCrossentropy', run: losses.categoricalCrossentropy, t: oneHot, p: shares, formula: entropy },
  { name: 'categoricalCrossentropy of rows that do not add up to 1', run: losses.categoricalCrossentropy, t: oneHot, p: rates,
    formula: (t, p) => entropy(t, p.map((x) => x / sum(p))) },
  { name: 'categoricalCrossentropy, smoothed', run: (t, p) => losses.categoricalCrossentropy(t, p, { labelSmoothing: 0.3 }), t: oneHot, p: shares,
    formula: (t, p) => entropy(smooth(t, 0.3), p) },
  { name: 'categoricalCrossentropy, from logits', run: (t, p) => losses.categoricalCrossentropy(t, p, { fromLogits: true, labelSmoothing: 0.1 }), t: oneHot, p: logits,
    formula: (t, p) => entropy(smooth(t, 0.1), softmax(p)) },
  { name: 'binaryCrossentropy', run: losses.binaryCrossentropy, t: bits, p: chances, formula: each(binary) },
  { name: 'binaryCrossentropy, smoothed', run: (t, p) => losses.binaryCrossentropy(t, p, { labelSmoothing: 0.2 }), t: bits, p: chances,
    formula: each((t, p) => binary(0.8 * t + 0.1, p)) },
  { name: 'binaryCrossentropy, from logits', run: (t, p) => losses.binaryCrossentropy(t, p, { fromLogits: true }), t: bits, p: logits,
    formula: each((t, z) => binary(t, sigmoid(z))) },
  { name: 'categoricalFocalCrossentropy', run: losses.categoricalFocalCrossentropy, t: oneHot, p: shares,
    formula: (t, p) => 0.25 * sum(t.map((x, i) => x * (1 - p[i]!) ** 2 * -Math.log(p[i]!))) },
  { name: 'categoricalFocalCrossentropy, from logits', run: (t, p) => losses.categoricalFocalCrossentropy(t, p, { fromLogits: true, gamma: 1.5, alpha: [1, 2, 3, 4] }), t: oneHot, p: logits,
    formula: (t, z) => sum(softmax(z).map((p, i) => (i + 1) * t[i]! * (1 - p) ** 1.5 * -Math.log(p))) },
  { name: 'binaryFocalCrossentropy', run: losses.binaryFocalCrossentropy, t: bits, p: chances, formula: each(focal(2, 1, 1)) },
  { name: 'binaryFocalCrossentropy, balanced, from logits', run: (t, p) => losses.binaryFocalCrossentropy(t, p, { fromLogits: true, applyClassBalancing: true, alpha: 0.4, gamma: 3 }), t: bits, p: logits,
    formula: each((t, z) => focal(3, 0.4, 0.6)(t, sigmoid(z))) },
  { name: 'meanSquaredError', run: losses.meanSquaredError, t: targets, p: scores, formula: each((t, p) => (t - p) ** 2) },
  { name: 'meanAbsoluteError', run: losses.meanAbsoluteError, t: targets, p: scores, formula: each((t, p) => Math.abs(t - p)) },
  { name: 'meanAbsolutePercentageError', run: losses.meanAbsolutePercentageError, t: targets, p: scores, formula: each((t, p) => (100 * Math.abs(t - p)) / Math.abs(t)) },
  { name: 'meanSquaredLogarithmicError', run: losses.meanSquaredLogarithmicError, t: counts, p: rates, formula: each((t, p) => (Math.log1p(t) - Math.log1p(p)) ** 2) },
  { name: 'huber', run: losses.huber, t: targets, p: scores, formula: each((t, p) => huber(t - p, 1)) },
  { name: 'huber with delta', run: (t, p) => losses.huber(t, p, { delta: 0.3 }), t: targets, p: scores, formula: each((t, p) => huber(t - p, 0.3)) },
  { name: 'logCosh', run: losses.logCosh, t: targets, p: scores, formula: each((t, p) => Math.log(Math.cosh(t - p))) },
  { name: 'cosineSimilarity', run: losses.cosineSimilarity, t: targets, p: scores, formula: (t, p) => -dot(t, p) / norm(t) / norm(p) },
  { name: 'klDivergence', run: losses.klDivergence, t: oneHot, p: shares, formula: (t, p) => sum(t.map((x, i) => clipped(x) * Math.log(clipped(x) / p[i]!))) },
  { name: 'poisson', run: losses.poisson, t: counts, p: rates, formula: each((t, p) => p - t * Math.log(p + 1e-7)) },
  { name: 'hinge', run: losses.hinge, t: signs, p: scores, formula: each((t, p) => Math.max(1 - t * p, 0)) },
  { name: 'hinge of labels 0 and 1', run: losses.hinge, t: bits, p: scores, formula: each((t, p) => Math.max(1 - (2 * t - 1) * p, 0)) },
  { name: 'hinge of other labels', run: losses.hinge, t: targets, p: scores, formula: each((t, p) => Math.max(1 - t * p, 0)) },
  { name: 'squaredHinge', run: losses.squaredHinge, t: bits, p: scores, formula: each((t, p) => Math.max(1 - (2 * t - 1) * p, 0) ** 2) },
  { name: 'categoricalHinge', run: losses.categoricalHinge, t: oneHot, p: scores,
    formula: (t, p) => Math.max(1 + Math.max(...p.map((x, i) => (1 - t[i]!) * x)) - dot(t, p), 0) },
  { name: 'dice by rows', run: (t, p) => losses.dice(t, p, { axis: 1 }), t: bits, p: chances, formula: (t, p) => 1 - (2 * dot(t, p)) / (sum(t) + sum(p) + 1e-7) },
  { name: 'tversky by rows', run: (t, p) => losses.tversky(t, p, { axis: [1], alpha: 0.3, beta: 0.7 }), t: bits, p: chances,
    formula: (t, p) => 1 - dot(t, p) / (dot(t, p) + 0.3 * (sum(t) - dot(t, p)) + 0.7 * (sum(p) - dot(t, p)) + 1e-7) },
];

function huber(error: number, delta: number): number {
  const size = Math.abs(error);
  return size <= delta ? size ** 2 / 2 : delta * size - delta ** 2 / 2;
}
