// The best of one ratio over all thresholds at which another is good enough.
import { madeOf } from '../tensor/described.ts';
import { snakeCase } from '../tensor/names.ts';
import { optional, readBoth, share, text, whole } from '../tensor/readers.ts';
import { type AtThreshold, precision, recall, specificity } from './ratio.ts';
import type { RunningMetric } from './running.ts';
import { asProbabilities, evenly, MOST_THRESHOLDS, ThresholdMetric } from './thresholdMetric.ts';

export interface BestAtOptions {
  /** Default: 200, evenly from 0 to 1. */
  readonly numThresholds?: number;
  /** Only this class, a place of the last axis, is looked at. */
  readonly classId?: number | null;
  readonly name?: string;
}

/** The highest `wanted` where `given` is at least the bound, an option of that name; 0 where there is none. */
function maker<K extends string>(className: string, bound: K, given: AtThreshold, wanted: AtThreshold) {
  const readers = {
    numThresholds: whole(1, 200, MOST_THRESHOLDS),
    classId: optional(whole(0)),
    name: text(snakeCase(className)),
  };
  return (options: BestAtOptions & Readonly<Record<K, number>>): RunningMetric => {
    const [least, { numThresholds, ...settings }] = readBoth(className, { [bound]: share() }, readers, options);
    const thresholds = numThresholds === 1 ? [0.5] : evenly(numThresholds);
    const metric = new ThresholdMetric({
      ...settings,
      direction: 'max',
      thresholds,
      prepare: asProbabilities,
      finish: ([counts]) =>
        Math.max(0, ...thresholds.map((_, i) => (given(counts!, i) >= least[bound]! ? wanted(counts!, i) : 0))),
    });
    return madeOf(metric, 'metrics', className, options);
  };
}

/** The highest recall at a precision of at least `precision`. */
export const RecallAtPrecision = maker('RecallAtPrecision', 'precision', precision, recall);
/** The highest precision at a recall of at least `recall`. */
export const PrecisionAtRecall = maker('PrecisionAtRecall', 'recall', recall, precision);
/** The highest recall at a specificity, tn / (tn + fp), of at least `specificity`. */
export const SensitivityAtSpecificity = maker('SensitivityAtSpecificity', 'specificity', specificity, recall);
/** The highest specificity, tn / (tn + fp), at a recall of at least `sensitivity`. */
export const SpecificityAtSensitivity = maker('SpecificityAtSensitivity', 'sensitivity', recall, specificity);
