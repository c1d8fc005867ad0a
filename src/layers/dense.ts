import { ShapeError } from '../errors.ts';
import { type Initializer, resolveInitializer } from '../initializers/initializers.ts';
import { type ActivationName, activationName } from '../ops/activations.ts';
import { dense } from '../ops/matmul.ts';
import { type Regularizer, resolveRegularizer } from '../regularizers/regularizers.ts';
import { truth, wholeNumber } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Layer, type LayerOptions, type PartialShape, type Weight } from './layer.ts';

export interface DenseOptions extends LayerOptions {
  readonly activation?: string | null;
  readonly useBias?: boolean;
  readonly kernelInitializer?: string | Initializer;
  readonly biasInitializer?: string | Initializer;
  readonly kernelRegularizer?: string | Regularizer | null;
  readonly biasRegularizer?: string | Regularizer | null;
}

// biome-ignore format: a table
const known = [
  'activation', 'useBias', 'kernelInitializer', 'biasInitializer', 'kernelRegularizer', 'biasRegularizer',
];

class DenseLayer extends Layer {
  private readonly units: number;
  private readonly activation: ActivationName;
  private readonly useBias: boolean;
  private readonly kernelInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  private readonly kernelRegularizer: Regularizer | null;
  private readonly biasRegularizer: Regularizer | null;
  private kernel!: Weight;
  private bias: Weight | null = null;

  constructor(units: number, options: DenseOptions) {
    super('Dense', options, known);
    this.units = wholeNumber(this.name, 'units', units, 1);
    this.useBias = truth(this.name, 'useBias', options.useBias ?? true);
    this.activation = activationName(this.name, options.activation);
    this.kernelInitializer = resolveInitializer(this.name, options.kernelInitializer ?? 'glorot_uniform');
    this.biasInitializer = resolveInitializer(this.name, options.biasInitializer ?? 'zeros');
    this.kernelRegularizer = resolveRegularizer(this.name, options.kernelRegularizer);
    this.biasRegularizer = resolveRegularizer(this.name, options.biasRegularizer);
  }

  outputShape(input: PartialShape): PartialShape {
    this.inputUnits(input);
    return [...input.slice(0, -1), this.units];
  }

  protected override createWeights(input: PartialShape): void {
    this.kernel = this.addWeight({
      name: 'kernel',
      shape: [this.inputUnits(input), this.units],
      initializer: this.kernelInitializer,
      regularizer: this.kernelRegularizer,
    });
    if (!this.useBias) return;
    this.bias = this.addWeight({
      name: 'bias',
      shape: [this.units],
      initializer: this.biasInitializer,
      regularizer: this.biasRegularizer,
    });
  }

  protected call(x: Tensor): Tensor {
    const bias = this.bias?.variable;
    return dense(x, this.kernel.variable, { activation: this.activation, ...(bias && { bias }) });
  }

  private inputUnits(input: PartialShape): number {
    const units = input.at(-1);
    if (input.length < 2 || typeof units !== 'number') {
      throw new ShapeError(`${this.name}: needs inputs [batch, ..., features], got ${formatShape(input)}`);
    }
    return units;
  }
}

/** activation(x · kernel + bias) over the last axis. Weights: kernel [in, units], bias [units]. */
export function Dense(units: number, options: DenseOptions = {}): Layer {
  return new DenseLayer(units, options);
}
