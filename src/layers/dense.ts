import { ShapeError } from '../errors.ts';
import { type Initializer, resolveInitializer } from '../initializers/initializers.ts';
import { type ActivationName, activationName } from '../ops/activations.ts';
import { dense } from '../ops/matmul.ts';
import { type Regularizer, resolveRegularizer } from '../regularizers/regularizers.ts';
import { refuseUnknown, wholeNumber } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Layer, type LayerOptions, layerOptionNames, type PartialShape, type Weight } from './layer.ts';

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
  ...layerOptionNames, 'activation', 'useBias', 'kernelInitializer', 'biasInitializer', 'kernelRegularizer', 'biasRegularizer',
];

class DenseLayer extends Layer {
  private readonly units: number;
  private readonly activation: ActivationName;
  private readonly options: DenseOptions;
  private readonly kernelInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  private kernel!: Weight;
  private bias: Weight | null = null;

  constructor(units: number, options: DenseOptions) {
    super('Dense', options);
    refuseUnknown(this.name, options, known);
    this.options = options;
    this.units = wholeNumber(this.name, 'units', units, 1);
    this.activation = activationName(this.name, options.activation);
    this.kernelInitializer = resolveInitializer(this.name, options.kernelInitializer ?? 'glorot_uniform');
    this.biasInitializer = resolveInitializer(this.name, options.biasInitializer ?? 'zeros');
  }

  outputShape(input: PartialShape): PartialShape {
    this.inputUnits(input);
    return [...input.slice(0, -1), this.units];
  }

  protected override createWeights(input: PartialShape): void {
    const { useBias = true, kernelRegularizer, biasRegularizer } = this.options;
    this.kernel = this.addWeight({
      name: 'kernel',
      shape: [this.inputUnits(input), this.units],
      initializer: this.kernelInitializer,
      regularizer: resolveRegularizer(this.name, kernelRegularizer),
    });
    if (!useBias) return;
    this.bias = this.addWeight({
      name: 'bias',
      shape: [this.units],
      initializer: this.biasInitializer,
      regularizer: resolveRegularizer(this.name, biasRegularizer),
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
