import type { Shape, TypedArray } from '../backend/backend.ts';
import type { Constraint } from '../constraints/constraints.ts';
import { floatDType } from '../engine/runtime.ts';
import { makeVariable, type Variable } from '../engine/variable.ts';
import { ShapeError } from '../errors.ts';
import type { Initializer } from '../initializers/initializers.ts';
import type { Regularizer } from '../regularizers/regularizers.ts';
import { makeArray } from '../tensor/dtype.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';

export interface WeightOptions {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  readonly regularizer?: Regularizer | null;
  /** What its values are brought back to after each update. */
  readonly constraint?: Constraint | null;
  /** False for what a layer updates itself, such as moving statistics: no freeing of the layer makes it trainable. Default true. */
  readonly trainable?: boolean;
}

/** A weight of a layer. Its shape is known when the layer is built, its values are made on first use. */
export class Weight {
  readonly name: string;
  readonly shape: Shape;
  readonly regularizer: Regularizer | null;
  readonly constraint: Constraint | null;
  readonly trainable: boolean;
  private readonly initializer: Initializer;
  private held: Variable | null = null;

  constructor({ name, shape, initializer, regularizer = null, constraint = null, trainable = true }: WeightOptions) {
    this.name = name;
    this.shape = shape;
    this.initializer = initializer;
    this.regularizer = regularizer;
    this.constraint = constraint;
    this.trainable = trainable;
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
      this.held = makeVariable(values, this.shape, dtype, { name: this.name, trainable: this.trainable });
    }
    return this.held;
  }

  /** Overwrites the values. Where there are none yet, no initializer is asked for what nobody would see. */
  setValues(values: TypedArray): void {
    const dtype = floatDType();
    const own = makeArray(dtype, this.size);
    own.set(values);
    if (this.held) this.held.assign(own);
    else this.held = makeVariable(own, this.shape, dtype, { name: this.name, trainable: this.trainable });
  }

  private firstValues(): ArrayLike<number> {
    const values = this.initializer(this.shape);
    if (values?.length === this.size) return values;
    throw new ShapeError(
      `${this.name}: the initializer must give ${this.size} values for shape ${formatShape(this.shape)}, got ${values?.length}`,
    );
  }
}

/** The options of a weight that a layer's settings hold: kernelInitializer, kernelRegularizer and kernelConstraint for `kernel`. */
export function ofRole<Role extends string>(
  settings: Readonly<Record<`${Role}Initializer`, Initializer>> &
    Readonly<Record<`${Role}Regularizer`, Regularizer | null>> &
    Readonly<Record<`${Role}Constraint`, Constraint | null>>,
  role: Role,
): Pick<WeightOptions, 'initializer' | 'regularizer' | 'constraint'> {
  const initializers: Readonly<Record<`${Role}Initializer`, Initializer>> = settings;
  const regularizers: Readonly<Record<`${Role}Regularizer`, Regularizer | null>> = settings;
  const constraints: Readonly<Record<`${Role}Constraint`, Constraint | null>> = settings;
  return {
    initializer: initializers[`${role}Initializer` as const],
    regularizer: regularizers[`${role}Regularizer` as const],
    constraint: constraints[`${role}Constraint` as const],
  };
}
