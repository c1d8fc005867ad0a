import { VIEW_ALIGNMENT } from '../backend/backend.ts';
import { allocateTensor } from '../engine/execute.ts';
import { makeTensor } from '../engine/make.ts';
import { keep } from '../engine/scope.ts';
import type { Variable } from '../engine/variable.ts';
import { pack } from '../ops/updates.ts';
import { bytesOf } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * Variables moved side by side into one flat tensor, so that one dispatch updates all of them. Each starts where a
 * shader may bind it; the gaps between hold nothing that anyone reads.
 */
export class FlatVariables {
  readonly variables: readonly Variable[];
  /** All values, [size]. */
  readonly values: Tensor;
  private readonly offsets: readonly number[];
  private readonly size: number;

  constructor(variables: readonly Variable[]) {
    const dtype = variables[0]!.dtype;
    const unit = VIEW_ALIGNMENT / bytesOf(dtype);
    const offsets: number[] = [];
    let size = 0;
    for (const variable of variables) {
      offsets.push(size);
      size += Math.ceil(variable.size / unit) * unit;
    }
    this.variables = variables;
    this.offsets = offsets;
    this.size = size;
    this.values = keep(allocateTensor({ shape: [size], dtype }));
    const { memory } = this.values.share();
    variables.forEach((variable, i) => {
      variable.moveTo(memory, offsets[i]! * bytesOf(dtype));
    });
  }

  /** Where variable i begins, in elements. */
  offsetOf(i: number): number {
    return this.offsets[i]!;
  }

  /** A flat tensor of the same layout, all zero: a slot of an optimizer. */
  zeros(): Tensor {
    return keep(makeTensor(new Float32Array(this.size), [this.size], this.values.dtype));
  }

  /** One gradient for each variable as a flat tensor of the same layout. */
  pack(gradients: readonly Tensor[]): Tensor {
    return pack(gradients, this.offsets, this.size);
  }
}
