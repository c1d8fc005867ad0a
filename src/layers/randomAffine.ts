// Images flipped, turned, shifted and zoomed at random while training.
import { withPlaces } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Layer } from './layer.ts';
import {
  constants,
  drawing,
  type FillOptions,
  factor,
  filling,
  moved,
  RandomLayer,
  type RandomOptions,
  type Range,
} from './randomLayer.ts';
import { flag, optional, word } from './settings.ts';

/** A number for both sides, or [low, high]. */
export type Factor = number | Range | readonly number[];

export interface RandomFlipOptions extends RandomOptions {
  /** One coin for both directions, as in Keras: both flips or none. Default false: each has a coin of its own. */
  readonly strict?: boolean;
}

const modes = ['horizontal_and_vertical', 'horizontal', 'vertical'] as const;
const flipping = { mode: word(modes, 'horizontal_and_vertical'), strict: flag(false), ...drawing };

export class RandomFlipLayer extends RandomLayer<typeof flipping> {
  constructor(options: object) {
    super('RandomFlip', options, flipping);
  }

  override getConfig(): Record<string, unknown> {
    const { strict, ...config } = super.getConfig();
    return strict ? { ...config, strict } : config;
  }

  protected change(x: Tensor): Tensor {
    const { mode, strict } = this.settings;
    // a flip takes place below 1/2, and Keras flips at 1/2 too: numbers are multiples of 2^-24
    const coin: Range = [-(2 ** -24), 1 - 2 ** -24];
    const parameters = this.draw(x, [coin, coin, ...constants]);
    const moves = {
      ...(mode !== 'vertical' && { flipHorizontal: 0 }),
      ...(mode !== 'horizontal' && { flipVertical: strict ? 0 : 1 }),
    };
    return moved(x, parameters, { ...moves, zero: 2, one: 3 }, exact);
  }
}

/** Pixels stay what they are. */
const exact = { fillMode: 'nearest', fillValue: 0, interpolation: 'nearest' } as const;

/** While training flips images at random: `horizontal`, `vertical` or `horizontal_and_vertical` (default). */
export function RandomFlip(mode = 'horizontal_and_vertical', options: RandomFlipOptions = {}): Layer {
  return new RandomFlipLayer(withPlaces('RandomFlip', options, { mode }));
}

const turning = { factor, ...filling };

export class RandomRotationLayer extends RandomLayer<typeof turning> {
  constructor(options: object) {
    super('RandomRotation', options, turning);
  }

  protected change(x: Tensor): Tensor {
    const [low, high] = this.settings.factor;
    const parameters = this.draw(x, [[360 * low, 360 * high], ...constants]);
    return moved(x, parameters, { theta: 0, zero: 1, one: 2 }, this.settings);
  }
}

/** While training turns images by a random part of a full turn, counter-clockwise above 0: by up to `factor` in both directions, or [low, high]. */
export function RandomRotation(factor: Factor, options: FillOptions = {}): Layer {
  return new RandomRotationLayer(withPlaces('RandomRotation', options, { factor }));
}

const shifting = { heightFactor: factor, widthFactor: factor, ...filling };

export class RandomTranslationLayer extends RandomLayer<typeof shifting> {
  constructor(options: object) {
    super('RandomTranslation', options, shifting);
  }

  protected change(x: Tensor): Tensor {
    const { heightFactor, widthFactor } = this.settings;
    // the picture moves down where it is looked at further up
    const [vertical, horizontal] = [[heightFactor, x.shape[1]!] as const, [widthFactor, x.shape[2]!] as const].map(
      ([[low, high], length]): Range => [-high * length, -low * length],
    );
    const parameters = this.draw(x, [vertical!, horizontal!, ...constants]);
    return moved(x, parameters, { ty: 0, tx: 1, zero: 2, one: 3 }, this.settings);
  }
}

/** While training shifts images by random parts of their height, down above 0, and width, to the right: by up to a factor, or [low, high]. */
export function RandomTranslation(heightFactor: Factor, widthFactor: Factor, options: FillOptions = {}): Layer {
  return new RandomTranslationLayer(withPlaces('RandomTranslation', options, { heightFactor, widthFactor }));
}

const zooming = { heightFactor: factor, widthFactor: optional(factor), ...filling };

export class RandomZoomLayer extends RandomLayer<typeof zooming> {
  constructor(options: object) {
    super('RandomZoom', options, zooming);
  }

  protected change(x: Tensor): Tensor {
    const { heightFactor, widthFactor } = this.settings;
    const around = ([low, high]: Range): Range => [1 + low, 1 + high];
    const parameters = this.draw(x, [around(heightFactor), around(widthFactor ?? heightFactor), ...constants]);
    return moved(x, parameters, { zy: 0, zx: widthFactor ? 1 : 0, zero: 2, one: 3 }, this.settings);
  }
}

export interface RandomZoomOptions extends FillOptions {
  /** null (default): the same as along the height, so that sides keep their ratio. */
  readonly widthFactor?: Factor | null;
}

/**
 * While training zooms images: by up to `heightFactor` in both directions, or from [low, high]; out above 0. The factor of the width may
 * stand second, or in the options.
 */
export function RandomZoom(heightFactor: Factor, options?: RandomZoomOptions): Layer;
export function RandomZoom(heightFactor: Factor, widthFactor: Factor | null, options?: FillOptions): Layer;
export function RandomZoom(
  heightFactor: Factor,
  second: Factor | RandomZoomOptions | null = {},
  options: FillOptions = {},
): Layer {
  const isFactor = typeof second === 'number' || Array.isArray(second) || second === null;
  const places = { heightFactor, ...(isFactor && { widthFactor: second }) };
  return new RandomZoomLayer(withPlaces('RandomZoom', isFactor ? options : (second as RandomZoomOptions), places));
}
