// What the convolutions share (and Dense, of the end): options, bias, and the activation behind it.
import { ValueError } from '../errors.ts';
import type { ActivationName } from '../ops/activations.ts';
import type { Pair } from '../ops/window.ts';
import { formatShape } from '../tensor/shape.ts';
import { ImageLayer, type ImageOptions, type ImageReaders, images } from './imageLayer.ts';
import type { LayerOptions } from './layer.ts';
import { type Activation, activation, flag, pairOf, type WeightSettings, weight, word } from './settings.ts';
import { ofRole, type Weight } from './weight.ts';

export interface AffineOptions extends LayerOptions, WeightSettings<'bias'> {
  /** A name, or a function of the tensor. Default: none. */
  readonly activation?: string | Activation | null;
  readonly useBias?: boolean;
}

export interface ConvolutionOptions extends AffineOptions, ImageOptions {
  readonly strides?: Pair;
  /** `valid` (default) or `same`. */
  readonly padding?: string;
  /** Not together with strides above 1, as in Keras. */
  readonly dilationRate?: Pair;
}

export const affine = { activation, useBias: flag(true), ...weight('bias', 'zeros') };

export const padding = word(['valid', 'same'], 'valid');

export const convolution = { strides: pairOf(1), padding, dilationRate: pairOf(1), ...images, ...affine };

export abstract class ConvolutionLayer<R extends ImageReaders & typeof convolution> extends ImageLayer<R> {
  private bias: Weight | null = null;

  protected constructor(className: string, options: LayerOptions, readers: R) {
    super(className, options, readers);
    const { strides, dilationRate }: { strides: number[]; dilationRate: number[] } = this.settings;
    if (Math.max(...strides) > 1 && Math.max(...dilationRate) > 1) {
      throw new ValueError(
        `${this.name}: strides ${formatShape(strides)} and dilationRate ${formatShape(dilationRate)} cannot both be above 1`,
      );
    }
  }

  protected addBias(length: number): void {
    const { useBias }: { useBias: boolean } = this.settings;
    if (useBias) this.bias = this.addWeight({ name: 'bias', shape: [length], ...ofRole(this.settings, 'bias') });
  }

  /** The options of an operation that slides a window. */
  protected get sliding() {
    const { strides, padding, dilationRate } = this.settings;
    return { strides, padding, dilationRate };
  }

  /** Those of one that ends the layer. */
  protected ending(activation: ActivationName) {
    return { activation, ...(this.bias && { bias: this.bias.variable }) };
  }
}
