import { type Loss, resolveLoss } from '../losses/losses.ts';
import type { Metric } from '../metrics/metric.ts';
import { type MetricFunction, resolveMetrics } from '../metrics/metrics.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { resolveOptimizer } from '../optimizers/optimizers.ts';
import { refuseUnknown } from '../tensor/options.ts';

export interface CompileOptions {
  /** Default: adam. (Keras: rmsprop.) */
  readonly optimizer?: string | Optimizer;
  readonly loss: string | Loss;
  readonly metrics?: readonly (string | MetricFunction | Metric)[];
  /** The same, but each sample counts with its weight. */
  readonly weightedMetrics?: readonly (string | MetricFunction | Metric)[];
}

/** How a model is trained and judged. */
export interface Objective {
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  /** In the order of their results. */
  readonly metrics: readonly Metric[];
  /** Those of them that take the weights of samples into account. */
  readonly weighted: ReadonlySet<Metric>;
}

export function resolveObjective(options: CompileOptions): Objective {
  refuseUnknown('compile', options, ['optimizer', 'loss', 'metrics', 'weightedMetrics']);
  const { metrics = [], weightedMetrics = [] } = options;
  const plain = resolveMetrics(metrics);
  const taken = ['loss', ...plain.map(({ name }) => name)];
  const weighted = resolveMetrics(weightedMetrics, { weighted: true, taken });
  return {
    optimizer: resolveOptimizer(options.optimizer ?? 'adam'),
    loss: resolveLoss(options.loss),
    metrics: [...plain, ...weighted],
    weighted: new Set(weighted),
  };
}
