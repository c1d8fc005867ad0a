// What `compile` says: how a model is trained and judged, for one output or for several.
import { ValueError } from '../errors.ts';
import { type Loss, resolveLoss } from '../losses/losses.ts';
import type { Metric } from '../metrics/metric.ts';
import { type MetricFunction, resolveMetrics } from '../metrics/metrics.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { resolveOptimizer } from '../optimizers/optimizers.ts';
import { finiteNumber, kindOf, refuseUnknown } from '../tensor/options.ts';
import { isPlainObject } from './arrays.ts';
import { lossTracker, metricTracker, type Tracker } from './tracker.ts';

type MetricLike = string | MetricFunction | Metric;

/** One for the only output; for several a list in their order, or an object with their names. */
export type PerOutput<T> = T | readonly T[] | Readonly<Record<string, T>>;

export interface CompileOptions {
  /** Default: adam. (Keras: rmsprop.) */
  readonly optimizer?: string | Optimizer;
  /** One loss is taken for every output; null, or none by name, for outputs that are not trained on. */
  readonly loss: PerOutput<string | Loss | null>;
  /** What the loss of each output counts; default 1. */
  readonly lossWeights?: PerOutput<number>;
  readonly metrics?: readonly MetricLike[] | PerOutput<readonly MetricLike[]>;
  /** The same, but each sample counts with its weight. */
  readonly weightedMetrics?: readonly MetricLike[] | PerOutput<readonly MetricLike[]>;
}

/** What an output is trained on. */
export interface OutputObjective {
  /** null where it is not trained on. */
  readonly loss: Loss | null;
  readonly weight: number;
  /** Whether it has a loss or metrics, which want targets. */
  readonly isJudged: boolean;
}

/** How a model is trained and judged. */
export interface Objective {
  /** What it was made of, for files. */
  readonly given: CompileOptions;
  readonly optimizer: Optimizer;
  readonly outputs: readonly OutputObjective[];
  /** What is logged beside the loss, in the order of the results: the losses of several outputs, then the metrics. */
  readonly trackers: readonly Tracker[];
}

export function resolveObjective(options: CompileOptions, names: readonly string[]): Objective {
  refuseUnknown('compile', options, ['optimizer', 'loss', 'lossWeights', 'metrics', 'weightedMetrics']);
  const weights = perOutput('lossWeights', names, options.lossWeights);
  const losses = perOutput('loss', names, sharedLoss(options.loss, names));
  const resolved = names.map((_, i) => {
    const given = losses[i] ?? null;
    return {
      loss: given === null ? null : resolveLoss(given),
      weight: finiteNumber('compile', 'lossWeights', weights[i] ?? 1),
    };
  });
  if (resolved.every(({ loss }) => loss === null))
    throw new ValueError(
      `compile: loss is missing, such as 'categorical_crossentropy'${names.length > 1 ? `; at least one of ${names.join(', ')} needs one` : ''}`,
    );
  const ofOutputs = resolved.flatMap(({ loss }, i) =>
    loss && names.length > 1 ? [lossTracker(`${names[i]}_loss`, i)] : [],
  );
  const taken = ['loss', ...ofOutputs.map(({ name }) => name)];
  const plain = trackersOf('metrics', names, options.metrics, { weighted: false, taken });
  const weighted = trackersOf('weightedMetrics', names, options.weightedMetrics, {
    ...{ weighted: true, taken: [...taken, ...plain.map(({ name }) => name)] },
  });
  const trackers = [...ofOutputs, ...plain, ...weighted];
  const isJudged = (i: number) => resolved[i]!.loss !== null || trackers.some(({ output }) => output === i);
  return {
    given: options,
    optimizer: resolveOptimizer(options.optimizer ?? 'adam'),
    outputs: resolved.map((output, i) => ({ ...output, isJudged: isJudged(i) })),
    trackers,
  };
}

/** A single loss stands for every output. */
function sharedLoss(given: CompileOptions['loss'], names: readonly string[]): PerOutput<string | Loss | null> {
  const isSingle = typeof given === 'string' || typeof given === 'function';
  return isSingle && names.length > 1 ? names.map(() => given) : given;
}

function trackersOf(
  what: string,
  names: readonly string[],
  given: CompileOptions['metrics'],
  { weighted, taken }: { weighted: boolean; taken: readonly string[] },
): Tracker[] {
  if (names.length === 1 && !isPlainObject(given)) {
    // [['accuracy']] is what Keras takes for one of several
    const list = Array.isArray(given) && given.length === 1 && Array.isArray(given[0]) ? given[0] : (given ?? []);
    return resolveMetrics(list, { weighted, taken }).map((metric) => metricTracker(metric, 0, weighted));
  }
  const lists = perOutput(what, names, given as PerOutput<readonly MetricLike[]> | undefined);
  const trackers: Tracker[] = [];
  names.forEach((name, i) => {
    const list = lists[i] ?? [];
    const prefix = names.length > 1 ? `${name}_` : '';
    const before = [...taken, ...trackers.map((tracker) => tracker.name)];
    // what would be called so behind the name of the output
    const own = before.flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
    const found = resolveMetrics(typeof list === 'string' ? [list] : list, { weighted, taken: ['loss', ...own] });
    trackers.push(...found.map((metric) => metricTracker(metric, i, weighted, prefix + metric.name)));
  });
  return trackers;
}

/** What was given for each output, in their order; undefined where nothing was. */
function perOutput<T>(what: string, names: readonly string[], given: PerOutput<T> | undefined): (T | undefined)[] {
  if (given === undefined) return names.map(() => undefined);
  if (isPlainObject(given)) {
    const byName: Readonly<Record<string, unknown>> = given;
    const strange = Object.keys(byName).find((name) => !names.includes(name));
    if (strange !== undefined)
      throw new ValueError(`compile: ${what} names ${strange}; there are the outputs ${names.join(', ')}`);
    return names.map((name) => byName[name] as T | undefined);
  }
  if (Array.isArray(given) && given.length === names.length) return [...(given as readonly T[])];
  if (names.length === 1 && !Array.isArray(given)) return [given as T];
  throw new ValueError(
    `compile: ${what} must be a list of ${names.length}, or an object with the names ${names.join(', ')}, got ${Array.isArray(given) ? `a list of ${given.length}` : kindOf(given)}`,
  );
}
