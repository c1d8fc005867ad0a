// Metrics as Keras resolves and computes them: (yTrue, yPred) -> one value for each sample, averaged over an epoch.
import { ValueError } from '../errors.ts';
import { lossNamed } from '../losses/losses.ts';
import { cast, equal, greater } from '../ops/elementwise.ts';
import { argMax, mean } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { entryNamed, snakeCase } from '../tensor/names.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** One value for each sample. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

export interface Metric {
  /** The key in logs and history: as the user wrote it. */
  readonly name: string;
  readonly compute: MetricFunction;
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
export function resolveMetrics(given: unknown): Metric[] {
  if (!Array.isArray(given)) throw new ValueError(`metrics must be a list, got ${JSON.stringify(given)}`);
  const metrics = given.map(resolveMetric);
  const names = ['loss', ...metrics.map(({ name }) => name)];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return metrics;
  throw new ValueError(`two values would be called ${twice}; give each metric function a name of its own`);
}

function resolveMetric(given: unknown): Metric {
  if (typeof given === 'function') return { name: given.name || 'metric', compute: given as MetricFunction };
  if (typeof given === 'string') {
    const compute = entryNamed(byName, snakeCase(given)) ?? lossNamed(given);
    if (compute) return { name: given, compute };
  }
  throw new ValueError(
    `unknown metric ${JSON.stringify(given)}; there are ${Object.keys(byName).join(', ')}, every loss, or a function (yTrue, yPred) => tensor`,
  );
}
