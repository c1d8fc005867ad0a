// What a layer is: weights with shapes that follow from the input, and a function on tensors.
import type { Shape } from '../backend/backend.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { randomUniform } from '../ops/create.ts';
import { div } from '../ops/elementwise.ts';
import { type SeededStream, seededStream } from '../ops/randomStream.ts';
import { type Regularizer, resolveRegularizer } from '../regularizers/regularizers.ts';
import { serialized } from '../tensor/described.ts';
import { baseName, snakeCase } from '../tensor/names.ts';
import { kindOf, refuseUnknown, requireTensorList, truth, wholeNumber } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Readers, readSettings, type Settings } from './settings.ts';
import { type InnerGraph, type LayerNode, makeNode, SymbolicTensor } from './symbolic.ts';
import { Weight, type WeightOptions } from './weight.ts';

export { Weight, type WeightOptions };

/** A shape whose batch is not known yet: null stands for any length. */
export type PartialShape = readonly (number | null)[];

/** How a layer is run. */
export interface CallOptions {
  /** True inside a training step: dropout drops, batch normalisation uses the batch. */
  readonly training?: boolean;
  /** Takes what a layer's activityRegularizer adds to the loss, a scalar. */
  addLoss?(penalty: Tensor): void;
}

export interface LayerOptions {
  readonly name?: string;
  /** Shape of one sample; the first layer of a Sequential takes it instead of an Input. */
  readonly inputShape?: PartialShape;
  /** The same for samples of one axis: `inputDim: 8` for `inputShape: [8]`. */
  readonly inputDim?: number;
  readonly trainable?: boolean;
  /** A penalty on what the layer gives, divided by the batch size. */
  readonly activityRegularizer?: string | Regularizer | null;
}

const common = ['name', 'inputShape', 'inputDim', 'trainable', 'activityRegularizer'];

const used = new Map<string, number>();

/** Forgets which automatic names are taken, so that the next model starts with `conv2d` again. */
export function clearSession(): void {
  used.clear();
}

/** `Conv2D` becomes conv2d, then conv2d_1, conv2d_2, ... over the whole program, as in Keras. */
export function automaticName(className: string): string {
  const base = baseName(className);
  const count = used.get(base) ?? 0;
  used.set(base, count + 1);
  return count === 0 ? base : `${base}_${count}`;
}

/** `R` is the table of the options that a class has beside those of every layer. */
export abstract class Layer<R extends Readers = Readers> {
  /** The name of its class in Keras. */
  readonly className: string;
  readonly name: string;
  protected readonly settings: Settings<R>;
  private readonly givenShape: PartialShape | null;
  private isTrainable: boolean;
  private readonly activityRegularizer: Regularizer | null;
  private builtFor: PartialShape | null = null;
  private readonly own: Weight[] = [];
  private readonly seeded: SeededStream[] = [];
  private readonly uses: LayerNode[] = [];

  protected constructor(className: string, options: LayerOptions, readers: R) {
    refuseUnknown(className, options, [...common, ...Object.keys(readers)]);
    this.className = className;
    this.name = checkedName(className, options.name) ?? automaticName(className);
    this.givenShape = checkedInputShape(this.name, options);
    this.isTrainable = truth(this.name, 'trainable', options.trainable ?? true);
    this.activityRegularizer = resolveRegularizer(`${this.name}: activityRegularizer`, options.activityRegularizer);
    this.settings = readSettings(this.name, readers, options);
  }

  /** Shape of one sample, when it was given. */
  get inputShape(): PartialShape | null {
    return this.givenShape;
  }

  /** Frozen weights get no gradient; gradients still flow through. */
  get trainable(): boolean {
    return this.isTrainable;
  }

  set trainable(value: boolean) {
    this.isTrainable = truth(this.name, 'trainable', value);
  }

  /** Its uses in graphs, in their order. */
  get nodes(): readonly LayerNode[] {
    return this.uses;
  }

  /** The graph that it is, if it is one. */
  get inner(): InnerGraph | null {
    return null;
  }

