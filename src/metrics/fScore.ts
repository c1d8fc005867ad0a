// F scores: the harmonic mean of precision and recall, in which recall counts β times as much.
import { ShapeError, ValueError } from '../errors.ts';
import { paired } from '../losses/pairs.ts';
import { fittingWeights } from '../losses/reduction.ts';
import { concat } from '../ops/concat.ts';
import { abs, cast, greater, greaterEqual, logicalAnd, mul } from '../ops/elementwise.ts';
import { max, sum } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { madeOf } from '../tensor/described.ts';
import { number, optional, readOptions, type Settings, share, text, word } from '../tensor/readers.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ratio, total } from './ratio.ts';
import { type MetricValue, RunningMetric } from './running.ts';

/**
 * 'micro' counts all classes together, 'macro' is the mean of the scores of the classes, 'weighted' the same weighted by how often each is
 * true.
 */
export type Average = 'micro' | 'macro' | 'weighted';

const f1Readers = {
  average: optional(word<Average>(['micro', 'macro', 'weighted'], 'micro')),
  threshold: optional(share()),
  name: text('f1_score'),
};
const betaReaders = { ...f1Readers, beta: number(1, Number.MIN_VALUE), name: text('fbeta_score') };

/** Without a `threshold` the highest prediction of a row is the positive one; without an `average` the value is a list, a score a class. */
export type F1Options = Partial<Settings<typeof f1Readers>>;
export type FBetaOptions = Partial<Settings<typeof betaReaders>>;

interface Averaged {
  readonly average: Average;
}

/** 2 tp / (2 tp + fp + fn) of predictions [n, classes]. */
export function F1Score(options: F1Options & Averaged): RunningMetric;
export function F1Score(options?: F1Options): RunningMetric<MetricValue>;
export function F1Score(options: F1Options = {}): RunningMetric<MetricValue> {
  return madeOf(new FScore({ ...readOptions('F1Score', f1Readers, options), beta: 1 }), 'metrics', 'F1Score', options);
}

/** (1 + β²) tp / ((1 + β²) tp + fp + β² fn) of predictions [n, classes]. */
export function FBetaScore(options: FBetaOptions & Averaged): RunningMetric;
export function FBetaScore(options?: FBetaOptions): RunningMetric<MetricValue>;
export function FBetaScore(options: FBetaOptions = {}): RunningMetric<MetricValue> {
  return madeOf(new FScore(readOptions('FBetaScore', betaReaders, options)), 'metrics', 'FBetaScore', options);
}

class FScore extends RunningMetric<MetricValue> {
  private readonly settings: Settings<typeof betaReaders>;
  /** How many scores there are: known with the first batch. */
  private scores: number | null;

  constructor(settings: Settings<typeof betaReaders>) {
    super(settings.name, 'max');
    this.settings = settings;
    this.scores = settings.average === 'micro' ? 1 : null;
  }

  override build(yPred: readonly (number | null)[]): void {
    const [, classes, ...more] = yPred;
    if (classes === undefined || more.length > 0)
      throw new ShapeError(`${this.name}: predictions must be [n, classes], got ${formatShape(yPred)}`);
    if (this.settings.average === 'micro' || classes === null) return;
    this.scores ??= classes;
    if (this.scores !== classes)
      throw new ShapeError(`${this.name}: counts ${this.scores} classes, got ${formatShape(yPred)}`);
  }

  get size(): number {
    if (this.scores !== null) return 3 * this.scores;
    throw new ValueError(`${this.name}: how many classes there are is known with the first batch`);
  }

  override get isList(): boolean {
    return this.settings.average === null;
  }

  /** What is positive and true, what is called positive, and what is true. */
  update(yTrue: Tensor, yPred: Tensor, weights: Tensor | null): Tensor {
    this.build(yPred.shape);
    const { average, threshold } = this.settings;
    const t = paired(this.name, yTrue, yPred);
    // a row of zeros has no highest one
    const isHighest = () => logicalAnd(greaterEqual(yPred, max(yPred, -1, true)), greater(abs(yPred), 1e-9));
    const said = cast(threshold === null ? isHighest() : greater(yPred, threshold), yPred.dtype);
    const factor = weights && fittingWeights(weights, yPred.shape, yPred.dtype);
    const over = (x: Tensor) =>
      reshape(sum(factor ? mul(x, factor) : x, average === 'micro' ? null : 0), [this.scores!]);
    return concat([over(mul(said, t)), over(said), over(t)], 0);
  }

  protected value(sums: ArrayLike<number>): MetricValue {
    const { average, beta } = this.settings;
    const count = sums.length / 3;
    const scores = Array.from({ length: count }, (_, i) =>
      ratio((1 + beta ** 2) * sums[i]!, beta ** 2 * sums[2 * count + i]! + sums[count + i]!),
    );
    if (average === null) return scores;
    const weights = scores.map((_, i) => (average === 'weighted' ? sums[2 * count + i]! : 1));
    return ratio(total(scores.map((score, i) => score * weights[i]!)), total(weights));
  }
}
