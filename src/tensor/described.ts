// What files know by name: initializers, regularizers, constraints, losses, metrics. Each carries what Keras writes of it.
import { ValueError } from '../errors.ts';
import { camelCase, entryNamed, snakeCase } from './names.ts';
import { kindOf } from './options.ts';

/** The class that Keras has for a thing, and the options that make it again, in Keras' spelling. */
export interface Described {
  readonly module: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** The function with its description. */
export function described<F extends (...args: never[]) => unknown>(
  f: F,
  module: string,
  className: string,
  config: Readonly<Record<string, unknown>> = {},
): F & Described {
  return Object.assign(f, { module: `keras.${module}`, className, config });
}

/** What was made with these options, in our spelling, with its description. */
export function madeOf<T extends object>(made: T, module: string, className: string, options: object): T & Described {
  const config = Object.fromEntries(Object.entries(options).map(([name, value]) => [snakeCase(name), value]));
  return Object.assign(made, { module: `keras.${module}`, className, config });
}

/** A value of a configuration as Keras writes it. Of a function that nobody described the name is written, as Keras does. */
export function serialized(value: unknown): unknown {
  if (isDescribed(value)) return entry(value.module, value.className, value.config);
  return typeof value === 'function' ? entry('builtins', 'function', value.name, 'function') : value;
}

function isDescribed(value: unknown): value is Described {
  const isThing = typeof value === 'function' || (typeof value === 'object' && value !== null);
  return isThing && 'className' in value && 'config' in value && 'module' in value;
}

function entry(module: unknown, class_name: string, config: unknown, registered_name: string | null = null): object {
  return { module, class_name, config, registered_name };
}

/**
 * One of a table of makers: a function as it is, one by its Keras name (or in camelCase), or from what a file says of it,
 * { class_name, config }.
 */
export function resolveDescribed<F extends (...args: never[]) => unknown>(
  who: string,
  what: string,
  table: Readonly<Record<string, (options: object) => F>>,
  given: unknown,
): F {
  // what a function takes and gives is seen when it is used
  if (typeof given === 'function') return given as F;
  const [name, config] = nameAndConfig(given);
  const make = typeof name === 'string' ? entryNamed(table, snakeCase(name)) : null;
  if (make) return make(config);
  throw new ValueError(`${who}: unknown ${what} ${kindOf(name)}; there are ${Object.keys(table).join(', ')}`);
}

function nameAndConfig(given: unknown): [name: unknown, config: object] {
  if (typeof given !== 'object' || given === null || !('class_name' in given)) return [given, {}];
  const options = Object.entries(optionsFrom('config' in given ? given.config : {}));
  // what is null was not chosen
  return [given.class_name, Object.fromEntries(options.filter(([, value]) => value !== null))];
}

/** Options from a configuration in Keras' spelling. A dtype is left out: everything is computed in the backend's float. */
export function optionsFrom(config: unknown): Record<string, unknown> {
  const entries = Object.entries({ ...(config as object) }).filter(([name]) => name !== 'dtype');
  return Object.fromEntries(entries.map(([name, value]) => [camelCase(name), value]));
}
