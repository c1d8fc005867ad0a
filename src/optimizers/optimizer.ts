// What every optimizer has: a learning rate and a step counter in tensors, and variables laid out for one dispatch.
import { floatDType } from '../engine/runtime.ts';
import { scope } from '../engine/scope.ts';
import { increment, makeVariable, type Variable } from '../engine/variable.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { makeArray } from '../tensor/dtype.ts';
import { finiteNumber } from '../tensor/options.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { FlatVariables } from './flatVariables.ts';

/** A gradient and the variable it belongs to. */
export type GradientPair = readonly [gradient: Tensor, variable: Variable];

/** Everything that one update reads and writes. */
export interface UpdateState {
  readonly flat: FlatVariables;
  readonly slots: readonly Tensor[];
  /** Flat, laid out as the variables. */
  readonly gradient: Tensor;
  /** int32 [1]: updates done so far. */
  readonly iterations: Variable;
  /** [1] */
  readonly rate: Variable;
}

interface Built {
  readonly flat: FlatVariables;
  readonly slots: readonly Tensor[];
  readonly iterations: Variable;
  readonly rate: Variable;
}

export abstract class Optimizer {
  /** The name of its class in Keras. */
  readonly className: string;
  private currentRate: number;
  private built: Built | null = null;

  protected constructor(className: string, learningRate: number) {
    this.className = className;
    this.currentRate = finiteNumber(className, 'learningRate', learningRate, 0);
  }

  /** Slots that the rule keeps for each variable. */
  protected abstract readonly slotCount: number;

  /** Those of them that Keras keeps too. */
  protected get countedSlots(): number {
    return this.slotCount;
  }

  /** One update of all variables in place. */
  protected abstract update(state: UpdateState): void;

  get learningRate(): number {
    return this.currentRate;
  }

  /** Takes effect at the next step, recorded or not. */
  set learningRate(value: number) {
    this.currentRate = finiteNumber(this.className, 'learningRate', value, 0);
    this.built?.rate.assign(filled(value));
  }

  async currentLearningRate(): Promise<number> {
    return this.currentRate;
  }

  /** Updates done so far. */
  async currentIterations(): Promise<number> {
    return (await this.built?.iterations.item()) ?? 0;
  }

  /** Values that the optimizer keeps beside the variables, as Keras counts them: slots, iteration and learning rate. */
  get stateSize(): number {
    const parameters = this.built?.flat.variables.reduce((total, variable) => total + variable.size, 0) ?? 0;
    return this.built ? this.countedSlots * parameters + 2 : 0;
  }

  /** Lays out the variables and makes the slots. The same variables again keep their slots; others start anew. */
  build(variables: readonly Variable[]): void {
    if (variables.length === 0) throw new ValueError(`${this.className}: there is no trainable variable to update`);
    const known = this.built?.flat.variables;
    if (known?.length === variables.length && known.every((variable, i) => variable === variables[i])) return;
    const before = this.built;
    const flat = new FlatVariables(variables);
    this.built = {
      flat,
      slots: Array.from({ length: this.slotCount }, () => flat.zeros()),
      iterations: before?.iterations ?? makeVariable(new Int32Array(1), [1], 'int32', { name: 'iteration' }),
      rate:
        before?.rate ??
        makeVariable(filled(this.currentRate), [1], floatDType(), { name: 'learning_rate', trainable: false }),
    };
    for (const tensor of before ? [before.flat.values, ...before.slots] : []) tensor.dispose();
  }

  /** Updates the variables by their gradients. Works with and without a model, eagerly and inside a recorded step. */
  apply(pairs: readonly GradientPair[]): void {
    for (const [gradient, variable] of pairs) {
      if (!sameShape(gradient.shape, variable.shape)) {
        throw new ShapeError(
          `${this.className}: the gradient of ${variable.name} has shape ${formatShape(gradient.shape)}, the variable ${formatShape(variable.shape)}`,
        );
      }
    }
    this.build(pairs.map(([, variable]) => variable));
    const built = this.built!;
    scope(() => {
      const gradient = built.flat.pack(pairs.map(([found]) => found));
      this.update({ ...built, gradient });
      increment(built.iterations);
    });
  }
}

function filled(value: number) {
  const values = makeArray(floatDType(), 1);
  values[0] = value;
  return values;
}
