import { ShapeError, ValueError } from '../errors.ts';
import { type Initializer, resolveInitializer } from '../initializers/initializers.ts';
import { type ActivationName, activationName } from '../ops/activations.ts';
import { conv2d } from '../ops/conv2d.ts';
import { type Pair, pair, windowGeometry } from '../ops/window.ts';
import { type Regularizer, resolveRegularizer } from '../regularizers/regularizers.ts';
import { truth, wholeNumber } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Layer, type LayerOptions, type PartialShape, type Weight } from './layer.ts';

export interface Conv2DOptions extends LayerOptions {
  readonly strides?: Pair;
  /** `valid` (default) or `same`. */
  readonly padding?: string;
  readonly dilationRate?: Pair;
  readonly groups?: number;
  readonly activation?: string | null;
  readonly useBias?: boolean;
  readonly kernelInitializer?: string | Initializer;
  readonly biasInitializer?: string | Initializer;
  readonly kernelRegularizer?: string | Regularizer | null;
  readonly biasRegularizer?: string | Regularizer | null;
}

// biome-ignore format: a table
const known = [
  'strides', 'padding', 'dilationRate', 'groups', 'activation', 'useBias',
  'kernelInitializer', 'biasInitializer', 'kernelRegularizer', 'biasRegularizer',
];

class Conv2DLayer extends Layer {
  private readonly filters: number;
  private readonly kernelSize: readonly [number, number];
  private readonly strides: readonly [number, number];
  private readonly dilation: readonly [number, number];
  private readonly padding: string;
  private readonly groups: number;
  private readonly activation: ActivationName;
  private readonly useBias: boolean;
  private readonly kernelInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  private readonly kernelRegularizer: Regularizer | null;
  private readonly biasRegularizer: Regularizer | null;
  private kernel!: Weight;
  private bias: Weight | null = null;

  constructor(filters: number, kernelSize: Pair, options: Conv2DOptions) {
    super('Conv2D', options, known);
    this.filters = wholeNumber(this.name, 'filters', filters, 1);
    this.kernelSize = pair(this.name, 'kernelSize', kernelSize);
    this.strides = pair(this.name, 'strides', options.strides ?? 1);
    this.dilation = pair(this.name, 'dilationRate', options.dilationRate ?? 1);
    this.padding = paddingName(this.name, options.padding);
    this.groups = wholeNumber(this.name, 'groups', options.groups ?? 1, 1);
    this.useBias = truth(this.name, 'useBias', options.useBias ?? true);
    this.activation = activationName(this.name, options.activation);
    this.kernelInitializer = resolveInitializer(this.name, options.kernelInitializer ?? 'glorot_uniform');
    this.biasInitializer = resolveInitializer(this.name, options.biasInitializer ?? 'zeros');
    this.kernelRegularizer = resolveRegularizer(this.name, options.kernelRegularizer);
    this.biasRegularizer = resolveRegularizer(this.name, options.biasRegularizer);
    if (Math.max(...this.strides) > 1 && Math.max(...this.dilation) > 1) {
      throw new ValueError(
        `${this.name}: strides ${formatShape(this.strides)} and dilationRate ${formatShape(this.dilation)} cannot both be above 1`,
      );
    }
    if (this.filters % this.groups !== 0) {
      throw new ValueError(`${this.name}: filters (${filters}) must be a multiple of groups (${this.groups})`);
    }
  }

  outputShape(input: PartialShape): PartialShape {
    const [n, h, w] = this.checkInput(input);
    if (h === null || w === null) return [n!, null, null, this.filters];
    const { p, q } = windowGeometry(this.name, [h!, w!], {
      window: this.kernelSize,
      strides: this.strides,
      dilation: this.dilation,
      padding: this.padding,
    });
    return [n!, p, q, this.filters];
  }

  protected override createWeights(input: PartialShape): void {
    const channels = this.checkInput(input)[3]!;
    this.kernel = this.addWeight({
      name: 'kernel',
      shape: [...this.kernelSize, channels / this.groups, this.filters],
      initializer: this.kernelInitializer,
      regularizer: this.kernelRegularizer,
    });
    if (!this.useBias) return;
    this.bias = this.addWeight({
      name: 'bias',
      shape: [this.filters],
      initializer: this.biasInitializer,
      regularizer: this.biasRegularizer,
    });
  }

  protected call(x: Tensor): Tensor {
    return conv2d(x, this.kernel.variable, {
      strides: this.strides,
      padding: this.padding,
      dilationRate: this.dilation,
      groups: this.groups,
      activation: this.activation,
      ...(this.bias && { bias: this.bias.variable }),
    });
  }

  private checkInput(input: PartialShape): PartialShape {
    const channels = input[3];
    if (input.length !== 4 || channels === null || channels === undefined) {
      throw new ShapeError(`${this.name}: needs inputs [batch, height, width, channels], got ${formatShape(input)}`);
    }
    if (channels % this.groups !== 0) {
      throw new ShapeError(`${this.name}: ${channels} input channels do not divide into ${this.groups} groups`);
    }
    return input;
  }
}

/** `valid` or `same`, in any case. */
export function paddingName(who: string, padding: string | undefined): string {
  const name = String(padding ?? 'valid').toLowerCase();
  if (name === 'valid' || name === 'same') return name;
  throw new ValueError(`${who}: padding must be 'valid' or 'same', got ${JSON.stringify(padding)}`);
}

/** Convolution of images [h, w, c] with `filters` kernels. Weights: kernel [r, s, c / groups, filters], bias [filters]. */
export function Conv2D(filters: number, kernelSize: Pair, options: Conv2DOptions = {}): Layer {
  return new Conv2DLayer(filters, kernelSize, options);
}
