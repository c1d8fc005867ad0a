// The coefficient of determination: how much of the spread of targets the predictions explain.
import { ShapeError, ValueError } from '../errors.ts';
import { paired } from '../losses/pairs.ts';
import { fittingWeights } from '../losses/reduction.ts';
import { concat } from '../ops/concat.ts';
import { ones } from '../ops/create.ts';
import { mul, square, sub } from '../ops/elementwise.ts';
import { sum } from '../ops/reduce.ts';
import { broadcastTo } from '../ops/shape.ts';
import { madeOf } from '../tensor/described.ts';
import { optional, readOptions, type Settings, text, whole, word } from '../tensor/readers.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { total } from './ratio.ts';
import { type MetricValue, RunningMetric } from './running.ts';

const aggregations = ['uniform_average', 'variance_weighted_average'] as const;

const readers = {
  // null, which is no default here, gives a list
  classAggregation: (who: string, name: string, given: unknown = aggregations[0]) =>
    optional(word(aggregations, aggregations[0]))(who, name, given),
  numRegressors: whole(0, 0),
  name: text('r2_score'),
};

/**
 * `classAggregation`: the mean over the outputs (default `uniform_average`), weighted by the spread of each, or null for a list.
 * `numRegressors` above 0 gives the adjusted score, (1 − R²)(n − 1) / (n − numRegressors − 1) below 1 for n samples; where there are too few of them the plain one.
 */
export type R2Options = Partial<Settings<typeof readers>>;

/** 1 − Σ (t − p)² / Σ (t − mean t)² of predictions [n, outputs]; 0 for targets that are all the same. */
export function R2Score(options: R2Options & { readonly classAggregation: null }): RunningMetric<MetricValue>;
export function R2Score(options?: R2Options): RunningMetric;
export function R2Score(options: R2Options = {}): RunningMetric<MetricValue> {
  return madeOf(new R2(readOptions('R2Score', readers, options)), 'metrics', 'R2Score', options);
}

class R2 extends RunningMetric<MetricValue> {
  private readonly settings: Settings<typeof readers>;
  /** Known with the first batch. */
  private outputs: number | null = null;

  constructor(settings: Settings<typeof readers>) {
    super(settings.name, 'max');
    this.settings = settings;
  }

  override build(yPred: readonly (number | null)[]): void {
    const [, outputs, ...more] = yPred;
    if (outputs === undefined || more.length > 0)
      throw new ShapeError(`${this.name}: predictions must be [n, outputs], got ${formatShape(yPred)}`);
    if (outputs === null) return;
    this.outputs ??= outputs;
    if (this.outputs !== outputs)
      throw new ShapeError(`${this.name}: judges ${this.outputs} outputs, got ${formatShape(yPred)}`);
  }

  get size(): number {
    if (this.outputs !== null) return 4 * this.outputs;
    throw new ValueError(`${this.name}: how many outputs there are is known with the first batch`);
  }

  override get isList(): boolean {
    return this.settings.classAggregation === null;
  }

  /** Of each output the weights, Σ w t, Σ w t² and Σ w (t − p)². */
  update(yTrue: Tensor, yPred: Tensor, weights: Tensor | null): Tensor {
    this.build(yPred.shape);
    const t = paired(this.name, yTrue, yPred);
    const w = weights ? broadcastTo(fittingWeights(weights, t.shape, t.dtype), t.shape) : ones(t.shape, t.dtype);
    const over = (values: Tensor) => sum(mul(values, w), 0);
    return concat([sum(w, 0), over(t), over(square(t)), over(square(sub(t, yPred)))], 0);
  }

  protected value(sums: ArrayLike<number>, samples: number): MetricValue {
    const { classAggregation, numRegressors } = this.settings;
    const n = sums.length / 4;
    const at = (i: number) => (k: number) => sums[i * n + k]!;
    const [weight, first, second, residual] = [at(0), at(1), at(2), at(3)];
    const places = Array.from({ length: n }, (_, k) => k);
    const spreads = places.map((k) => (weight(k) === 0 ? 0 : second(k) - first(k) ** 2 / weight(k)));
    const scores = places.map((k) => (spreads[k] === 0 ? 0 : 1 - residual(k) / spreads[k]!));
    const free = samples - numRegressors - 1;
    const adjusted = (score: number) =>
      numRegressors === 0 || free <= 0 ? score : 1 - ((1 - score) * (samples - 1)) / free;
    if (classAggregation === null) return scores.map(adjusted);
    const shares = classAggregation === 'uniform_average' ? places.map(() => 1) : spreads;
    const all = total(shares);
    return adjusted(all === 0 ? 0 : total(scores.map((score, k) => score * shares[k]!)) / all);
  }
}