  /** What it makes in the graph. */
  get output(): SymbolicTensor {
    return this.onlyUse('output').outputs[0]!;
  }

  /** What it takes in the graph; the first of several. */
  get input(): SymbolicTensor {
    return this.onlyUse('input').inputs[0]!;
  }

  /** Makes the weights for inputs of that shape (batch first). A second call must fit the first. */
  build(input: PartialShape): void {
    if (!this.builtFor) {
      this.createWeights(input);
      this.builtFor = input;
      return;
    }
    if (this.own.length === 0) return;
    const [before, now] = [this.builtFor, input].map((shape) => formatShape(this.weightsDependOn(shape)));
    if (before !== now)
      throw new ShapeError(
        `${this.name}: was built for inputs ${formatShape(this.builtFor)}, got ${formatShape(input)}`,
      );
  }

  get isBuilt(): boolean {
    // what has a place in a graph was built for it, if only by having no weights
    return this.builtFor !== null || this.uses.length > 0;
  }

  /** Weights in the order in which they are saved: first those that were made to be trained, then the others. */
  get weights(): readonly Weight[] {
    return [true, false].flatMap((kind) => this.own.filter(({ trainable }) => trainable === kind));
  }

  get trainableWeights(): readonly Weight[] {
    return this.trainable ? this.own.filter(({ trainable }) => trainable) : [];
  }

  get nonTrainableWeights(): readonly Weight[] {
    return this.weights.filter(({ trainable }) => !(trainable && this.trainable));
  }

  /** The streams of its seeds: where they are belongs to a run of training, as weights do. */
  get streams(): readonly SeededStream[] {
    return this.seeded;
  }

  countParams(): number {
    return this.weights.reduce((total, weight) => total + weight.size, 0);
  }

  /** The layer on tensors, or as a part of a graph on what `Input` gave; builds it on first use. */
  apply(x: Tensor, options?: CallOptions): Tensor;
  apply(x: SymbolicTensor, options?: CallOptions): SymbolicTensor;
  /** The same for a layer of several inputs. */
  apply(x: readonly Tensor[], options?: CallOptions): Tensor;
  apply(x: readonly SymbolicTensor[], options?: CallOptions): SymbolicTensor;
  apply(x: Operand | readonly Operand[], options: CallOptions = {}): Operand {
    const given = Array.isArray(x) ? x : [x];
    if (given.some((one) => one instanceof SymbolicTensor)) return this.connect(symbols(this.name, given), options)[0]!;
    requireTensorList(this.name, 'x', given);
    return this.run(given, options)[0]!;
  }

  /** A new use of the layer in a graph: all that it makes of these values. */
  connect(inputs: readonly SymbolicTensor[], options: CallOptions = {}): readonly SymbolicTensor[] {
    const shapes = inputs.map(({ shape }) => shape);
    // what does not fit is refused before anything changes
    const outputs = this.outputShapes(shapes);
    this.buildFor(shapes);
    const node = makeNode(this, inputs, outputs, options);
    this.uses.push(node);
    return node.outputs;
  }

  /** The layer on tensors: all that it makes. */
  run(inputs: readonly Tensor[], options: CallOptions): readonly Tensor[] {
    this.buildFor(inputs.map(({ shape }) => shape));
    const outputs = this.callOn(inputs, options);
    if (this.activityRegularizer)
      for (const y of outputs) options.addLoss?.(div(this.activityRegularizer(y), y.shape[0] ?? 1));
    return outputs;
  }

  /** Shapes of all that it makes. The next three are overridden by layers of several inputs. */
  outputShapes(inputs: readonly PartialShape[]): readonly PartialShape[] {
    return [this.computeOutputShape(this.only(inputs))];
  }

  protected buildFor(inputs: readonly PartialShape[]): void {
    this.build(this.only(inputs));
  }

  protected callOn(inputs: readonly Tensor[], options: CallOptions): readonly Tensor[] {
    return [this.call(this.only(inputs), options)];
  }

