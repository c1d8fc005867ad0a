import { upSampling2d } from '../ops/resize2d.ts';
import type { Pair } from '../ops/window.ts';
import { withPlaces } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ImageLayer, type ImageOptions, type ImageShape, images } from './imageLayer.ts';
import type { Layer, PartialShape } from './layer.ts';
import { pairOf, word } from './settings.ts';

export interface UpSampling2DOptions extends ImageOptions {
  /** `nearest` (default) repeats pixels, `bilinear` goes evenly from one to the next. */
  readonly interpolation?: string;
}

const readers = { size: pairOf(2), interpolation: word(['nearest', 'bilinear'], 'nearest'), ...images };

export class UpSampling2DLayer extends ImageLayer<typeof readers> {
  constructor(options: object) {
    super('UpSampling2D', options, readers);
  }

  protected imageShape([h, w, c]: ImageShape): PartialShape {
    const [rows, columns] = this.settings.size;
    return [h === null ? null : h * rows, w === null ? null : w * columns, c];
  }

  protected callOnImages(x: Tensor): Tensor {
    const { size, interpolation } = this.settings;
    return upSampling2d(x, { size, interpolation });
  }
}

/** Images enlarged by whole factors, [rows, columns]. */
export function UpSampling2D(size: Pair = 2, options: UpSampling2DOptions = {}): Layer {
  return new UpSampling2DLayer(withPlaces('UpSampling2D', options, { size }));
}
