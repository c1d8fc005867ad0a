// Data as a recorded step sees it: whole sets on the backend, an order of rows, and a cursor that finds the next batch.
import { floatDType } from '../engine/runtime.ts';
import { scope } from '../engine/scope.ts';
import { makeVariable, type Variable } from '../engine/variable.ts';
import { ShapeError, ValueError } from '../errors.ts';
import type { PartialShape } from '../layers/layer.ts';
import { tensor } from '../ops/create.ts';
import { cast } from '../ops/elementwise.ts';
import { gatherBatch } from '../ops/indexing.ts';
import { reshape } from '../ops/shape.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { TensorData } from '../tensor/nested.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Cleanup } from './cleanup.ts';

/** What `fit` and its like take as data. */
export type ArrayLikeData = Tensor | TensorData;

/**
 * Data as a tensor with samples along the first axis. A flat typed array is cut into samples of the shape that the model
 * takes, when that is known. A tensor that is made here belongs to `owned`.
 */
export function asInputs(owned: Cleanup, who: string, model: SampleShapes, x: unknown): Tensor {
  return checkedData(
    who,
    asTensor(owned, who, x, (flat) => cut(who, flat, model.sampleShape)),
  );
}

/** The same for the targets of `count` samples; a flat typed array of that length holds one number for each. */
export function asTargets(owned: Cleanup, who: string, model: SampleShapes, y: unknown, count: number): Tensor {
  const sample = model.outputShape?.slice(1) ?? null;
  return checkedData(
    who,
    asTensor(owned, who, y, (flat) => (flat.size === count ? flat : cut(who, flat, sample))),
  );
}

/** Weights of `count` samples as floats: one for each, or for each and some of its inner positions. */
export function asWeights(owned: Cleanup, who: string, weights: unknown, count: number): Tensor {
  const given = asTensor(owned, `${who}: sampleWeight`, weights, (flat) => flat);
  if (given.rank === 0 || given.shape[0] !== count) {
    throw new ShapeError(
      `${who}: sampleWeight ${formatShape(given.shape)} must hold one number for each of the ${count} samples`,
    );
  }
  return isFloat(given.dtype) ? given : owned.hold(cast(given, floatDType()));
}

/** What of a model says how flat data is meant. */
interface SampleShapes {
  readonly sampleShape: PartialShape | null;
  readonly outputShape: PartialShape | null;
}

function asTensor(owned: Cleanup, who: string, data: unknown, shaped: (flat: Tensor) => Tensor): Tensor {
  if (data === undefined || data === null) throw new ValueError(`${who} is missing`);
  if (data instanceof Tensor) return data;
  if (typeof data !== 'object')
    throw new ValueError(`${who} must be a tensor, a typed array or nested lists, got ${typeof data}`);
  const made = scope(() => {
    const given = tensor(data as TensorData);
    return given.rank === 1 ? shaped(given) : given;
  });
  return owned.hold(made);
}

function checkedData(who: string, data: Tensor): Tensor {
  if (data.rank === 0) throw new ShapeError(`${who} must have samples along its first axis, got a scalar`);
  if (data.shape[0] === 0) throw new ValueError(`${who} is empty: shape ${formatShape(data.shape)}`);
  if (data.size === 0) throw new ValueError(`${who} has samples without elements: shape ${formatShape(data.shape)}`);
  return data;
}

function cut(who: string, flat: Tensor, sample: PartialShape | null): Tensor {
  const known = sample?.every((length) => length !== null) ? (sample as readonly number[]) : null;
  if (!known || known.length === 0) return flat;
  const each = sizeOf(known);
  if (flat.size % each !== 0) {
    throw new ShapeError(
      `${who}: ${flat.size} values do not divide into samples of ${formatShape(known)} (${each} values)`,
    );
  }
  return reshape(flat, [flat.size / each, ...known]);
}

/** Refuses inputs and targets of different length. */
export function requireSameLength(who: string, x: Tensor, y: Tensor): void {
  if (x.shape[0] === y.shape[0]) return;
  throw new ShapeError(
    `${who}: x has ${x.shape[0]} samples (${formatShape(x.shape)}), y has ${y.shape[0]} (${formatShape(y.shape)})`,
  );
}

/** A set of samples, the rows of it that take part, and which batch of them is the next. */
export class Batches {
  readonly count: number;
  readonly batchSize: number;
  private readonly tensors: readonly Tensor[];
  private readonly order: Variable;
  private readonly cursor: Variable;
  private rows: Int32Array | null = null;

  /** `count` samples take part. Which, and in what order, `rewind` says. */
  constructor(tensors: readonly Tensor[], count: number, batchSize: number) {
    this.tensors = tensors;
    this.count = count;
    this.batchSize = batchSize;
    this.order = makeVariable(rowsBetween(0, count), [count], 'int32', { name: 'order' });
    this.cursor = makeVariable(new Int32Array(1), [1], 'int32', { name: 'cursor' });
  }

  get steps(): number {
    return Math.ceil(this.count / this.batchSize);
  }

  /** Samples of the last batch. */
  get lastSize(): number {
    return this.count - (this.steps - 1) * this.batchSize;
  }

  /** The batch under the cursor, for a step that is being recorded. The last, smaller one is a step of its own. */
  gather(rows: number): Tensor[] {
    return this.tensors.map((x) => gatherBatch(x, this.order, this.cursor, { start: 0, stride: this.batchSize, rows }));
  }

  /** The counter that a step moves on by one. */
  get position(): Variable {
    return this.cursor;
  }

  /** Starts over with these rows in their order, at that step. */
  rewind(rows: Int32Array, step = 0): void {
    // the order of a validation is the same each time
    if (rows !== this.rows) this.order.assign(rows);
    this.rows = rows;
    this.cursor.assign(Int32Array.of(step));
  }

  dispose(): void {
    this.order.dispose();
    this.cursor.dispose();
  }
}

/** first, first + 1, ... below end. */
export function rowsBetween(first: number, end: number): Int32Array {
  return Int32Array.from({ length: end - first }, (_, i) => first + i);
}
