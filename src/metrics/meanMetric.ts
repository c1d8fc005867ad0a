import { floatDType } from '../engine/runtime.ts';
import type { RowFunction } from '../losses/define.ts';
import { fittingWeights, maskOf, reduceLoss } from '../losses/reduction.ts';
import { concat } from '../ops/concat.ts';
import { ones } from '../ops/create.ts';
import { cast, mul } from '../ops/elementwise.ts';
import { sum } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { madeOf } from '../tensor/described.ts';
import { type Readers, readBoth, type Settings, text } from '../tensor/readers.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Direction } from './metric.ts';
import { RunningMetric } from './running.ts';

/** (yTrue, yPred) -> one value for each sample, or for each sample and inner position. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

export interface MeanOptions {
  /** Whether samples may have weights: then two sums are kept instead of one. */
  readonly weighted?: boolean;
  /** What becomes of the mean. */
  readonly finish?: (mean: number) => number;
}

/** The mean of a function over all samples. */
export class MeanMetric extends RunningMetric {
  readonly compute: MetricFunction;
  private readonly weighted: boolean;
  private readonly finish: (mean: number) => number;

  constructor(
    name: string,
    direction: Direction | null,
    compute: MetricFunction,
    { weighted = true, finish = (mean) => mean }: MeanOptions = {},
  ) {
    super(name, direction);
    this.compute = compute;
    this.weighted = weighted;
    this.finish = finish;
  }

  /** The same in one sum, each sample counting once: what `metrics` of a model are. */
  get unweighted(): MeanMetric {
    return new MeanMetric(this.name, this.direction, this.compute, { weighted: false, finish: this.finish });
  }

  get size(): number {
    return this.weighted ? 2 : 1;
  }

  update(yTrue: Tensor, yPred: Tensor, weights: Tensor | null): Tensor {
    const [t, p] = yPred.rank === 1 && yTrue.size === yPred.size ? [column(yTrue), column(yPred)] : [yTrue, yPred];
    const rows = p.shape[0] ?? 1;
    const values = this.compute(t, p);
    // A fused operation knows this form: a mean, times the samples, added to a total.
    if (!this.weighted) return reshape(mul(reduceLoss(values, null), rows), [1]);
    return weightedSums(values, weights ?? ones([rows]), rows);
  }

  protected value(sums: ArrayLike<number>, samples: number): number {
    const count = this.weighted ? sums[1]! : samples;
    return count === 0 ? 0 : this.finish(sums[0]! / count);
  }
}

const column = (x: Tensor) => reshape(x, [x.size, 1]);

/** Σ v w and Σ w, where v is the mean of the values of a sample. Values that are masked have no weight. */
function weightedSums(values: Tensor, weights: Tensor, rows: number): Tensor {
  const v = cast(values, floatDType());
  const w = fittingWeights(weights, v.shape, v.dtype);
  const mask = maskOf(values);
  const perSample = v.rank === 0 ? 1 : rows / v.size;
  const total = mul(sum(mul(v, w)), perSample);
  const count = mask ? mul(sum(mul(cast(mask, v.dtype), w)), perSample) : sum(w);
  return concat([reshape(total, [1]), reshape(count, [1])], 0);
}

/** Makes mean metrics of a function: what Keras' class of that name is. */
export function meanMaker<R extends Readers>(
  className: string,
  values: RowFunction<R>,
  { name = values.name, finish }: { name?: string } & Pick<MeanOptions, 'finish'> = {},
) {
  const shared = { name: text(name) };
  return (options: Partial<Settings<R>> & { readonly name?: string } = {}): MeanMetric => {
    const [own, { name }] = readBoth(className, values.readers, shared, options);
    const metric = new MeanMetric(name, values.direction, (t, p) => values(t, p, own), finish ? { finish } : {});
    return madeOf(metric, 'metrics', className, options);
  };
}
