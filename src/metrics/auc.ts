// The area under a curve.
import { ValueError } from '../errors.ts';
import { EPSILON } from '../losses/pairs.ts';
import { sigmoid } from '../ops/elementwise.ts';
import { madeOf } from '../tensor/described.ts';
import {
  flag,
  number,
  optional,
  type Reader,
  readOptions,
  type Settings,
  share,
  someOf,
  text,
  whole,
  word,
} from '../tensor/readers.ts';
import type { Counts } from './counts.ts';
import { fallOut, precision, ratio, recall, total } from './ratio.ts';
import type { RunningMetric } from './running.ts';
import { asProbabilities, evenly, MOST_THRESHOLDS, ThresholdMetric } from './thresholdMetric.ts';

/** In capitals or not: it is read in small letters. */
const curve: Reader<'ROC' | 'PR' | 'roc' | 'pr'> = word(['roc', 'pr'], 'roc');

const aucOptions = {
  numThresholds: whole(2, 200, MOST_THRESHOLDS),
  curve,
  summationMethod: word(['interpolation', 'minoring', 'majoring'], 'interpolation'),
  name: text('auc'),
  thresholds: optional(someOf('numbers', share())),
  multiLabel: flag(false),
  numLabels: optional(whole(1)),
  labelWeights: optional(someOf('numbers', number(undefined, 0))),
  fromLogits: flag(false),
};

/**
 * The area under a curve: true over false positive rate (`curve` 'ROC'), or precision over recall ('PR'), from `numThresholds` points of
 * it. With `multiLabel` the mean of the areas of the labels, weighted by `labelWeights`.
 */
export function AUC(options: Partial<Settings<typeof aucOptions>> = {}): RunningMetric {
  const { multiLabel, labelWeights, fromLogits, numThresholds, ...settings } = readOptions('AUC', aucOptions, options);
  if (settings.numLabels !== null && !multiLabel)
    throw new ValueError('AUC: numLabels is for multiLabel: true; otherwise all labels are counted together');
  const inner = settings.thresholds?.toSorted((a, b) => a - b) ?? evenly(numThresholds).slice(1, -1);
  const areaOf = areas(settings.curve, settings.summationMethod);
  const metric = new ThresholdMetric({
    ...settings,
    direction: 'max',
    // the outer ones lie outside, so that probabilities of exactly 0 and 1 are on the right side of them
    thresholds: [-EPSILON, ...inner, 1 + EPSILON],
    byLabel: multiLabel,
    labelWeights,
    prepare: fromLogits ? sigmoid : asProbabilities,
    finish: (labels) => {
      const weights = labels.map((_, i) => (multiLabel && labelWeights ? labelWeights[i]! : 1));
      return ratio(total(labels.map((counts, i) => areaOf(counts) * weights[i]!)), total(weights));
    },
  });
  return madeOf(metric, 'metrics', 'AUC', options);
}

function areas(curve: string, method: keyof typeof heights): (counts: Counts) => number {
  const isPrecision = curve === 'pr';
  if (isPrecision && method === 'interpolation') return precisionArea;
  const height = heights[method];
  const [across, up] = isPrecision ? [recall, precision] : [fallOut, recall];
  return (counts) => {
    const x = counts.tp.map((_, i) => across(counts, i));
    const y = counts.tp.map((_, i) => up(counts, i));
    return total(x.slice(1).map((next, i) => (x[i]! - next) * height(y[i]!, y[i + 1]!)));
  };
}

const heights = { minoring: Math.min, majoring: Math.max, interpolation: (a: number, b: number) => (a + b) / 2 };

/**
 * Between two thresholds the positives and those of them that are true grow in proportion, and precision is their ratio, not a straight
 * line (Davis and Goadrich 2006): the integral of (a + s P) / P dP.
 */
function precisionArea({ tp, fp, fn }: Counts): number {
  const positives = tp.map((n, i) => n + fp[i]!);
  return total(
    tp.slice(1).map((after, i) => {
      const [from, to] = [positives[i + 1]!, positives[i]!];
      const gained = tp[i]! - after;
      const slope = ratio(gained, Math.max(to - from, 0));
      const bend = from > 0 && to > 0 ? (after - slope * from) * Math.log(to / from) : 0;
      return ratio(slope * (gained + bend), after + fn[i + 1]!);
    }),
  );
}