  private only<T>(inputs: readonly T[]): T {
    if (inputs.length === 1) return inputs[0]!;
    throw new ValueError(`${this.name}: takes one input, got ${inputs.length}`);
  }

  private onlyUse(what: string): LayerNode {
    const [use, ...others] = this.uses;
    if (use && others.length === 0) return use;
    throw new ValueError(
      use
        ? `${this.name}: is used ${others.length + 1} times; take nodes[i].${what}s`
        : `${this.name}: has no ${what} yet; it is not used in a graph, or its model is not built`,
    );
  }

  /** What Keras writes of the layer into a file; `layerFromConfig` makes it again from that, without its weights. */
  getConfig(): Record<string, unknown> {
    const { name, trainable, activityRegularizer } = this;
    const dtype = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };
    return {
      name,
      trainable,
      dtype,
      ...(activityRegularizer && { activity_regularizer: serialized(activityRegularizer) }),
      ...Object.fromEntries(Object.entries(this.settings).map(([key, value]) => [snakeCase(key), serialized(value)])),
    };
  }

  /** Shape of the result for inputs of that shape, batch first; a ShapeError when they do not fit. */
  abstract computeOutputShape(input: PartialShape): PartialShape;

  protected abstract call(x: Tensor, options: CallOptions): Tensor;

  /** Overridden by layers with weights. */
  protected createWeights(_input: PartialShape): void {}

  /** What of an input's shape the weights were made for: the rest may change from call to call. */
  protected weightsDependOn(input: PartialShape): PartialShape {
    return input.slice(1);
  }

  /** These lengths, which must all be known by now. */
  protected knownLengths(input: PartialShape): number[] {
    return this.weightsDependOn(input).map((length) => {
      if (length !== null) return length;
      throw new ShapeError(`${this.name}: its weights need lengths that are not known in inputs ${formatShape(input)}`);
    });
  }

  /** Uniform numbers in [0, 1): new ones at each call and at each run of a recorded step, with a seed those of its stream. */
  protected uniform(seed: number | null): (shape: Shape) => Tensor {
    if (seed === null) return (shape) => randomUniform(shape);
    const stream = seededStream(seed);
    this.seeded.push(stream);
    return stream.draw;
  }

  protected addWeight(options: WeightOptions): Weight {
    const weight = new Weight({ ...options, name: `${this.name}/${options.name}` });
    this.own.push(weight);
    return weight;
  }
}

/** What a layer is applied to and what it gives: values, or places in a graph where values will be. */
export type Operand = Tensor | SymbolicTensor;

function symbols(who: string, given: readonly unknown[]): SymbolicTensor[] {
  return given.map((one) => {
    if (one instanceof SymbolicTensor) return one;
    throw new ValueError(`${who}: cannot mix parts of a graph with ${kindOf(one)}`);
  });
}

function checkedName(who: string, name: string | undefined): string | undefined {
  if (name === undefined || (typeof name === 'string' && name.length > 0)) return name;
  throw new ValueError(`${who}: name must be a word, got ${JSON.stringify(name)}`);
}

function checkedInputShape(who: string, { inputShape, inputDim }: LayerOptions): PartialShape | null {
  if (inputDim !== undefined && inputShape !== undefined)
    throw new ValueError(`${who}: inputShape and inputDim exclude each other`);
  if (inputDim !== undefined) return [wholeNumber(who, 'inputDim', inputDim, 1)];
  return inputShape === undefined ? null : sampleShape(who, 'inputShape', inputShape);
}

/** The shape of one sample: whole numbers of at least 1, or null for a length that is not known. */
export function sampleShape(who: string, name: string, shape: unknown): PartialShape {
  const good =
    Array.isArray(shape) && shape.every((length) => length === null || (Number.isInteger(length) && length > 0));
  if (good) return shape;
  throw new ValueError(
    `${who}: ${name} must list whole numbers of at least 1 (the shape of one sample), got ${JSON.stringify(shape)}`,
  );
}
