import { avgPool2d, globalAveragePool2d, globalMaxPool2d, maxPool2d } from '../ops/pool2d.ts';
import type { Pair } from '../ops/window.ts';
import { withPlaces } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { padding } from './convolution.ts';
import { behindWindow, ImageLayer, type ImageOptions, type ImageShape, images } from './imageLayer.ts';
import type { Layer, PartialShape } from './layer.ts';
import { flag, optional, pairOf } from './settings.ts';

export interface PoolingOptions extends ImageOptions {
  /** Default: the pool size. */
  readonly strides?: Pair | null;
  /** `valid` (default) or `same`. */
  readonly padding?: string;
}

const windows = { poolSize: pairOf(), strides: optional(pairOf()), padding, ...images };

abstract class PoolingLayer extends ImageLayer<typeof windows> {
  private readonly pool: typeof maxPool2d;

  protected constructor(className: string, options: object, pool: typeof maxPool2d) {
    super(className, options, windows);
    this.pool = pool;
  }

  protected imageShape(input: ImageShape): PartialShape {
    const { poolSize: window, strides, padding } = this.settings;
    const steps = { strides: strides ?? window, dilation: [1, 1] as const };
    return [...behindWindow(this.name, input, { window, ...steps, padding }), input[2]];
  }

  protected callOnImages(x: Tensor): Tensor {
    const { poolSize, strides, padding } = this.settings;
    return this.pool(x, { poolSize, strides: strides ?? poolSize, padding });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), strides: this.settings.strides ?? this.settings.poolSize };
  }
}

export class MaxPooling2DLayer extends PoolingLayer {
  constructor(options: object) {
    super('MaxPooling2D', options, maxPool2d);
  }
}

export class AveragePooling2DLayer extends PoolingLayer {
  constructor(options: object) {
    super('AveragePooling2D', options, avgPool2d);
  }
}

/** The largest value of each window, for each channel. */
export function MaxPooling2D(poolSize: Pair = [2, 2], options: PoolingOptions = {}): Layer {
  return new MaxPooling2DLayer(withPlaces('MaxPooling2D', options, { poolSize }));
}

/** The mean of each window, for each channel, over those of its cells that are no padding. */
export function AveragePooling2D(poolSize: Pair, options: PoolingOptions = {}): Layer {
  return new AveragePooling2DLayer(withPlaces('AveragePooling2D', options, { poolSize }));
}

export interface GlobalPoolingOptions extends ImageOptions {
  /** Keep height and width as axes of length 1. Default false. */
  readonly keepdims?: boolean;
}

const globals = { keepdims: flag(false), ...images };

abstract class GlobalPoolingLayer extends ImageLayer<typeof globals> {
  private readonly pool: typeof globalMaxPool2d;

  protected constructor(className: string, options: object, pool: typeof globalMaxPool2d) {
    super(className, options, globals);
    this.pool = pool;
  }

  protected imageShape([, , c]: ImageShape): PartialShape {
    return this.settings.keepdims ? [1, 1, c] : [c];
  }

  protected callOnImages(x: Tensor): Tensor {
    return this.pool(x, { keepDims: this.settings.keepdims });
  }
}

export class GlobalMaxPooling2DLayer extends GlobalPoolingLayer {
  constructor(options: object) {
    super('GlobalMaxPooling2D', options, globalMaxPool2d);
  }
}

export class GlobalAveragePooling2DLayer extends GlobalPoolingLayer {
  constructor(options: object) {
    super('GlobalAveragePooling2D', options, globalAveragePool2d);
  }
}

/** The largest value of each channel: [h, w, c] -> [c], or [1, 1, c] with keepdims. */
export function GlobalMaxPooling2D(options: GlobalPoolingOptions = {}): Layer {
  return new GlobalMaxPooling2DLayer(options);
}

/** The mean of each channel: [h, w, c] -> [c], or [1, 1, c] with keepdims. */
export function GlobalAveragePooling2D(options: GlobalPoolingOptions = {}): Layer {
  return new GlobalAveragePooling2DLayer(options);
}
