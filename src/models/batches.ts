// A set of samples as a recorded step sees it: whole tensors on the backend, an order of rows, and a cursor that finds the next batch.
import { makeVariable, type Variable } from '../engine/variable.ts';
import { gatherBatch } from '../ops/indexing.ts';
import type { Tensor } from '../tensor/tensor.ts';

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
