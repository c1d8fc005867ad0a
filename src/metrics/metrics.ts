// Metrics as Keras resolves and computes them: (yTrue, yPred) -> one value for each sample, averaged over an epoch.
import { ValueError } from '../errors.ts';
import { lossNamed } from '../losses/losses.ts';
import { cast, equal, greater, mul } from '../ops/elementwise.ts';
import { argMax, mean } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { entryNamed, snakeCase } from '../tensor/names.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Metric } from './metric.ts';

/** One value for each sample. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

function meanMetric(name: string, compute: MetricFunction): Metric {
  return {
    name,
    direction: /acc/.test(name) ? 'max' : 'min',
    size: 1,
    update: (yTrue, yPred) => reshape(mul(mean(compute(yTrue, yPred)), yPred.shape[0]!), [1]),
    result: (sums, samples) => (samples === 0 ? 0 : sums[0]! / samples),
  };
}

/** (p > 0.5) == t, averaged over the last axis. */
export function binaryAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  const said = cast(greater(yPred, 0.5), yPred.dtype);
  const right = cast(equal(said, cast(reshape(yTrue, yPred.shape), yPred.dtype)), yPred.dtype);
  return mean(right, -1);
}

/** argmax(t) == argmax(p); ties go to the lowest class. */
export function categoricalAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  return cast(equal(argMax(yTrue, -1), argMax(yPred, -1)), yPred.dtype);
}

/** t == argmax(p) for integer classes. */
export function sparseCategoricalAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  const winner = argMax(yPred, -1);
  return cast(equal(cast(reshape(yTrue, winner.shape), 'int32'), winner), yPred.dtype);
}

/** Which accuracy is meant follows from the shapes, as in Keras. */
export function accuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  const classes = yPred.shape.at(-1) ?? 1;
  if (classes === 1) return binaryAccuracy(yTrue, yPred);
  const sparse = yTrue.rank < yPred.rank || yTrue.shape.at(-1) === 1;
  return sparse ? sparseCategoricalAccuracy(yTrue, yPred) : categoricalAccuracy(yTrue, yPred);
}

const byName: Readonly<Record<string, MetricFunction>> = {
  accuracy,
  acc: accuracy,
  binary_accuracy: binaryAccuracy,
  categorical_accuracy: categoricalAccuracy,
  sparse_categorical_accuracy: sparseCategoricalAccuracy,
};

/** Metrics by their Keras names, the names of losses, or functions (yTrue, yPred) -> tensor; each with a key of its own. */
export function resolveMetrics(given: unknown, _options: object = {}): Metric[] {
  if (!Array.isArray(given)) throw new ValueError(`metrics must be a list, got ${JSON.stringify(given)}`);
  const metrics = given.map(resolveMetric);
  const names = ['loss', ...metrics.map(({ name }) => name)];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return metrics;
  throw new ValueError(`two values would be called ${twice}; give each metric function a name of its own`);
}

function resolveMetric(given: unknown): Metric {
  if (typeof given === 'function') return meanMetric(given.name || 'metric', given as MetricFunction);
  if (typeof given === 'string') {
    const compute = entryNamed(byName, snakeCase(given)) ?? lossNamed(given);
    if (compute) return meanMetric(given, compute);
  }
  throw new ValueError(
    `unknown metric ${JSON.stringify(given)}; there are ${Object.keys(byName).join(', ')}, every loss, or a function (yTrue, yPred) => tensor`,
  );
}
