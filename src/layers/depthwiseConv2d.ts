import { depthwiseConv2d } from '../ops/depthwiseConv2d.ts';
import type { Pair } from '../ops/window.ts';
import { withPlaces } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ConvolutionLayer, type ConvolutionOptions, convolution } from './convolution.ts';
import { behindWindow, type ImageShape } from './imageLayer.ts';
import type { Layer, PartialShape, Weight } from './layer.ts';
import { activated, pairOf, type WeightSettings, weight, whole } from './settings.ts';
import { ofRole } from './weight.ts';

export interface DepthwiseConv2DOptions extends ConvolutionOptions, WeightSettings<'depthwise'> {
  /** How many results each channel has. Default 1. */
  readonly depthMultiplier?: number;
}

const readers = {
  kernelSize: pairOf(),
  ...convolution,
  depthMultiplier: whole(1, 1),
  ...weight('depthwise', 'glorot_uniform'),
};

export class DepthwiseConv2DLayer extends ConvolutionLayer<typeof readers> {
  private kernel!: Weight;

  constructor(options: object) {
    super('DepthwiseConv2D', options, readers);
  }

  protected imageShape(input: ImageShape): PartialShape {
    const { kernelSize: window, strides, padding, dilationRate: dilation, depthMultiplier } = this.settings;
    const channels = input[2] === null ? null : input[2] * depthMultiplier;
    return [...behindWindow(this.name, input, { window, strides, dilation, padding }), channels];
  }

  protected override createWeights(input: PartialShape): void {
    const { settings } = this;
    const [channels] = this.knownLengths(input) as [number];
    const shape = [...settings.kernelSize, channels, settings.depthMultiplier];
    this.kernel = this.addWeight({ name: 'kernel', shape, ...ofRole(settings, 'depthwise') });
    this.addBias(channels * settings.depthMultiplier);
  }

  protected callOnImages(x: Tensor): Tensor {
    return activated(this.settings.activation, (name) =>
      depthwiseConv2d(x, this.kernel.variable, { ...this.sliding, ...this.ending(name) }),
    );
  }
}

/**
 * Convolution of each channel on its own: channel c * depthMultiplier + m of the result comes from channel c. Weights: kernel
 * [r, s, c, depthMultiplier], bias [c * depthMultiplier].
 */
export function DepthwiseConv2D(kernelSize: Pair, options: DepthwiseConv2DOptions = {}): Layer {
  return new DepthwiseConv2DLayer(withPlaces('DepthwiseConv2D', options, { kernelSize }));
}
