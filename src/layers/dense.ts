import { ShapeError } from '../errors.ts';
import { dense } from '../ops/matmul.ts';
import { withPlaces } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type AffineOptions, affine } from './convolution.ts';
import { Layer, type PartialShape, type Weight } from './layer.ts';
import { activated, type WeightSettings, weight, whole } from './settings.ts';
import { ofRole } from './weight.ts';

export interface DenseOptions extends AffineOptions, WeightSettings<'kernel'> {}

const readers = { units: whole(1), ...affine, ...weight('kernel', 'glorot_uniform') };

export class DenseLayer extends Layer<typeof readers> {
  private kernel!: Weight;
  private bias: Weight | null = null;

  constructor(options: object) {
    super('Dense', options, readers);
  }

  computeOutputShape(input: PartialShape): PartialShape {
    this.inputUnits(input);
    return [...input.slice(0, -1), this.settings.units];
  }

  protected override createWeights(input: PartialShape): void {
    const { settings } = this;
    const shape = [this.inputUnits(input), settings.units];
    this.kernel = this.addWeight({ name: 'kernel', shape, ...ofRole(settings, 'kernel') });
    if (settings.useBias)
      this.bias = this.addWeight({ name: 'bias', shape: [settings.units], ...ofRole(settings, 'bias') });
  }

  protected override weightsDependOn(input: PartialShape): PartialShape {
    return [this.inputUnits(input)];
  }

  protected call(x: Tensor): Tensor {
    const bias = this.bias && { bias: this.bias.variable };
    return activated(this.settings.activation, (activation) => dense(x, this.kernel.variable, { activation, ...bias }));
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
  return new DenseLayer(withPlaces('Dense', options, { units }));
}
