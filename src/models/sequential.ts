import { ShapeError, ValueError } from '../errors.ts';
import { automaticName, Layer, type PartialShape } from '../layers/layer.ts';
import { refuseUnknown } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Model } from './model.ts';

/** Layers one after another. */
export class Sequential extends Model {
  private readonly list: Layer[] = [];
  private shapes: PartialShape[] = [];
  private input: PartialShape | null = null;

  /** With an inputShape on the first layer the model is built at once, else by its first input. */
  constructor(layers: readonly Layer[] = [], options: { name?: string } = {}) {
    refuseUnknown('Sequential', options, ['name']);
    super(options.name ?? automaticName('Sequential'));
    if (!Array.isArray(layers)) throw new ValueError(`${this.name}: expected a list of layers, got ${typeof layers}`);
    for (const layer of layers) this.add(layer);
  }

  get layers(): readonly Layer[] {
    return this.list;
  }

  get sampleShape(): PartialShape | null {
    return this.input ? this.input.slice(1) : (this.list[0]?.inputShape ?? null);
  }

  get outputShape(): PartialShape | null {
    return this.shapes.at(-1) ?? null;
  }

  /** Adds a layer at the end. */
  add(layer: Layer): this {
    if (!(layer instanceof Layer))
      throw new ValueError(`${this.name}: layer ${this.list.length} is no layer but ${typeof layer}`);
    if (this.list.some(({ name }) => name === layer.name)) {
      throw new ValueError(`${this.name}: two layers are called ${layer.name}; each needs a name of its own`);
    }
    this.list.push(layer);
    if (this.input) this.extend(layer, this.shapes.at(-1) ?? this.input);
    else if (this.list.length === 1 && layer.inputShape) this.build([null, ...layer.inputShape]);
    return this;
  }

  build(input: PartialShape): void {
    if (this.list.length === 0) throw new ValueError(`${this.name}: has no layers`);
    if (this.input) {
      const fits =
        input.length === this.input.length &&
        this.input.every((length, d) => d === 0 || length === null || length === input[d]);
      if (fits) return;
      throw new ShapeError(`${this.name}: takes inputs ${formatShape(this.input)}, got ${formatShape(input)}`);
    }
    let shape: PartialShape = [null, ...input.slice(1)];
    this.input = shape;
    try {
      for (const layer of this.list) shape = this.extend(layer, shape);
    } catch (error) {
      this.input = null;
      this.shapes = [];
      throw error;
    }
  }

  forward(x: Tensor, training: boolean): Tensor {
    return this.list.reduce((value, layer) => layer.apply(value, { training }), x);
  }

  protected layerShapes(): readonly (PartialShape | null)[] {
    return this.list.map((_, i) => this.shapes[i] ?? null);
  }

  private extend(layer: Layer, input: PartialShape): PartialShape {
    const output = layer.outputShape(input);
    layer.build(input);
    this.shapes.push(output);
    return output;
  }
}
