import { ShapeError, ValueError } from '../errors.ts';
import { ModelInput } from '../layers/inputLayer.ts';
import { automaticName, type CallOptions, Layer, type PartialShape } from '../layers/layer.ts';
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
    if (layer instanceof ModelInput) return this.begin(layer);
    const input = this.input ? (this.shapes.at(-1) ?? this.input) : firstInput(this.list, layer);
    // what does not fit is refused before anything changes
    const output = input && layer.outputShape(input);
    if (input) layer.build(input);
    this.list.push(layer);
    this.forgetSteps();
    if (input && output) {
      this.input ??= input;
      this.shapes.push(output);
    }
    return this;
  }

  /** An input is no layer of the model: it says what the first one takes. */
  private begin({ name, sample }: ModelInput): this {
    if (this.list.length > 0 || this.input)
      throw new ValueError(`${this.name}: ${name} must come first, and once; it says what the model takes`);
    this.input = [null, ...sample];
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
    // the shapes first: a layer that was built for an input which a later one refuses could not be built again
    const shapes: PartialShape[] = [[null, ...input.slice(1)]];
    for (const layer of this.list) shapes.push(layer.outputShape(shapes.at(-1)!));
    this.list.forEach((layer, i) => {
      layer.build(shapes[i]!);
    });
    this.input = shapes[0]!;
    this.shapes = shapes.slice(1);
  }

  forward(x: Tensor, options: CallOptions): Tensor {
    return this.list.reduce((value, layer) => layer.apply(value, options), x);
  }

  protected layerShapes(): readonly (PartialShape | null)[] {
    return this.list.map((_, i) => this.shapes[i] ?? null);
  }
}

/** What the first layer of a model takes, batch first, when it says so. */
function firstInput(before: readonly Layer[], layer: Layer): PartialShape | null {
  return before.length === 0 && layer.inputShape ? [null, ...layer.inputShape] : null;
}
