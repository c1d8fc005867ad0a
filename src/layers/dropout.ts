// Layers that draw random numbers while training, and are nothing else.
import type { Shape } from '../backend/backend.ts';
import { ShapeError } from '../errors.ts';
import { dropWith } from '../ops/dropout.ts';
import { add, cos, greaterEqual, log, mul, sqrt, sub, where } from '../ops/elementwise.ts';
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

  constructor(options: object, className = 'Dropout') {
    super(className, options, dropping);
  }

  computeOutputShape(input: PartialShape): PartialShape {
    return input;
  }

  protected call(x: Tensor, { training }: CallOptions): Tensor {
    return training ? this.drop(x, this.settings.rate, () => this.draw(this.maskShape(x.shape))) : x;
  }

  protected drop(x: Tensor, rate: number, draw: () => Tensor): Tensor {
    return dropWith(this.name, x, rate, draw);
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

/** What SELU goes to far below 0. */
const LOWEST_SELU = -1.6732632423543772 * 1.0507009873554805;

export class AlphaDropoutLayer extends DropoutLayer {
  constructor(options: object) {
    super(options, 'AlphaDropout');
  }

  /** Klambauer et al. 2017: the line that brings mean and variance back. Where all are dropped there is none. */
  protected override drop(x: Tensor, rate: number, draw: () => Tensor): Tensor {
    if (rate === 0) return x;
    const slope = rate === 1 ? 0 : ((1 - rate) * (1 + rate * LOWEST_SELU ** 2)) ** -0.5;
    const dropped = where(greaterEqual(draw(), rate), x, LOWEST_SELU);
    return add(mul(dropped, slope), -slope * LOWEST_SELU * rate);
  }
}

/** Dropout for SELU: what is dropped takes its lowest value, and mean 0 and variance 1 stay what they are. */
export function AlphaDropout(rate: number, options: DropoutOptions = {}): Layer {
  return new AlphaDropoutLayer(withPlaces('AlphaDropout', options, { rate }));
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
    return training
      ? add(
          x,
          normal(() => this.draw(x.shape), this.settings.stddev),
        )
      : x;
  }
}

/** Normal values of that deviation by Box and Muller's transform, as operations so that a recorded step draws anew. */
function normal(draw: () => Tensor, stddev: number): Tensor {
  // 1 - u is never 0, and a cosine is exact near 0 only
  const length = sqrt(mul(log(sub(1, draw())), -2 * stddev ** 2));
  return mul(length, cos(mul(sub(draw(), 0.5), 2 * Math.PI)));
}

/** While training adds normal values of that deviation to x; else nothing happens. */
export function GaussianNoise(stddev: number, options: LayerOptions & SeedOption = {}): Layer {
  return new GaussianNoiseLayer(withPlaces('GaussianNoise', options, { stddev }));
}

const multiplied = { rate: number(undefined, 0, 1), seed };

export class GaussianDropoutLayer extends Layer<typeof multiplied> {
  private readonly draw = this.uniform(this.settings.seed);

  constructor(options: object) {
    super('GaussianDropout', options, multiplied);
  }

  computeOutputShape(input: PartialShape): PartialShape {
    return input;
  }

  protected call(x: Tensor, { training }: CallOptions): Tensor {
    const { rate } = this.settings;
    if (!training || rate === 0) return x;
    return mul(
      x,
      add(
        normal(() => this.draw(x.shape), Math.sqrt(rate / (1 - rate))),
        1,
      ),
    );
  }
}

/** While training multiplies by normal values of mean 1 and deviation √(rate / (1 − rate)); else nothing happens. */
export function GaussianDropout(rate: number, options: LayerOptions & SeedOption = {}): Layer {
  return new GaussianDropoutLayer(withPlaces('GaussianDropout', options, { rate }));
}
