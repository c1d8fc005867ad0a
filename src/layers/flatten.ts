import { reshape } from '../ops/shape.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Layer, type LayerOptions, type PartialShape } from './layer.ts';

class FlattenLayer extends Layer {
  constructor(options: LayerOptions) {
    super('Flatten', options);
  }

  outputShape([n, ...sample]: PartialShape): PartialShape {
    return [
      n ?? null,
      sample.reduce<number | null>((size, length) => (size === null || length === null ? null : size * length), 1),
    ];
  }

  protected call(x: Tensor): Tensor {
    return reshape(x, [x.shape[0] ?? 1, sizeOf(x.shape.slice(1))]);
  }
}

/** Each sample as one row, row-major; copies nothing. */
export function Flatten(options: LayerOptions = {}): Layer {
  return new FlattenLayer(options);
}
