import type { View } from '../backend/backend.ts';
import type { Compiled } from '../compile/compile.ts';
import { slice } from '../ops/slice.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { SinglePass } from './collect.ts';

/** A compiled function on one slice of samples after another. What it was compiled to outlives the pass, and so serves the next. */
export class Slices implements SinglePass {
  readonly steps: number;
  private readonly inputs: readonly Tensor[];
  private readonly batchSize: number;
  private readonly step: Compiled<Tensor[], readonly Tensor[]>;
  private results: readonly Tensor[] = [];
  private done = 0;

  constructor(inputs: readonly Tensor[], batchSize: number, step: Compiled<Tensor[], readonly Tensor[]>) {
    this.inputs = inputs;
    this.batchSize = batchSize;
    this.step = step;
    this.steps = Math.ceil(inputs[0]!.shape[0]! / batchSize);
  }

  get outputs(): readonly View[] {
    return this.results.map((result) => result.locate());
  }

  begin(): void {
    this.done = 0;
  }

  async next(): Promise<number> {
    if (this.done === this.steps) return 0;
    const first = this.done * this.batchSize;
    const rows = Math.min(this.batchSize, this.inputs[0]!.shape[0]! - first);
    const batch = this.steps === 1 ? this.inputs : this.inputs.map((x) => rowsOf(x, first, rows));
    const results = await this.step(...batch);
    if (batch !== this.inputs) for (const part of batch) part.dispose();
    this.dispose();
    this.results = results;
    this.done++;
    return rows;
  }

  dispose(): void {
    for (const result of this.results) result.dispose();
    this.results = [];
  }
}

function rowsOf(x: Tensor, first: number, count: number): Tensor {
  return slice(x, [first, ...x.shape.slice(1).fill(0)], [count, ...x.shape.slice(1)]);
}
