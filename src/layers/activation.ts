import { activate, elu, leakyRelu, relu6 } from '../ops/activations.ts';
import { less, minimum, mul, neg, relu, sub, where } from '../ops/elementwise.ts';
import { softmax } from '../ops/softmax.ts';
import { numberOr, withPlaces } from '../tensor/options.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Layer, type LayerOptions, type PartialShape, type Weight } from './layer.ts';
import {
  type Activation as ActivationFunction,
  activated,
  activation,
  list,
  number,
  optional,
  type Readers,
  type WeightSettings,
  weight,
  whole,
} from './settings.ts';
import { ofRole } from './weight.ts';

/** A function of single elements. */
abstract class ElementLayer<R extends Readers> extends Layer<R> {
  computeOutputShape(input: PartialShape): PartialShape {
    return input;
  }
}

const byName = { activation };

export class ActivationLayer extends ElementLayer<typeof byName> {
  constructor(options: object) {
    super('Activation', options, byName);
  }

  protected call(x: Tensor): Tensor {
    return activated(this.settings.activation, (name) => activate(x, name));
  }
}

/** An activation by its Keras name, or a function of the tensor. */
export function Activation(activation: string | ActivationFunction, options: LayerOptions = {}): Layer {
  return new ActivationLayer(withPlaces('Activation', options, { activation }));
}

export interface ReLUOptions extends LayerOptions {
  /** The largest result. Default: none. */
  readonly maxValue?: number | null;
  /** The slope below the threshold. Default 0. */
  readonly negativeSlope?: number;
  /** Default 0. */
  readonly threshold?: number;
}

const relus = { maxValue: optional(number(undefined, 0)), negativeSlope: number(0, 0), threshold: number(0, 0) };

export class ReLULayer extends ElementLayer<typeof relus> {
  constructor(options: object) {
    super('ReLU', options, relus);
  }

  protected call(x: Tensor): Tensor {
    const { maxValue, negativeSlope, threshold } = this.settings;
    if (negativeSlope === 0 && threshold === 0) {
      if (maxValue === null) return relu(x);
      if (maxValue === 6) return relu6(x);
    }
    const above = maxValue === null ? x : minimum(x, maxValue);
    // 0 and not a product with it, which would be NaN at -∞
    return where(less(x, threshold), negativeSlope === 0 ? 0 : mul(sub(x, threshold), negativeSlope), above);
  }
}

/** negativeSlope (x - threshold) below the threshold, else min(x, maxValue). maxValue may stand alone: `ReLU(6)`. */
export function ReLU(given: number | ReLUOptions = {}): Layer {
  return new ReLULayer(numberOr('maxValue', given));
}

export interface LeakyReLUOptions extends LayerOptions {
  /** The slope below 0. Default 0.3. */
  readonly negativeSlope?: number;
}

const slopes = { negativeSlope: number(0.3, 0) };

export class LeakyReLULayer extends ElementLayer<typeof slopes> {
  constructor(options: object) {
    super('LeakyReLU', options, slopes);
  }

  protected call(x: Tensor): Tensor {
    return leakyRelu(x, this.settings.negativeSlope);
  }
}

/** x where positive, else negativeSlope x, which may stand alone: `LeakyReLU(0.2)`. */
export function LeakyReLU(given: number | LeakyReLUOptions = {}): Layer {
  return new LeakyReLULayer(numberOr('negativeSlope', given));
}

export interface PReLUOptions extends LayerOptions, WeightSettings<'alpha'> {
  /** Axes of a sample, counted from 1, along which the slope is the same: [1, 2] for one a channel of an image. */
  readonly sharedAxes?: readonly number[] | null;
}

const learnt = { ...weight('alpha', 'zeros'), sharedAxes: optional(list('whole numbers', whole(1))) };

export class PReLULayer extends ElementLayer<typeof learnt> {
  private alpha!: Weight;

  constructor(options: object) {
    super('PReLU', options, learnt);
  }

  protected override createWeights(input: PartialShape): void {
    const shape = this.knownLengths(input);
    this.alpha = this.addWeight({ name: 'alpha', shape, ...ofRole(this.settings, 'alpha') });
  }

  protected override weightsDependOn(input: PartialShape): PartialShape {
    const shared = (this.settings.sharedAxes ?? []).map((axis) => normalizeAxis(this.name, axis, input.length));
    return input.slice(1).map((length, d) => (shared.includes(d + 1) ? 1 : length));
  }

  protected call(x: Tensor): Tensor {
    return sub(relu(x), mul(relu(neg(x)), this.alpha.variable));
  }
}

/** x where positive, else alpha x, with an alpha that is learnt for each place of a sample. Weights: alpha. */
export function PReLU(options: PReLUOptions = {}): Layer {
  return new PReLULayer(options);
}

export interface ELUOptions extends LayerOptions {
  /** What far below 0 becomes, negated. Default 1. */
  readonly alpha?: number;
}

const depths = { alpha: number(1) };

export class ELULayer extends ElementLayer<typeof depths> {
  constructor(options: object) {
    super('ELU', options, depths);
  }

  protected call(x: Tensor): Tensor {
    return elu(x, this.settings.alpha);
  }
}

/** x where positive, else alpha (eˣ - 1). alpha may stand alone: `ELU(0.5)`. */
export function ELU(given: number | ELUOptions = {}): Layer {
  return new ELULayer(numberOr('alpha', given));
}

export interface SoftmaxOptions extends LayerOptions {
  /** The axis along which results sum to 1. Default -1. */
  readonly axis?: number;
}

const rows = { axis: whole(-Infinity, -1) };

export class SoftmaxLayer extends ElementLayer<typeof rows> {
  constructor(options: object) {
    super('Softmax', options, rows);
  }

  protected call(x: Tensor): Tensor {
    return softmax(x, this.settings.axis);
  }
}

/** exp(x - max) / sum along an axis, which may stand alone: `Softmax(1)`. */
export function Softmax(given: number | SoftmaxOptions = {}): Layer {
  return new SoftmaxLayer(numberOr('axis', given));
}
