// A metric that keeps its own sums as well, as Keras' metrics do outside of `fit`.
import { currentRecorder, floatDType, withGradients } from '../engine/runtime.ts';
import { keep, scope } from '../engine/scope.ts';
import { BackendError, ShapeError, ValueError } from '../errors.ts';
import { tensor } from '../ops/create.ts';
import { add, cast } from '../ops/elementwise.ts';
import { broadcastTo } from '../ops/shape.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { TensorData } from '../tensor/nested.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Direction, Metric } from './metric.ts';

/** What a running metric is asked of: a number, or several (one for each threshold, or each class). */
export type MetricValue = number | number[];

export abstract class RunningMetric<V extends MetricValue = number> implements Metric {
  readonly name: string;
  readonly direction: Direction | null;
  private sums: Tensor | null = null;
  private samples = 0;

  constructor(name: string, direction: Direction | null) {
    this.name = name;
    this.direction = direction;
  }

  abstract readonly size: number;
  abstract update(yTrue: Tensor, yPred: Tensor, weights: Tensor | null): Tensor;
  /** The value, from the sums and the number of samples that went into them. */
  protected abstract value(sums: ArrayLike<number>, samples: number): V;

  build(_yPred: readonly (number | null)[]): void {}

  /** Whether its value is a list, which logs and callbacks have no place for. */
  get isList(): boolean {
    return false;
  }

  /**
   * Counts a batch. Nothing is read back.
   *
   * @param sampleWeight one number for each sample, [n]
   */
  updateState(
    yTrue: Tensor | TensorData,
    yPred: Tensor | TensorData,
    sampleWeight: Tensor | TensorData | null = null,
  ): void {
    if (currentRecorder())
      throw new BackendError(
        `${this.name}.updateState: a traced function cannot keep sums outside of it; call it there`,
      );
    const before = this.sums;
    const made = withGradients(false, () =>
      scope(() => {
        const p = asFloat(asTensor(yPred));
        const rows = p.shape[0];
        if (rows === undefined) throw new ShapeError(`${this.name}.updateState: yPred must be a batch, got one number`);
        const weights = sampleWeight === null ? null : asFloat(asTensor(sampleWeight));
        this.build(p.shape);
        const added = this.update(asTensor(yTrue), p, weights?.rank === 0 ? broadcastTo(weights, [rows]) : weights);
        return { sums: before ? add(before, added) : added, rows };
      }),
    );
    before?.dispose();
    this.sums = keep(made.sums);
    this.samples += made.rows;
  }

  /** The value over all that was counted since the last reset. */
  result(): Promise<V>;
  /** The value from sums that someone else kept; a ValueError where it is a list. */
  result(sums: ArrayLike<number>, samples: number): number;
  result(sums?: ArrayLike<number>, samples = 0): Promise<V> | number {
    if (!sums) return this.ownValue();
    const value = this.value(sums, samples);
    if (typeof value === 'number') return value;
    throw new ValueError(`${this.name} is a list of ${value.length} values, where one number is needed`);
  }

  /** Forgets what was counted. */
  resetState(): void {
    this.sums?.dispose();
    this.sums = null;
    this.samples = 0;
  }

  private async ownValue(): Promise<V> {
    const { samples } = this;
    return this.value(this.sums ? await this.sums.data() : new Float32Array(this.size), samples);
  }
}

const asTensor = (data: Tensor | TensorData) => (data instanceof Tensor ? data : tensor(data));
const asFloat = (x: Tensor) => (isFloat(x.dtype) ? x : cast(x, floatDType()));
