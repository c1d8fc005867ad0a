// What models are made of: layers in a graph, which together are a layer again.
import type { TypedArray } from '../backend/backend.ts';
import { scope } from '../engine/scope.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { type CallOptions, Layer, type PartialShape, type Weight } from '../layers/layer.ts';
import type { SymbolicTensor } from '../layers/symbolic.ts';
import { cast } from '../ops/elementwise.ts';
import type { SeededStream } from '../ops/randomStream.ts';
import { kindOf } from '../tensor/options.ts';
import { formatShape, sameShape, sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Graph, ownInputs } from './graph.ts';

export abstract class Network extends Layer {
  private connected: Graph | null = null;

  protected constructor(className: string, name: string | undefined) {
    super(className, name === undefined ? {} : { name }, {});
  }

  abstract get layers(): readonly Layer[];

  /** The graph, once shapes are known. */
  get graph(): Graph | null {
    return this.connected;
  }

  protected setGraph(graph: Graph): void {
    if (graph.inputs !== this.connected?.inputs) ownInputs(this, graph.inputs);
    this.connected = graph;
  }

  override get inner(): Graph | null {
    return this.connected;
  }

  /** What the graph begins and ends with. */
  get inputs(): readonly SymbolicTensor[] {
    return this.requireGraph('inputs').inputs;
  }

  get outputs(): readonly SymbolicTensor[] {
    return this.requireGraph('outputs').outputs;
  }

  override get input(): SymbolicTensor {
    return this.inputs[0]!;
  }

  override get output(): SymbolicTensor {
    return this.outputs[0]!;
  }

  /** Shape of one sample, when it is known. */
  get sampleShape(): PartialShape | null {
    return this.connected?.inputs[0]?.shape.slice(1) ?? null;
  }

  /** What the inputs are called: one name where nobody knows yet. */
  get inputNames(): readonly string[] {
    return this.connected?.inputs.map(({ node }) => node.layer.name) ?? ['input'];
  }

  /** The layers that make the outputs; the second output of one layer is called `name_1`. */
  get outputNames(): readonly string[] {
    return this.connected ? numbered(this.connected.outputs.map(({ node }) => node.layer.name)) : ['output'];
  }

  /** Shapes of the inputs and of the results, batch first, where they are known. */
  get inputShapes(): readonly (PartialShape | null)[] {
    const sample = this.sampleShape;
    return this.connected?.inputs.map(({ shape }) => shape) ?? [sample && [null, ...sample]];
  }

  get resultShapes(): readonly (PartialShape | null)[] {
    return this.connected?.outputs.map(({ shape }) => shape) ?? [null];
  }

  override get inputShape(): PartialShape | null {
    return this.sampleShape;
  }

  /** Shape of the result, batch first, when it is known. */
  get outputShape(): PartialShape | null {
    return this.connected?.outputs[0]?.shape ?? null;
  }

  override get isBuilt(): boolean {
    return this.connected !== null;
  }

  override get weights(): readonly Weight[] {
    return unique(this.layers.flatMap(({ weights }) => weights));
  }

  override get trainableWeights(): readonly Weight[] {
    return this.trainable ? unique(this.layers.flatMap(({ trainableWeights }) => trainableWeights)) : [];
  }

  override get trainable(): boolean {
    return super.trainable;
  }

  /** Freezes or frees every layer, those inside of nested models too. */
  override set trainable(value: boolean) {
    super.trainable = value;
    for (const layer of this.layers) layer.trainable = value;
  }

  override get streams(): readonly SeededStream[] {
    return unique(this.layers.flatMap(({ streams }) => streams));
  }

  override countParams(): number {
    return this.weights.reduce((total, weight) => total + weight.size, 0);
  }

  /** A layer by its name or place; `outer/inner` is a layer of a nested model. */
  getLayer(key: string | number): Layer {
    // at() would take NaN for 0
    const place = typeof key === 'number' && Number.isInteger(key) ? this.layers.at(key) : undefined;
    const found = place ?? this.layers.find(({ name }) => name === key) ?? this.nested(String(key));
    if (found) return found;
    throw new ValueError(
      `getLayer: ${this.name} has no layer ${key}; there are ${this.layers.map(({ name }) => name).join(', ')}`,
    );
  }

  private nested(path: string): Layer | null {
    const outer = this.layers.find(
      (layer): layer is Network => layer instanceof Network && path.startsWith(`${layer.name}/`),
    );
    return outer?.getLayer(path.slice(outer.name.length + 1)) ?? null;
  }

