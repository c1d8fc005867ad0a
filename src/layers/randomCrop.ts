import { floor } from '../ops/elementwise.ts';
import { resizeBilinear } from '../ops/resize2d.ts';
import { withPlaces } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ImageShape } from './imageLayer.ts';
import type { CallOptions, Layer, PartialShape } from './layer.ts';
import { constants, drawing, moved, RandomLayer, type RandomOptions } from './randomLayer.ts';
import { cropped } from './resizing.ts';
import { whole } from './settings.ts';

const cropping = { height: whole(1), width: whole(1), ...drawing };

export class RandomCropLayer extends RandomLayer<typeof cropping> {
  constructor(options: object) {
    super('RandomCrop', options, cropping);
  }

  protected override imageShape([, , c]: ImageShape): PartialShape {
    return [this.settings.height, this.settings.width, c];
  }

  protected override callOnImages(x: Tensor, options: CallOptions): Tensor {
    const { height, width } = this.settings;
    const [, h, w] = x.shape as [number, number, number, number];
    if (options.training && h >= height && w >= width) return this.change(x);
    return resizeBilinear(cropped(x, [height, width]), [height, width]);
  }

  protected change(x: Tensor): Tensor {
    const { height, width } = this.settings;
    const [, h, w] = x.shape as [number, number, number, number];
    const corners = floor(this.draw(x, [[0, h - height + 1], [0, w - width + 1], ...constants]));
    const exact = { fillMode: 'nearest', fillValue: 0, interpolation: 'nearest' } as const;
    return moved(x, corners, { ty: 0, tx: 1, zero: 2, one: 3 }, exact, [height, width]);
  }
}

/**
 * While training cuts [height, width] out of each image, at a random place of its own. Else, and of images that are smaller, the largest
 * middle of that shape, resized.
 */
export function RandomCrop(height: number, width: number, options: RandomOptions = {}): Layer {
  return new RandomCropLayer(withPlaces('RandomCrop', options, { height, width }));
}
