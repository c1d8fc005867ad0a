import { conv2d } from '../ops/conv2d.ts';
import { depthwiseConv2d } from '../ops/depthwiseConv2d.ts';
import type { Pair } from '../ops/window.ts';
import { withPlaces } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ConvolutionLayer, type ConvolutionOptions, convolution } from './convolution.ts';
import { behindWindow, type ImageShape } from './imageLayer.ts';
import type { Layer, PartialShape, Weight } from './layer.ts';
import { activated, pairOf, type WeightSettings, weight, whole } from './settings.ts';
import { ofRole } from './weight.ts';

export interface SeparableConv2DOptions
  extends ConvolutionOptions,
    WeightSettings<'depthwise'>,
    WeightSettings<'pointwise'> {
  /** How many results each channel has between the two steps. Default 1. */
  readonly depthMultiplier?: number;
}

const readers = {
  filters: whole(1),
  kernelSize: pairOf(),
  ...convolution,
  depthMultiplier: whole(1, 1),
  ...weight('depthwise', 'glorot_uniform'),
  ...weight('pointwise', 'glorot_uniform'),
};

export class SeparableConv2DLayer extends ConvolutionLayer<typeof readers> {
  private depthwise!: Weight;
  private pointwise!: Weight;

  constructor(options: object) {
    super('SeparableConv2D', options, readers);
  }

  protected imageShape(input: ImageShape): PartialShape {
    const { filters, kernelSize: window, strides, padding, dilationRate: dilation } = this.settings;
    return [...behindWindow(this.name, input, { window, strides, dilation, padding }), filters];
  }

  protected override createWeights(input: PartialShape): void {
    const { settings } = this;
    const { kernelSize, depthMultiplier, filters } = settings;
    const [channels] = this.knownLengths(input) as [number];
    this.depthwise = this.addWeight({
      name: 'depthwise_kernel',
      shape: [...kernelSize, channels, depthMultiplier],
      ...ofRole(settings, 'depthwise'),
    });
    this.pointwise = this.addWeight({
      name: 'pointwise_kernel',
      shape: [1, 1, channels * depthMultiplier, filters],
      ...ofRole(settings, 'pointwise'),
    });
    this.addBias(filters);
  }

  protected callOnImages(x: Tensor): Tensor {
    const each = depthwiseConv2d(x, this.depthwise.variable, this.sliding);
    return activated(this.settings.activation, (name) => conv2d(each, this.pointwise.variable, this.ending(name)));
  }
}

/**
 * Convolution of each channel on its own, then of all channels of each pixel. Weights: depthwise_kernel [r, s, c, depthMultiplier],
 * pointwise_kernel [1, 1, c * depthMultiplier, filters], bias [filters].
 */
export function SeparableConv2D(filters: number, kernelSize: Pair, options: SeparableConv2DOptions = {}): Layer {
  return new SeparableConv2DLayer(withPlaces('SeparableConv2D', options, { filters, kernelSize }));
}
