import { ShapeError, ValueError } from '../errors.ts';
import { clip } from '../ops/activations.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type CountSettings, type Counts, countBatch, countsSize, readCounts } from './counts.ts';
import type { Direction } from './metric.ts';
import { type MetricValue, RunningMetric } from './running.ts';

export interface ThresholdSettings<V extends MetricValue> extends CountSettings {
  readonly name: string;
  readonly direction: Direction;
  /** What predictions become before they are compared. */
  readonly prepare?: (yPred: Tensor) => Tensor;
  /** How many labels are counted for themselves, if that is known; otherwise the first batch says. */
  readonly numLabels?: number | null;
  /** The value that follows from the counts of each label. */
  readonly finish: (labels: readonly Counts[]) => V;
}

/** A value that follows from the counts at some thresholds. */
export class ThresholdMetric<V extends MetricValue> extends RunningMetric<V> {
  private readonly settings: ThresholdSettings<V>;
  private labels: number | null;

  constructor(settings: ThresholdSettings<V>) {
    super(settings.name, settings.direction);
    this.settings = settings;
    this.labels = settings.byLabel ? (settings.numLabels ?? null) : 1;
  }

  override build(yPred: readonly (number | null)[]): void {
    const labels = yPred.at(-1);
    if (!this.settings.byLabel || typeof labels !== 'number') return;
    this.labels ??= labels;
    if (this.labels !== labels) throw new ShapeError(`${this.name}: counts ${this.labels} labels, got ${labels}`);
  }

  get size(): number {
    if (this.labels === null)
      throw new ValueError(`${this.name}: how many labels there are is known with the first batch; give numLabels`);
    return countsSize(this.labels, this.settings.thresholds.length);
  }

  override get isList(): boolean {
    return typeof this.value(new Float32Array(countsSize(1, this.settings.thresholds.length))) !== 'number';
  }

  update(yTrue: Tensor, yPred: Tensor, weights: Tensor | null): Tensor {
    this.build(yPred.shape);
    const { prepare = (x) => x } = this.settings;
    return countBatch(this.name, yTrue, prepare(yPred), weights, this.settings);
  }

  protected value(sums: ArrayLike<number>): V {
    return this.settings.finish(readCounts(sums, this.settings.thresholds.length));
  }
}

/** Predictions as probabilities: what lies outside counts as 0 or 1. */
export const asProbabilities = (p: Tensor) => clip(p, 0, 1);

/** More than anybody looks at; a file may name any number. */
export const MOST_THRESHOLDS = 100_000;

/** Thresholds evenly from 0 to 1, at least two of them. */
export const evenly = (count: number) => Array.from({ length: count }, (_, i) => i / (count - 1));
