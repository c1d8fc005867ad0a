// Precision, recall and the counts themselves, at one threshold or at several.
import { madeOf } from '../tensor/described.ts';
import { snakeCase } from '../tensor/names.ts';
import { oneOrMore, optional, readOptions, share, text, whole } from '../tensor/readers.ts';
import { LOWEST } from './counts.ts';
import type { Direction } from './metric.ts';
import { type AtThreshold, precision, recall } from './ratio.ts';
import type { MetricValue, RunningMetric } from './running.ts';
import { ThresholdMetric } from './thresholdMetric.ts';

export interface CountOptions<T = number> {
  /** A prediction is positive when it is above; default 0.5, or none when topK is given. Of a list each has a value of its own. */
  readonly thresholds?: T | null;
  /** Only the k highest predictions of a row may be positive. */
  readonly topK?: number | null;
  /** Only this class, a place of the last axis, is looked at. */
  readonly classId?: number | null;
  readonly name?: string;
}

interface Maker {
  (options?: CountOptions): RunningMetric;
  (options: CountOptions<number | readonly number[]>): RunningMetric<MetricValue>;
}

/** A metric of what is counted at each threshold i. */
function maker(className: string, direction: Direction, finish: AtThreshold): Maker {
  const readers = {
    thresholds: optional(oneOrMore('numbers', share())),
    topK: optional(whole(1)),
    classId: optional(whole(0)),
    name: text(snakeCase(className)),
  };
  function make(options?: CountOptions): RunningMetric;
  function make(options: CountOptions<number | readonly number[]>): RunningMetric<MetricValue>;
  function make(options: CountOptions<number | readonly number[]> = {}): RunningMetric<MetricValue> {
    const settings = readOptions(className, readers, options);
    const thresholds = [settings.thresholds ?? (settings.topK === null ? 0.5 : LOWEST)].flat();
    const metric = new ThresholdMetric<MetricValue>({
      ...settings,
      thresholds,
      direction,
      finish: ([counts]) => {
        const values = thresholds.map((_, i) => finish(counts!, i));
        return values.length === 1 ? values[0]! : values;
      },
    });
    return madeOf(metric, 'metrics', className, options);
  }
  return make;
}

/** tp / (tp + fp): how much of what was called positive is. */
export const Precision = maker('Precision', 'max', precision);
/** tp / (tp + fn): how much of what is positive was found. */
export const Recall = maker('Recall', 'max', recall);
/** How many are rightly called positive; with weights their sum. */
export const TruePositives = maker('TruePositives', 'max', ({ tp }, i) => tp[i]!);
/** How many are rightly called negative. */
export const TrueNegatives = maker('TrueNegatives', 'max', ({ tn }, i) => tn[i]!);
/** How many are wrongly called positive. */
export const FalsePositives = maker('FalsePositives', 'min', ({ fp }, i) => fp[i]!);
/** How many are wrongly called negative. */
export const FalseNegatives = maker('FalseNegatives', 'min', ({ fn }, i) => fn[i]!);
