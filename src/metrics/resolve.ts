// Metrics by their names, and with names of their own.
import { ValueError } from '../errors.ts';
import { lossNamed } from '../losses/resolve.ts';
import { entryNamed, snakeCase } from '../tensor/names.ts';
import { kindOf } from '../tensor/options.ts';
import { accuracy } from './accuracy.ts';
import { AUC } from './auc.ts';
import { F1Score, FBetaScore } from './fScore.ts';
import { BinaryIoU } from './iou.ts';
import { MeanMetric, type MetricFunction } from './meanMetric.ts';
import * as means from './means.ts';
import type { Direction, Metric } from './metric.ts';
import * as counts from './precision.ts';
import { R2Score } from './r2Score.ts';
import { type MetricValue, RunningMetric } from './running.ts';

type Maker = (options: { readonly name: string }) => RunningMetric<MetricValue>;

const makers: Readonly<Record<string, Maker>> = { ...means, ...counts, AUC, F1Score, FBetaScore, BinaryIoU, R2Score };

const byName: Readonly<Record<string, Maker>> = {
  ...Object.fromEntries(Object.entries(makers).map(([className, make]) => [snakeCase(className), make])),
  fbeta_score: FBetaScore,
  bce: means.BinaryCrossentropy,
  mse: means.MeanSquaredError,
  mae: means.MeanAbsoluteError,
  mape: means.MeanAbsolutePercentageError,
  msle: means.MeanSquaredLogarithmicError,
};

/** Which way the values of a function get better, if it is one of ours. */
function directionOf(fn: MetricFunction): Direction | null {
  const direction: unknown = Reflect.get(fn, 'direction');
  return direction === 'max' || direction === 'min' ? direction : null;
}

function metricNamed(name: string): Metric | null {
  // before the class Accuracy, as in Keras: what is meant follows from the shapes
  if (/^acc(uracy)?$/i.test(name)) return new MeanMetric(name, 'max', accuracy);
  const make = entryNamed(byName, snakeCase(name));
  if (make) return make({ name });
  const loss = lossNamed(name);
  return loss && new MeanMetric(name, 'min', loss);
}

function resolveMetric(given: unknown): Metric {
  if (isMetric(given)) return given;
  if (typeof given === 'function') {
    const fn = given as MetricFunction;
    return new MeanMetric(fn.name || 'metric', directionOf(fn), fn);
  }
  const found = typeof given === 'string' ? metricNamed(given) : null;
  if (found) return found;
  throw new ValueError(
    `unknown metric ${typeof given === 'string' ? JSON.stringify(given) : kindOf(given)}; there are ${Object.keys(byName).join(', ')}, every loss, or a function (yTrue, yPred) => tensor`,
  );
}

const isMetric = (given: unknown): given is Metric =>
  given instanceof RunningMetric ||
  (typeof given === 'object' && given !== null && 'update' in given && 'result' in given && 'size' in given);

/**
 * Metrics by their Keras names, the names of losses, functions (yTrue, yPred) -> tensor, or metrics as they are; each with a key that is not
 * `taken`. Without weights a mean is one sum, with them two.
 */
export function resolveMetrics(
  given: unknown,
  { weighted = false, taken = ['loss'] }: { weighted?: boolean; taken?: readonly string[] } = {},
): Metric[] {
  if (!Array.isArray(given)) throw new ValueError(`metrics must be a list, got ${kindOf(given)}`);
  const names = new Set(taken);
  return given.map((one: unknown) => {
    const found = resolveMetric(one);
    if (found instanceof RunningMetric && found.isList)
      throw new ValueError(
        `${found.name} has several values, which a model cannot log: choose one threshold, one average, or one class`,
      );
    const metric = found instanceof MeanMetric && !weighted ? found.unweighted : found;
    const name = freeName(metric.name, names, weighted, isMetric(one));
    names.add(name);
    return name === metric.name ? metric : renamed(metric, name);
  });
}

/** A name that nobody has yet. Keras calls a weighted metric so; objects are numbered; what the user wrote twice is a mistake. */
function freeName(name: string, names: ReadonlySet<string>, weighted: boolean, isObject: boolean): string {
  if (!names.has(name)) return name;
  if (weighted && !names.has(`weighted_${name}`)) return `weighted_${name}`;
  if (!isObject || name === 'loss')
    throw new ValueError(`two values would be called ${name}; give each metric function a name of its own`);
  let i = 1;
  while (names.has(`${name}_${i}`)) i++;
  return `${name}_${i}`;
}

function renamed(metric: Metric, name: string): Metric {
  return {
    name,
    direction: metric.direction,
    get size() {
      return metric.size;
    },
    build: (yPred) => metric.build?.(yPred),
    update: (yTrue, yPred, weights) => metric.update(yTrue, yPred, weights),
    result: (sums, samples) => metric.result(sums, samples),
  };
}
