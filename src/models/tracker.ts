import type { PartialShape } from '../layers/layer.ts';
import type { Direction, Metric } from '../metrics/metric.ts';
import { mul } from '../ops/elementwise.ts';
import { reshape } from '../ops/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** A batch as losses and metrics see it, output by output. */
export interface JudgedBatch {
  readonly ys: readonly Tensor[];
  readonly yPreds: readonly Tensor[];
  /** The loss of each output, a scalar; null where there is none. */
  readonly losses: readonly (Tensor | null)[];
  /** The weights of the samples for each output; null where each counts once. */
  readonly weights: readonly (Tensor | null)[];
  readonly rows: number;
}

/** A value that is logged beside the loss: running sums, as a metric has them, of one output. */
export interface Tracker {
  /** The key in logs and history. */
  readonly name: string;
  readonly direction: Direction | null;
  /** Which output it judges. */
  readonly output: number;
  readonly size: number;
  /** Called with the shapes of the outputs before `size` is read. */
  build(outputs: readonly (PartialShape | null)[]): void;
  /** What a batch adds to the sums, [size]. Part of a recorded step. */
  sums(batch: JudgedBatch): Tensor;
  result(sums: ArrayLike<number>, samples: number): number;
}

/** A metric of one output. */
export function metricTracker(metric: Metric, output: number, weighted: boolean, name = metric.name): Tracker {
  return {
    name,
    output,
    direction: metric.direction,
    get size() {
      return metric.size;
    },
    build: (outputs) => metric.build?.((outputs[output] ?? []).map((length) => length ?? 1)),
    sums: ({ ys, yPreds, weights }) => metric.update(ys[output]!, yPreds[output]!, weighted ? weights[output]! : null),
    result: (sums, samples) => metric.result(sums, samples),
  };
}

/** The loss of one output: the mean over the samples. */
export function lossTracker(name: string, output: number): Tracker {
  return {
    name,
    output,
    direction: 'min',
    size: 1,
    build: () => {},
    sums: ({ losses, rows }) => reshape(mul(losses[output]!, rows), [1]),
    result: (sums, samples) => (samples === 0 ? 0 : sums[0]! / samples),
  };
}
