// The options of a layer as a table: for each a function that checks it, or says what stands for one that was not given. The same
// table names the options that there are, gives a layer its settings, and says what a file holds of it.
import { type Constraint, resolveConstraint } from '../constraints/constraints.ts';
import { ValueError } from '../errors.ts';
import { type Initializer, resolveInitializer } from '../initializers/initializers.ts';
import { type ActivationName, activationName } from '../ops/activations.ts';
import { type Pair, pair } from '../ops/window.ts';
import { type Regularizer, resolveRegularizer } from '../regularizers/regularizers.ts';
import { finiteNumber, fraction, kindOf, oneOf, truth, wholeNumber } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Checks an option of `who`; `given` is undefined where there was none. */
export type Reader<V> = (who: string, name: string, given: unknown) => V;

export type Readers = Readonly<Record<string, Reader<unknown>>>;

export type Settings<R extends Readers> = { readonly [Name in keyof R]: ReturnType<R[Name]> };

export function readSettings<R extends Readers>(who: string, readers: R, options: object): Settings<R> {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const read = Object.entries(readers).map(([name, reader]) => [name, reader(who, name, given[name])] as const);
  // each value comes from the reader of its name
  return Object.fromEntries(read) as Settings<R>;
}

/** null, also where nothing was given. */
export function optional<V>(reader: Reader<V>): Reader<V | null> {
  return (who, name, given) => (given === undefined || given === null ? null : reader(who, name, given));
}

export function whole(least: number, otherwise?: number): Reader<number> {
  return (who, name, given = otherwise) => wholeNumber(who, name, given, least);
}

export function number(otherwise: number | undefined, least?: number, below?: number): Reader<number> {
  return (who, name, given = otherwise) => finiteNumber(who, name, given, least, below);
}

/** From 0 to 1. */
export function share(otherwise?: number): Reader<number> {
  return (who, name, given = otherwise) => fraction(who, name, given);
}

export function flag(otherwise: boolean): Reader<boolean> {
  return (who, name, given = otherwise) => truth(who, name, given);
}

export function pairOf(otherwise?: number, least?: number): Reader<[number, number]> {
  // a pair that is none is refused by its own check
  return (who, name, given = otherwise) => pair(who, name, given as Pair, least);
}

export function word<W extends string>(words: readonly W[], otherwise: W): Reader<W> {
  return (who, name, given) => oneOf(who, name, given ?? otherwise, words);
}

/** A list whose entries are checked each. */
export function list<V>(what: string, entry: Reader<V>): Reader<V[]> {
  return (who, name, given) => {
    if (!Array.isArray(given)) throw new ValueError(`${who}: ${name} must be a list of ${what}, got ${kindOf(given)}`);
    return given.map((one: unknown) => entry(who, `each of ${name}`, one));
  };
}

/** One or a list of them. */
export function oneOrMore<V>(what: string, entry: Reader<V>): Reader<V | V[]> {
  const many = list(what, entry);
  return (who, name, given) => (Array.isArray(given) ? many : entry)(who, name, given);
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
