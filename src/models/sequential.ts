import { ShapeError, ValueError } from '../errors.ts';
import { ModelInput } from '../layers/inputLayer.ts';
import { Layer, type PartialShape } from '../layers/layer.ts';
import { SymbolicTensor } from '../layers/symbolic.ts';
import { kindOf, refuseUnknown } from '../tensor/options.ts';
import { Graph } from './graph.ts';
import { Model } from './model.ts';

/** Layers one after another; a model is a layer too. */
export class Sequential extends Model {
  private readonly list: Layer[] = [];
  private begun: SymbolicTensor | null = null;
  /** What the last layer gives. */
  private end: SymbolicTensor | null = null;

  /** With an Input, or an inputShape on the first layer, the model is built at once, else by its first input. */
  constructor(layers: readonly (Layer | SymbolicTensor)[] = [], options: { name?: string } = {}) {
    refuseUnknown('Sequential', options, ['name']);
    super('Sequential', options.name);
    if (!Array.isArray(layers)) throw new ValueError(`${this.name}: expected a list of layers, got ${kindOf(layers)}`);
    for (const layer of layers) this.put(layer);
    this.close();
  }

  get layers(): readonly Layer[] {
    return this.list;
  }

  override get sampleShape(): PartialShape | null {
    return this.begun?.shape.slice(1) ?? this.list[0]?.inputShape ?? null;
  }

  /** Adds a layer at the end. */
  add(given: Layer | SymbolicTensor): this {
    this.requireIdle('add');
    this.put(given);
    this.close();
    this.forgetSteps();
    return this;
  }

  private put(given: Layer | SymbolicTensor): void {
    const layer = given instanceof SymbolicTensor ? given.node.layer : given;
    if (!(layer instanceof Layer))
      throw new ValueError(`${this.name}: layer ${this.list.length} is no layer but ${kindOf(layer)}`);
    if (layer instanceof ModelInput) {
      this.begin(layer);
      return;
    }
    if (this.list.some(({ name }) => name === layer.name)) {
      throw new ValueError(`${this.name}: two layers are called ${layer.name}; each needs a name of its own`);
    }
    if (this.list.length === 0 && !this.begun && layer.inputShape)
      this.begin(new ModelInput({ shape: layer.inputShape }));
    if (this.begun) this.extend(this.begun, layer);
    this.list.push(layer);
  }

  /** An input is no layer of the model: it says what the first one takes. */
  private begin(input: ModelInput): void {
    if (this.list.length > 0 || this.begun)
      throw new ValueError(`${this.name}: ${input.name} must come first, and once; it says what the model takes`);
    this.begun = input.symbol;
  }

  private extend(begun: SymbolicTensor, layer: Layer): void {
    this.end = layer.connect([this.end ?? begun])[0]!;
  }

  /** The graph of all layers at once: one for each would be work that grows with the square of their number. */
  private close(): void {
    if (this.begun && this.end && this.end !== this.graph?.outputs[0])
      this.setGraph(new Graph(this.name, this.graph?.inputs ?? [this.begun], [this.end]));
  }

  protected override buildFor(inputs: readonly PartialShape[]): void {
    if (this.list.length === 0) throw new ValueError(`${this.name}: has no layers`);
    if (!this.graph) this.buildAll(inputs);
    super.buildFor(inputs);
  }

  override outputShapes(inputs: readonly PartialShape[]): readonly PartialShape[] {
    if (this.graph) return super.outputShapes(inputs);
    return this.list.reduce((shapes, layer) => layer.outputShapes(shapes), inputs);
  }

  private buildAll(inputs: readonly PartialShape[]): void {
    const [input, ...others] = inputs;
    if (!input || others.length > 0) throw new ShapeError(`${this.name}: takes one input, got ${inputs.length}`);
    // the shapes first: a layer that was built for an input which a later one refuses could not be built again
    this.outputShapes([input]);
    const begun = new ModelInput({ shape: input.slice(1) }).symbol;
    this.begun = begun;
    for (const layer of this.list) this.extend(begun, layer);
    this.close();
  }
}