  /** The weights' values, layer by layer. */
  getWeights(): Tensor[] {
    return this.requireBuilt('getWeights').map(({ variable }) => variable.clone());
  }

  /** Overwrites the weights; an optimizer's slots stay as they are. */
  setWeights(values: readonly (Tensor | TypedArray)[]): void {
    const weights = this.requireBuilt('setWeights');
    if (!Array.isArray(values) || values.length !== weights.length) {
      const got = Array.isArray(values) ? values.length : kindOf(values);
      throw new ShapeError(`setWeights: ${this.name} has ${weights.length} weights, got ${got}`);
    }
    // all are checked before the first is overwritten
    weights.forEach((weight, i) => {
      checkValue(weight, values[i]);
    });
    scope(() => {
      weights.forEach((weight, i) => {
        const value = values[i]!;
        // an array goes straight to its place: a tensor of it would be the network a second time
        if (!(value instanceof Tensor)) weight.setValues(value);
        else weight.variable.assign(cast(value, weight.variable.dtype));
      });
    });
  }

  computeOutputShape(input: PartialShape): PartialShape {
    return this.outputShapes([input])[0]!;
  }

  override outputShapes(inputs: readonly PartialShape[]): readonly PartialShape[] {
    this.requireInputs(inputs);
    return this.requireGraph('output shape').outputShapes(inputs);
  }

  protected override callOn(inputs: readonly Tensor[], options: CallOptions): readonly Tensor[] {
    return this.requireGraph('result').run(inputs, options);
  }

  protected call(x: Tensor, options: CallOptions): Tensor {
    return this.callOn([x], options)[0]!;
  }

  override build(input: PartialShape): void {
    this.buildFor([input]);
  }

  /** The same for inputs of those shapes. */
  buildOn(inputs: readonly { readonly shape: PartialShape }[]): void {
    this.buildFor(inputs.map(({ shape }) => shape));
  }

  /** Refuses inputs that the graph does not take. */
  protected override buildFor(inputs: readonly PartialShape[]): void {
    this.requireInputs(inputs);
  }

  private requireInputs(given: readonly PartialShape[]): void {
    const { inputs } = this.requireGraph('inputs');
    const fits = (shape: PartialShape, wanted: PartialShape) =>
      shape.length === wanted.length &&
      wanted.every((length, d) => d === 0 || length === null || shape[d] === null || length === shape[d]);
    if (given.length === inputs.length && given.every((shape, i) => fits(shape, inputs[i]!.shape))) return;
    const shapes = (list: readonly PartialShape[]) => list.map(formatShape).join(', ');
    throw new ShapeError(
      `${this.name}: takes inputs ${shapes(inputs.map(({ shape }) => shape))}, got ${shapes(given)}`,
    );
  }

  protected requireGraph(what: string): Graph {
    if (this.connected) return this.connected;
    throw new ValueError(`${this.name}: has no ${what} yet; give its first layer an inputShape, or run the model once`);
  }

  private requireBuilt(who: string): readonly Weight[] {
    if (this.layers.some(({ isBuilt }) => !isBuilt)) {
      throw new ValueError(
        `${who}: ${this.name} is not built; give the first layer an inputShape, or run the model once`,
      );
    }
    return this.weights;
  }
}

/** A layer may be reached in two ways. */
function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}

/** The names, each once: what is logged of two outputs needs two keys. */
function numbered(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let i = 1; taken.has(free) || (free !== name && names.includes(free)); i++) free = `${name}_${i}`;
    taken.add(free);
    return free;
  });
}

function checkValue(weight: Weight, value: unknown): void {
  const isArray = ArrayBuffer.isView(value) && !(value instanceof BigInt64Array) && !(value instanceof BigUint64Array);
  const shape = value instanceof Tensor ? value.shape : isArray ? [Reflect.get(value, 'length')] : null;
  if (shape === null) {
    throw new ValueError(`setWeights: ${weight.name} needs a tensor or a typed array, got ${kindOf(value)}`);
  }
  const fits = value instanceof Tensor ? sameShape(value.shape, weight.shape) : sizeOf(shape) === weight.size;
  if (fits) return;
  throw new ShapeError(`setWeights: ${weight.name} has shape ${formatShape(weight.shape)}, got ${formatShape(shape)}`);
}
