import { reshape, transpose } from '../ops/shape.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ImageOptions, images } from './imageLayer.ts';
import { Layer, type PartialShape } from './layer.ts';

export class FlattenLayer extends Layer<typeof images> {
  constructor(options: object) {
    super('Flatten', options, images);
  }

  computeOutputShape([n, ...sample]: PartialShape): PartialShape {
    return [
      n ?? null,
      sample.reduce<number | null>((size, length) => (size === null || length === null ? null : size * length), 1),
    ];
  }

  protected call(x: Tensor): Tensor {
    const [batch, channels, ...others] = x.shape.map((_, d) => d);
    const turned = this.settings.dataFormat === 'channels_first' && x.rank > 2;
    const last = turned ? transpose(x, [batch!, ...others, channels!]) : x;
    return reshape(last, [x.shape[0] ?? 1, sizeOf(x.shape.slice(1))]);
  }
}

/** Each sample as one row, row-major, channels last; copies nothing unless they stand first. */
export function Flatten(options: ImageOptions = {}): Layer {
  return new FlattenLayer(options);
}
