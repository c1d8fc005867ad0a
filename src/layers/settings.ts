// The options of layers as a table, which names those that there are, gives a layer its settings, and says what a file holds of it.
import { type Constraint, resolveConstraint } from '../constraints/constraints.ts';
import { type Initializer, resolveInitializer } from '../initializers/initializers.ts';
import { type ActivationName, activationName } from '../ops/activations.ts';
import { type Pair, pair } from '../ops/window.ts';
import { type Regularizer, resolveRegularizer } from '../regularizers/regularizers.ts';
import { optional, type Reader, whole } from '../tensor/readers.ts';
import type { Tensor } from '../tensor/tensor.ts';

export * from '../tensor/readers.ts';

export function pairOf(otherwise?: number, least?: number): Reader<[number, number]> {
  // a pair that is none is refused by its own check
  return (who, name, given = otherwise) => pair(who, name, given as Pair, least);
}

/** A seed, or null: then the program's stream of random numbers is drawn from. */
export const seed = optional(whole(0));

/** An activation by name, or a function of the tensor. */
export type Activation = ActivationName | ((x: Tensor) => Tensor);

/** Two names of one function, of which Keras writes the first. */
const written: Readonly<Record<string, ActivationName>> = { swish: 'silu', hard_swish: 'hard_silu' };

export const activation: Reader<Activation> = (who, _, given) => {
  // what a function gives is seen when it is used
  if (typeof given === 'function') return given as (x: Tensor) => Tensor;
  const name = activationName(who, given);
  return written[name] ?? name;
};

/** Runs an operation that may apply the activation itself, if it is one with a name. */
export function activated(by: Activation, run: (name: ActivationName) => Tensor): Tensor {
  return typeof by === 'function' ? by(run('linear')) : run(by);
}

export function initializer(otherwise: string): Reader<Initializer> {
  return (who, name, given) => resolveInitializer(`${who}: ${name}`, given ?? otherwise);
}

export const regularizer: Reader<Regularizer | null> = (who, name, given) =>
  resolveRegularizer(`${who}: ${name}`, given);

export const constraint: Reader<Constraint | null> = (who, name, given) => resolveConstraint(`${who}: ${name}`, given);

/** The three options of a weight: kernelInitializer, kernelRegularizer, kernelConstraint for `kernel`. */
export type WeightReaders<Role extends string> = { readonly [Name in `${Role}Initializer`]: Reader<Initializer> } & {
  readonly [Name in `${Role}Regularizer`]: Reader<Regularizer | null>;
} & { readonly [Name in `${Role}Constraint`]: Reader<Constraint | null> };

export function weight<Role extends string>(role: Role, otherwise: string): WeightReaders<Role> {
  return {
    [`${role}Initializer`]: initializer(otherwise),
    [`${role}Regularizer`]: regularizer,
    [`${role}Constraint`]: constraint,
    // computed names are strings to the type checker
  } as WeightReaders<Role>;
}

/** What the public says of them. */
export type WeightSettings<Role extends string> = { readonly [Name in `${Role}Initializer`]?: string | Initializer } & {
  readonly [Name in `${Role}Regularizer`]?: string | Regularizer | null;
} & { readonly [Name in `${Role}Constraint`]?: string | Constraint | null };
