// What a layer is: weights with shapes that follow from the input, and a function on tensors.
import { ShapeError, ValueError } from '../errors.ts';
import { div } from '../ops/elementwise.ts';
import { type Regularizer, resolveRegularizer } from '../regularizers/regularizers.ts';
import { serialized } from '../tensor/described.ts';
import { snakeCase } from '../tensor/names.ts';
import { refuseUnknown, requireTensors, truth, wholeNumber } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Readers, readSettings, type Settings } from './settings.ts';
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
  const base = className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
  const count = used.get(base) ?? 0;
  used.set(base, count + 1);
  return count === 0 ? base : `${base}_${count}`;
}

/** `R` is the table of the options that a class has beside those of every layer. */
export abstract class Layer<R extends Readers = Readers> {
  /** The name of its class in Keras. */
  readonly className: string;
  readonly name: string;
  /** Shape of one sample, when it was given. */
  readonly inputShape: PartialShape | null;
  /** Frozen weights get no gradient; gradients still flow through. */
  trainable: boolean;
  protected readonly settings: Settings<R>;
  private readonly activityRegularizer: Regularizer | null;
  private builtFor: PartialShape | null = null;
  private readonly own: Weight[] = [];

  protected constructor(className: string, options: LayerOptions, readers: R) {
    refuseUnknown(className, options, [...common, ...Object.keys(readers)]);
    this.className = className;
    this.name = checkedName(className, options.name) ?? automaticName(className);
    this.inputShape = checkedInputShape(this.name, options);
    this.trainable = truth(this.name, 'trainable', options.trainable ?? true);
    this.activityRegularizer = resolveRegularizer(`${this.name}: activityRegularizer`, options.activityRegularizer);
    this.settings = readSettings(this.name, readers, options);
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
    return this.builtFor !== null;
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

  countParams(): number {
    return this.weights.reduce((total, weight) => total + weight.size, 0);
  }

  /** The layer on tensors; builds it on first use. */
  apply(x: Tensor, options: CallOptions = {}): Tensor {
    requireTensors(this.name, { x });
    this.build(x.shape);
    const y = this.call(x, options);
    if (this.activityRegularizer) options.addLoss?.(div(this.activityRegularizer(y), y.shape[0] ?? 1));
    return y;
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
  abstract outputShape(input: PartialShape): PartialShape;

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

  protected addWeight(options: WeightOptions): Weight {
    const weight = new Weight({ ...options, name: `${this.name}/${options.name}` });
    this.own.push(weight);
    return weight;
  }
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
