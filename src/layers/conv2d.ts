import { ShapeError, ValueError } from '../errors.ts';
import { conv2d } from '../ops/conv2d.ts';
import type { Pair } from '../ops/window.ts';
import { withPlaces } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ConvolutionLayer, type ConvolutionOptions, convolution } from './convolution.ts';
import { behindWindow, type ImageShape } from './imageLayer.ts';
import type { Layer, PartialShape, Weight } from './layer.ts';
import { activated, pairOf, type WeightSettings, weight, whole } from './settings.ts';
import { ofRole } from './weight.ts';

export interface Conv2DOptions extends ConvolutionOptions, WeightSettings<'kernel'> {
  /** Channels and filters are cut into so many groups; each group of filters sees its own channels. Default 1. */
  readonly groups?: number;
}

const readers = {
  filters: whole(1),
  kernelSize: pairOf(),
  ...convolution,
  groups: whole(1, 1),
  ...weight('kernel', 'glorot_uniform'),
};

export class Conv2DLayer extends ConvolutionLayer<typeof readers> {
  private kernel!: Weight;

  constructor(options: object) {
    super('Conv2D', options, readers);
    const { filters, groups } = this.settings;
    if (filters % groups !== 0)
      throw new ValueError(`${this.name}: filters (${filters}) must be a multiple of groups (${groups})`);
  }

  protected imageShape(input: ImageShape): PartialShape {
    const { filters, kernelSize: window, strides, padding, dilationRate: dilation } = this.settings;
    this.channelsOfGroup(input[2]);
    return [...behindWindow(this.name, input, { window, strides, dilation, padding }), filters];
  }

  protected override createWeights(input: PartialShape): void {
    const { settings } = this;
    const { kernelSize, filters } = settings;
    const shape = [...kernelSize, this.channelsOfGroup(this.knownLengths(input)[0]!), filters];
    this.kernel = this.addWeight({ name: 'kernel', shape, ...ofRole(settings, 'kernel') });
    this.addBias(filters);
  }

  protected callOnImages(x: Tensor): Tensor {
    const { activation, groups } = this.settings;
    return activated(activation, (name) =>
      conv2d(x, this.kernel.variable, { ...this.sliding, groups, ...this.ending(name) }),
    );
  }

  private channelsOfGroup(channels: number | null): number {
    const { groups } = this.settings;
    if (channels !== null && channels % groups !== 0)
      throw new ShapeError(`${this.name}: ${channels} input channels do not divide into ${groups} groups`);
    return (channels ?? 0) / groups;
  }
}

/** Convolution of images [h, w, c] with `filters` kernels. Weights: kernel [r, s, c / groups, filters], bias [filters]. */
export function Conv2D(filters: number, kernelSize: Pair, options: Conv2DOptions = {}): Layer {
  return new Conv2DLayer(withPlaces('Conv2D', options, { filters, kernelSize }));
}
