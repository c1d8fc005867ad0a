// Options of losses and metrics as a table: what each is when nobody says, and what it may be.
import { ValueError } from '../errors.ts';
import { finiteNumber, kindOf, refuseUnknown, truth, wholeNumber } from '../tensor/options.ts';

export interface Option<T> {
  /** What it is when it is not given; an option without one must be given. */
  readonly fallback?: T;
  /** The value, or a ValueError that names whose option it is. */
  read(who: string, name: string, value: unknown): T;
}

export type Schema = Readonly<Record<string, Option<unknown>>>;

export type Values<S extends Schema> = { readonly [K in keyof S]: S[K] extends Option<infer T> ? T : never };

/** All options of a schema, from those that were given. */
export function readOptions<S extends Schema>(who: string, schema: S, given: object): Values<S> {
  refuseUnknown(who, given, Object.keys(schema));
  const read = Object.entries(schema).map(([name, option]) => {
    const value: unknown = Reflect.get(given, name);
    const isLeftOut = value === undefined && 'fallback' in option;
    return [name, isLeftOut ? option.fallback : option.read(who, name, value)];
  });
  // each entry was read by the option of its name
  return Object.fromEntries(read) as Values<S>;
}

/** Options of two schemas in one object, told apart: those of a function, and those of what is made of it. */
export function readBoth<A extends Schema, B extends Schema>(
  who: string,
  a: A,
  b: B,
  given: object,
): [Values<A>, Values<B>] {
  refuseUnknown(who, given, Object.keys({ ...a, ...b }));
  const partOf = (schema: Schema) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(schema, name)));
  return [readOptions(who, a, partOf(a)), readOptions(who, b, partOf(b))];
}

/** An option that must be given: what passes the test. */
function required<T>(isIt: (value: unknown) => value is T, expected: string): Option<T> {
  return {
    read(who, name, value) {
      if (isIt(value)) return value;
      throw new ValueError(`${who}: ${name} must be ${expected}, got ${kindOf(value)}`);
    },
  };
}

/** The same option, which need not be given. */
export const or = <T>(fallback: NoInfer<T>, option: Option<T>): Option<T> => ({ ...option, fallback });

/** The same option, or null: which it is when it is not given. */
export const orNull = <T>({ read }: Option<T>): Option<T | null> => ({
  fallback: null,
  read: (who, name, value) => (value === null ? null : read(who, name, value)),
});

export const flag = (fallback: boolean): Option<boolean> => ({ fallback, read: truth });

/** A finite number of at least `least`. */
export const number = (least = -Infinity): Option<number> => ({
  read: (who, name, value) => finiteNumber(who, name, value, least),
});

/** A number from low to high, both included. */
export const between = (low: number, high: number): Option<number> =>
  required(
    (value): value is number => typeof value === 'number' && value >= low && value <= high,
    `a number from ${low} to ${high}`,
  );

export const whole = (least: number): Option<number> => ({
  read: (who, name, value) => wholeNumber(who, name, value, least),
});

/** A whole number of either sign. */
export const integer: Option<number> = required((value): value is number => Number.isInteger(value), 'a whole number');

/** One of these words. */
export const oneOf = <const T extends string>(words: readonly T[]): Option<T> =>
  required((value): value is T => words.some((word) => word === value), `one of ${words.join(', ')}`);

/** A string with something in it. */
export const text: Option<string> = required(
  (value): value is string => typeof value === 'string' && value !== '',
  'a string with something in it',
);

/** A list, not empty, of what the option allows for one. */
export const listOf = <T>({ read }: Option<T>): Option<readonly T[]> => ({
  read(who, name, value) {
    if (Array.isArray(value) && value.length > 0) return value.map((item, i) => read(who, `${name}[${i}]`, item));
    throw new ValueError(`${who}: ${name} must be a list with something in it, got ${kindOf(value)}`);
  },
});

/** One, or a list of them. */
export const oneOrList = <T>(one: Option<T>): Option<T | readonly T[]> => ({
  read: (who, name, value) => (Array.isArray(value) ? listOf(one) : one).read(who, name, value),
});
