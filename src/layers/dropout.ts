// Layers that draw random numbers while training, and are nothing else.
import type { Shape } from '../backend/backend.ts';
import { ShapeError } from '../errors.ts';
import { dropWith } from '../ops/dropout.ts';
import { add, cos, log, mul, sqrt, sub } from '../ops/elementwise.ts';
import { withPlaces } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ImageLayer, type ImageOptions, type ImageShape, images } from './imageLayer.ts';
import { type CallOptions, Layer, type LayerOptions, type PartialShape } from './layer.ts';
import { list, number, optional, seed, share, whole } from './settings.ts';

export interface SeedOption {
  /** With one the layer draws from a stream of its own, so that two runs of one program drop the same. */
  readonly seed?: number | null;
}

export interface DropoutOptions extends LayerOptions, SeedOption {
  /** The shape of the mask, batch first: 1 where elements share their fate, null where each has its own. Default: each. */
  readonly noiseShape?: readonly (number | null)[] | null;
}

const dropping = { rate: share(), noiseShape: optional(list('whole numbers or null', optional(whole(1)))), seed };

export class DropoutLayer extends Layer<typeof dropping> {
  private readonly draw = this.uniform(this.settings.seed);

  constructor(options: object) {
    super('Dropout', options, dropping);
  }

  computeOutputShape(input: PartialShape): PartialShape {
    return input;
  }

  protected call(x: Tensor, { training }: CallOptions): Tensor {
    return training ? dropWith(this.name, x, this.settings.rate, () => this.draw(this.maskShape(x.shape))) : x;
  }

  private maskShape(shape: Shape): Shape {
    const { noiseShape } = this.settings;
    if (!noiseShape) return shape;
    const mask = noiseShape.map((length, d) => length ?? shape[d]!);
    if (mask.length === shape.length && mask.every((length, d) => length === 1 || length === shape[d])) return mask;
    throw new ShapeError(
      `${this.name}: noiseShape ${formatShape(noiseShape)} does not fit inputs ${formatShape(shape)}: each entry must be 1, null or the length there`,
    );
  }
}

/** While training each element becomes 0 with probability `rate`, and the others grow by 1 / (1 - rate); else nothing happens. */
export function Dropout(rate: number, options: DropoutOptions = {}): Layer {
  return new DropoutLayer(withPlaces('Dropout', options, { rate }));
}

const droppingChannels = { rate: share(), seed, ...images };

export class SpatialDropout2DLayer extends ImageLayer<typeof droppingChannels> {
  private readonly draw = this.uniform(this.settings.seed);

  constructor(options: object) {
    super('SpatialDropout2D', options, droppingChannels);
  }

  protected imageShape(input: ImageShape): PartialShape {
    return input;
  }

  protected callOnImages(x: Tensor, { training }: CallOptions): Tensor {
    const mask = [x.shape[0]!, 1, 1, x.shape[3]!];
    return training ? dropWith(this.name, x, this.settings.rate, () => this.draw(mask)) : x;
  }

  /** Keras' class takes no `trainable`: it would not read a file that says it. */
  override getConfig(): Record<string, unknown> {
    const { trainable, ...config } = super.getConfig();
    return config;
  }
}

/** Dropout of whole channels of an image. */
export function SpatialDropout2D(rate: number, options: ImageOptions & SeedOption = {}): Layer {
  return new SpatialDropout2DLayer(withPlaces('SpatialDropout2D', options, { rate }));
}

const noise = { stddev: number(undefined, 0), seed };

export class GaussianNoiseLayer extends Layer<typeof noise> {
  private readonly draw = this.uniform(this.settings.seed);

  constructor(options: object) {
    super('GaussianNoise', options, noise);
  }

  computeOutputShape(input: PartialShape): PartialShape {
    return input;
  }

  protected call(x: Tensor, { training }: CallOptions): Tensor {
    if (!training) return x;
    // Box and Muller's transform, as operations so that a recorded step draws anew; 1 - u is never 0, and a cosine is exact near 0 only
    const length = sqrt(mul(log(sub(1, this.draw(x.shape))), -2 * this.settings.stddev ** 2));
    return add(x, mul(length, cos(mul(sub(this.draw(x.shape), 0.5), 2 * Math.PI))));
  }
}

/** While training adds normal values of that deviation to x; else nothing happens. */
export function GaussianNoise(stddev: number, options: LayerOptions & SeedOption = {}): Layer {
  return new GaussianNoiseLayer(withPlaces('GaussianNoise', options, { stddev }));
}
