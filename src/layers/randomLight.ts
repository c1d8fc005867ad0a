// Images of other contrast and brightness, at random while training.
import { clip } from '../ops/activations.ts';
import { add, mul, sub } from '../ops/elementwise.ts';
import { mean } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { withPlaces } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Layer } from './layer.ts';
import type { Factor } from './randomAffine.ts';
import { amount, drawing, factor, RandomLayer, type RandomOptions, valueRange } from './randomLayer.ts';

export interface LightOptions extends RandomOptions {
  /** [low, high] of the values of images; results are cut off there. Default [0, 255]. */
  readonly valueRange?: readonly [low: number, high: number] | readonly number[];
}

/** A number for each image, beside images. */
const beside = (x: Tensor, drawn: Tensor) => reshape(drawn, [x.shape[0]!, 1, 1, 1]);

const contrasting = { factor: amount, valueRange, ...drawing };

export class RandomContrastLayer extends RandomLayer<typeof contrasting> {
  constructor(options: object) {
    super('RandomContrast', options, contrasting);
  }

  protected change(x: Tensor): Tensor {
    const [down, up] = this.settings.factor;
    const contrast = beside(x, this.draw(x, [[1 - down, 1 + up]]));
    const middle = mean(x, [1, 2], true);
    return clip(add(mul(sub(x, middle), contrast), middle), ...this.settings.valueRange);
  }
}

/** While training multiplies the distance of each value from the mean of its channel by a number from 1 - factor to 1 + factor, or [1 - down, 1 + up]. */
export function RandomContrast(factor: Factor, options: LightOptions = {}): Layer {
  return new RandomContrastLayer(withPlaces('RandomContrast', options, { factor }));
}

const brightening = { factor, valueRange, ...drawing };

export class RandomBrightnessLayer extends RandomLayer<typeof brightening> {
  constructor(options: object) {
    super('RandomBrightness', options, brightening);
  }

  protected change(x: Tensor): Tensor {
    const { factor, valueRange } = this.settings;
    const width = valueRange[1] - valueRange[0];
    const light = beside(x, this.draw(x, [[factor[0] * width, factor[1] * width]]));
    return clip(add(x, light), ...valueRange);
  }
}

/** While training adds a random part of the value range to all values of an image: up to `factor` of it up or down, or [low, high]. */
export function RandomBrightness(factor: Factor, options: LightOptions = {}): Layer {
  return new RandomBrightnessLayer(withPlaces('RandomBrightness', options, { factor }));
}
