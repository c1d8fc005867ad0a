import { ShapeError } from '../errors.ts';
import { maxPool2d } from '../ops/pool2d.ts';
import { type Pair, pair, windowGeometry } from '../ops/window.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { paddingName } from './conv2d.ts';
import { Layer, type LayerOptions, type PartialShape } from './layer.ts';

export interface MaxPooling2DOptions extends LayerOptions {
  /** Default: the pool size. */
  readonly strides?: Pair | null;
  /** `valid` (default) or `same`. */
  readonly padding?: string;
}

class MaxPooling2DLayer extends Layer {
  private readonly poolSize: readonly [number, number];
  private readonly strides: readonly [number, number];
  private readonly padding: string;

  constructor(poolSize: Pair, options: MaxPooling2DOptions) {
    super('MaxPooling2D', options, ['strides', 'padding']);
    this.poolSize = pair(this.name, 'poolSize', poolSize);
    this.strides = pair(this.name, 'strides', options.strides ?? this.poolSize);
    this.padding = paddingName(this.name, options.padding);
  }

  outputShape(input: PartialShape): PartialShape {
    const [n, h, w, c] = input;
    if (input.length !== 4)
      throw new ShapeError(`${this.name}: needs inputs [batch, height, width, channels], got ${formatShape(input)}`);
    if (h === null || w === null) return [n!, null, null, c!];
    const { poolSize: window, strides, padding } = this;
    const { p, q } = windowGeometry(this.name, [h!, w!], { window, strides, dilation: [1, 1], padding });
    return [n!, p, q, c!];
  }

  protected call(x: Tensor): Tensor {
    return maxPool2d(x, { poolSize: this.poolSize, strides: this.strides, padding: this.padding });
  }
}

/** The largest value of each window, for each channel. */
export function MaxPooling2D(poolSize: Pair = [2, 2], options: MaxPooling2DOptions = {}): Layer {
  return new MaxPooling2DLayer(poolSize, options);
}
