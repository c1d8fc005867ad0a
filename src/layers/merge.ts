// Layers that make one of several inputs. Inputs stretch to each other as numbers do in arithmetic, sample by sample.
import { ShapeError, ValueError } from '../errors.ts';
import { concat } from '../ops/concat.ts';
import { add, div, maximum, minimum, mul, sub } from '../ops/elementwise.ts';
import { reshape } from '../ops/shape.ts';
import { wholeNumber } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Layer, type LayerOptions, type PartialShape } from './layer.ts';
import type { Reader, Readers } from './settings.ts';

abstract class MergeLayer<R extends Readers = Readers> extends Layer<R> {
  protected abstract mergedShape(inputs: readonly PartialShape[]): PartialShape;

  protected abstract merge(inputs: readonly Tensor[]): Tensor;

  override outputShapes(inputs: readonly PartialShape[]): readonly PartialShape[] {
    if (inputs.length < 2)
      throw new ValueError(`${this.name}: takes at least two inputs, as a list; got ${inputs.length}`);
    return [this.mergedShape(inputs)];
  }

  computeOutputShape(input: PartialShape): PartialShape {
    return this.outputShapes([input])[0]!;
  }

  protected override buildFor(inputs: readonly PartialShape[]): void {
    this.outputShapes(inputs);
  }

  protected override callOn(inputs: readonly Tensor[]): readonly Tensor[] {
    return [this.merge(inputs)];
  }

  protected call(x: Tensor): Tensor {
    return this.merge([x]);
  }
}

type Combine = (a: Tensor, b: Tensor) => Tensor;

interface Kind {
  readonly combine: Combine;
  /** How many inputs it takes at most. */
  readonly most?: number;
  readonly isMean?: boolean;
}

/** Combines its inputs element by element, from left to right. */
abstract class ElementwiseMerge extends MergeLayer {
  private readonly combine: Combine;
  private readonly most: number;
  private readonly isMean: boolean;

  constructor(className: string, { combine, most = Infinity, isMean = false }: Kind, options: object) {
    super(className, options, {});
    this.combine = combine;
    this.most = most;
    this.isMean = isMean;
  }

  protected mergedShape(inputs: readonly PartialShape[]): PartialShape {
    if (inputs.length > this.most) throw new ValueError(`${this.name}: takes two inputs, got ${inputs.length}`);
    return inputs.reduce((a, b) => this.stretched(a, b));
  }

  protected merge(inputs: readonly Tensor[]): Tensor {
    const rank = Math.max(...inputs.map((x) => x.rank));
    // axes that a sample lacks come after the batch
    const aligned = inputs.map((x) =>
      x.rank === rank ? x : reshape(x, [x.shape[0]!, ...new Array<number>(rank - x.rank).fill(1), ...x.shape.slice(1)]),
    );
    const merged = aligned.reduce((a, b) => this.combine(a, b));
    return this.isMean ? div(merged, inputs.length) : merged;
  }

  private stretched(a: PartialShape, b: PartialShape): PartialShape {
    const [first, ...sample] = a.length >= b.length ? a : b;
    const other = (a.length >= b.length ? b : a).slice(1);
    const offset = sample.length - other.length;
    const lengths = sample.map((length, d) => {
      const beside = d < offset ? 1 : other[d - offset]!;
      if (length === beside || beside === 1) return length;
      if (length === 1) return beside;
      if (length === null || beside === null) return length ?? beside;
      throw new ShapeError(`${this.name}: inputs ${formatShape(a)} and ${formatShape(b)} do not fit each other`);
    });
    return [first ?? null, ...lengths];
  }
}

const axes = {
  axis: ((who, name, given = -1) =>
    wholeNumber(who, name, given, -Infinity)) satisfies Reader<number> as Reader<number>,
};

export class ConcatenateLayer extends MergeLayer<typeof axes> {
  constructor(options: object) {
    super('Concatenate', options, axes);
  }

  protected mergedShape(inputs: readonly PartialShape[]): PartialShape {
    const [first] = inputs as readonly [PartialShape];
    const axis = this.axisOf(first.length);
    for (const shape of inputs) {
      const fits =
        shape.length === first.length &&
        shape.every((n, d) => d === 0 || d === axis || n === first[d] || n === null || first[d] === null);
      if (!fits)
        throw new ShapeError(`${this.name}: inputs ${inputs.map(formatShape).join(', ')} differ beside axis ${axis}`);
    }
    const lengths = inputs.map((shape) => shape[axis]!);
    const total = lengths.some((n) => n === null) ? null : lengths.reduce((sum: number, n) => sum + n!, 0);
    return first.map((n, d) => (d === axis ? total : n));
  }

  protected merge(inputs: readonly Tensor[]): Tensor {
    return concat(inputs, this.axisOf(inputs[0]!.rank));
  }

  private axisOf(rank: number): number {
    const { axis } = this.settings;
    const found = axis < 0 ? axis + rank : axis;
    if (found > 0 && found < rank) return found;
    throw new ShapeError(
      `${this.name}: axis ${axis} is none of samples of rank ${rank - 1}; the batch is no axis to join`,
    );
  }
}

export class AddLayer extends ElementwiseMerge {
  constructor(options: object) {
    super('Add', { combine: add }, options);
  }
}

export class SubtractLayer extends ElementwiseMerge {
  constructor(options: object) {
    super('Subtract', { combine: sub, most: 2 }, options);
  }
}

export class MultiplyLayer extends ElementwiseMerge {
  constructor(options: object) {
    super('Multiply', { combine: mul }, options);
  }
}

export class AverageLayer extends ElementwiseMerge {
  constructor(options: object) {
    super('Average', { combine: add, isMean: true }, options);
  }
}

export class MaximumLayer extends ElementwiseMerge {
  constructor(options: object) {
    super('Maximum', { combine: maximum }, options);
  }
}

export class MinimumLayer extends ElementwiseMerge {
  constructor(options: object) {
    super('Minimum', { combine: minimum }, options);
  }
}

/** The sum of its inputs: `Add().apply([a, b])`. */
export function Add(options: LayerOptions = {}): Layer {
  return new AddLayer(options);
}

/** The first input minus the second. */
export function Subtract(options: LayerOptions = {}): Layer {
  return new SubtractLayer(options);
}

/** The product of its inputs. */
export function Multiply(options: LayerOptions = {}): Layer {
  return new MultiplyLayer(options);
}

/** The mean of its inputs. */
export function Average(options: LayerOptions = {}): Layer {
  return new AverageLayer(options);
}

/** The largest of its inputs, element by element. */
export function Maximum(options: LayerOptions = {}): Layer {
  return new MaximumLayer(options);
}

/** The smallest of its inputs, element by element. */
export function Minimum(options: LayerOptions = {}): Layer {
  return new MinimumLayer(options);
}

export interface ConcatenateOptions extends LayerOptions {
  /** Default: the last one. */
  readonly axis?: number;
}

/** Its inputs side by side along an axis. */
export function Concatenate(options: ConcatenateOptions = {}): Layer {
  return new ConcatenateLayer(options);
}
