// What a layer is: weights with shapes that follow from the input, and a function on tensors.
import type { Shape } from '../backend/backend.ts';
import { floatDType } from '../engine/runtime.ts';
import { makeVariable, type Variable } from '../engine/variable.ts';
import { ShapeError, ValueError } from '../errors.ts';
import type { Initializer } from '../initializers/initializers.ts';
import type { Regularizer } from '../regularizers/regularizers.ts';
import { makeArray } from '../tensor/dtype.ts';
import { refuseUnknown, truth } from '../tensor/options.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** A shape whose batch is not known yet: null stands for any length. */
export type PartialShape = readonly (number | null)[];

/** How a layer is run. */
export interface CallOptions {
  /** True inside a training step: dropout drops, batch normalisation uses the batch. */
  readonly training?: boolean;
  /** Takes penalties that a layer puts on its output. */
  addLoss?(penalty: Tensor): void;
}

export interface LayerOptions {
  readonly name?: string;
  /** Shape of one sample; the first layer of a Sequential takes it instead of an Input. */
  readonly inputShape?: PartialShape;
  readonly trainable?: boolean;
}

const layerOptionNames = ['name', 'inputShape', 'trainable'];

export interface WeightOptions {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  readonly regularizer?: Regularizer | null;
}

/** A weight of a layer. Its shape is known when the layer is built, its values are made on first use. */
export class Weight {
  readonly name: string;
  readonly shape: Shape;
  readonly regularizer: Regularizer | null;
  readonly constraint: ((weight: Tensor) => Tensor) | null = null;
  private readonly initializer: Initializer;
  private held: Variable | null = null;

  constructor({ name, shape, initializer, regularizer = null }: WeightOptions) {
    this.name = name;
    this.shape = shape;
    this.initializer = initializer;
    this.regularizer = regularizer;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** The values; a backend must run. */
  get variable(): Variable {
    if (!this.held) {
      const dtype = floatDType();
      const values = makeArray(dtype, this.size);
      values.set(this.firstValues());
      this.held = makeVariable(values, this.shape, dtype, { name: this.name });
    }
    return this.held;
  }

  private firstValues(): ArrayLike<number> {
    const values = this.initializer(this.shape);
    if (values?.length === this.size) return values;
    throw new ShapeError(
      `${this.name}: the initializer must give ${this.size} values for shape ${formatShape(this.shape)}, got ${values?.length}`,
    );
  }
}

const used = new Map<string, number>();

/** Forgets which automatic names are taken, so that the next model starts with `conv2d` again. */
export function clearSession(): void {
  used.clear();
}

/** `Conv2D` becomes conv2d, then conv2d_1, conv2d_2, ... over the whole program, as in Keras. */
export function automaticName(className: string): string {
  const base = className
    .replace(/([a-z\d])([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
  const count = used.get(base) ?? 0;
  used.set(base, count + 1);
  return count === 0 ? base : `${base}_${count}`;
}

export abstract class Layer {
  /** The name of its class in Keras. */
  readonly className: string;
  readonly name: string;
  /** Shape of one sample, when it was given. */
  readonly inputShape: PartialShape | null;
  /** Frozen weights get no gradient; gradients still flow through. */
  trainable: boolean;
  private builtFor: PartialShape | null = null;
  private readonly own: Weight[] = [];

  protected constructor(className: string, options: LayerOptions, known: readonly string[] = []) {
    refuseUnknown(className, options, [...layerOptionNames, ...known]);
    this.className = className;
    this.name = checkedName(className, options.name) ?? automaticName(className);
    this.inputShape = checkedInputShape(this.name, options.inputShape);
    this.trainable = truth(this.name, 'trainable', options.trainable ?? true);
  }

  /** Makes the weights for inputs of that shape (batch first). A second call must fit the first. */
  build(input: PartialShape): void {
    if (!this.builtFor) {
      this.createWeights(input);
      this.builtFor = input;
    } else if (formatShape(this.builtFor.slice(1)) !== formatShape(input.slice(1)) && this.own.length > 0) {
      throw new ShapeError(
        `${this.name}: was built for inputs ${formatShape(this.builtFor)}, got ${formatShape(input)}`,
      );
    }
  }

  get isBuilt(): boolean {
    return this.builtFor !== null;
  }

  /** Weights in the order in which they are saved. */
  get weights(): readonly Weight[] {
    return this.own;
  }

  get trainableWeights(): readonly Weight[] {
    return this.trainable ? this.own : [];
  }

  countParams(): number {
    return this.weights.reduce((total, weight) => total + weight.size, 0);
  }

  /** The layer on tensors; builds it on first use. */
  apply(x: Tensor, options: CallOptions = {}): Tensor {
    this.build(x.shape);
    return this.call(x, options);
  }

  /** Shape of the result for inputs of that shape, batch first; a ShapeError when they do not fit. */
  abstract outputShape(input: PartialShape): PartialShape;

  protected abstract call(x: Tensor, options: CallOptions): Tensor;

  /** Overridden by layers with weights. */
  protected createWeights(_input: PartialShape): void {}

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

function checkedInputShape(who: string, shape: PartialShape | undefined): PartialShape | null {
  if (shape === undefined) return null;
  const good =
    Array.isArray(shape) && shape.every((length) => length === null || (Number.isInteger(length) && length > 0));
  if (!good)
    throw new ValueError(
      `${who}: inputShape must list whole numbers of at least 1 (the shape of one sample), got ${JSON.stringify(shape)}`,
    );
  return shape;
}
