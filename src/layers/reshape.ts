import { ShapeError, ValueError } from '../errors.ts';
import { reshape, transpose } from '../ops/shape.ts';
import { withPlaces } from '../tensor/options.ts';
import { formatShape, inferReshape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Layer, type LayerOptions, type PartialShape } from './layer.ts';
import { list, whole } from './settings.ts';

const target = { targetShape: list('whole numbers', whole(-1)) };

export class ReshapeLayer extends Layer<typeof target> {
  constructor(options: object) {
    super('Reshape', options, target);
    const { targetShape } = this.settings;
    if (targetShape.filter((length) => length < 1).length > 1 || targetShape.includes(0))
      throw new ValueError(
        `${this.name}: targetShape must list whole numbers of at least 1, one of them perhaps -1, got ${formatShape(targetShape)}`,
      );
  }

  computeOutputShape([n, ...sample]: PartialShape): PartialShape {
    const { targetShape } = this.settings;
    const known = sample.filter((length) => length !== null);
    if (known.length === sample.length) return [n ?? null, ...inferReshape(this.name, known, targetShape)];
    return [n ?? null, ...targetShape.map((length) => (length === -1 ? null : length))];
  }

  protected call(x: Tensor): Tensor {
    return reshape(x, [x.shape[0] ?? 1, ...inferReshape(this.name, x.shape.slice(1), this.settings.targetShape)]);
  }
}

/** Each sample under another shape, row-major; one length may be -1. Copies nothing. */
export function Reshape(targetShape: readonly number[], options: LayerOptions = {}): Layer {
  return new ReshapeLayer(withPlaces('Reshape', options, { targetShape }));
}

const order = { dims: list('whole numbers', whole(1)) };

export class PermuteLayer extends Layer<typeof order> {
  constructor(options: object) {
    super('Permute', options, order);
    const { dims } = this.settings;
    if (dims.some((_, d) => !dims.includes(d + 1)))
      throw new ValueError(`${this.name}: dims must list the axes 1 to ${dims.length} once, got ${formatShape(dims)}`);
  }

  computeOutputShape(input: PartialShape): PartialShape {
    const { dims } = this.settings;
    if (input.length === dims.length + 1) return [0, ...dims].map((axis) => input[axis]!);
    throw new ShapeError(`${this.name}: needs samples of ${dims.length} axes, got inputs ${formatShape(input)}`);
  }

  protected call(x: Tensor): Tensor {
    this.computeOutputShape(x.shape);
    return transpose(x, [0, ...this.settings.dims]);
  }
}

/** The axes of each sample in another order, counted from 1: `Permute([2, 1])` swaps the two of a matrix. */
export function Permute(dims: readonly number[], options: LayerOptions = {}): Layer {
  return new PermuteLayer(withPlaces('Permute', options, { dims }));
}
