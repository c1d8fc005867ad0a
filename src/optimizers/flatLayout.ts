import { VIEW_ALIGNMENT } from '../backend/backend.ts';
import { allocateTensor } from '../engine/execute.ts';
import { keep } from '../engine/scope.ts';
import type { Variable } from '../engine/variable.ts';
import { pack } from '../ops/updates.ts';
import { bytesOf } from '../tensor/dtype.ts';
import type { SharedStorage } from '../tensor/memory.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * How variables lie side by side in one flat tensor, so that one dispatch reaches all of them. Each starts where a shader may
 * bind it; the gaps between hold nothing that anyone reads.
 */
export class FlatLayout {
  readonly variables: readonly Variable[];
  /** The end of those that `isFirst` holds of (default: all), in elements: they lie before all others. */
  readonly firstEnd: number;
  private readonly offsets: ReadonlyMap<Variable, number>;
  private readonly size: number;

  constructor(variables: readonly Variable[], isFirst: (variable: Variable) => boolean = () => true) {
    const unit = VIEW_ALIGNMENT / bytesOf(variables[0]!.dtype);
    const offsets = new Map<Variable, number>();
    let size = 0;
    const append = (variable: Variable) => {
      offsets.set(variable, size);
      size += Math.ceil(variable.size / unit) * unit;
    };
    variables.filter(isFirst).forEach(append);
    this.firstEnd = size;
    variables.filter((variable) => !offsets.has(variable)).forEach(append);
    this.variables = variables;
    this.offsets = offsets;
    this.size = size;
  }

  /** A flat tensor; `place` puts what belongs to each variable where it is told. */
  flat(place: (variable: Variable, memory: SharedStorage, byteOffset: number) => void): Tensor {
    const { dtype } = this.variables[0]!;
    const values = keep(allocateTensor({ shape: [this.size], dtype }));
    const { memory } = values.share();
    for (const [variable, offset] of this.offsets) place(variable, memory, offset * bytesOf(dtype));
    return values;
  }

  /** Moves the variables into a flat tensor. */
  move(): Tensor {
    return this.flat((variable, memory, byteOffset) => variable.moveTo(memory, byteOffset));
  }

  /** The gradients of all variables as a flat tensor. */
  pack(gradientOf: (variable: Variable) => Tensor): Tensor {
    return pack([...this.offsets.keys()].map(gradientOf), [...this.offsets.values()], this.size);
  }

  /** Where each variable begins, in rising order, and how many elements it has. */
  parts(): { offsets: number[]; sizes: number[] } {
    return { offsets: [...this.offsets.values()], sizes: [...this.offsets.keys()].map(({ size }) => size) };
  }
}
