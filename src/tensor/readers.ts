// Options as a table: for each a function that checks it, or says what stands for one that was not given. The same table names the
// options that there are.
import { ValueError } from '../errors.ts';
import { finiteNumber, fraction, kindOf, oneOf, refuseUnknown, truth, wholeNumber } from './options.ts';

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

/** The same, and options that the table does not name are refused. */
export function readOptions<R extends Readers>(who: string, readers: R, options: object): Settings<R> {
  return readBoth(who, readers, {}, options)[0];
}

/** Options of two tables in one object, told apart: those of a function, and those of what is made of it. */
export function readBoth<A extends Readers, B extends Readers>(
  who: string,
  a: A,
  b: B,
  options: object,
): [Settings<A>, Settings<B>] {
  refuseUnknown(who, options, Object.keys({ ...a, ...b }));
  return [readSettings(who, a, options), readSettings(who, b, options)];
}

/** null, also where nothing was given. */
export function optional<V>(reader: Reader<V>): Reader<V | null> {
  return (who, name, given) => (given === undefined || given === null ? null : reader(who, name, given));
}

export function whole(least: number, otherwise?: number, most?: number): Reader<number> {
  return (who, name, given = otherwise) => wholeNumber(who, name, given, least, most);
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

/** A list with something in it. */
export function someOf<V>(what: string, entry: Reader<V>): Reader<V[]> {
  const any = list(what, entry);
  return (who, name, given) => {
    const found = any(who, name, given);
    if (found.length > 0) return found;
    throw new ValueError(`${who}: ${name} must be a list of ${what}, got an empty one`);
  };
}

/** One or a list of them. */
export function oneOrMore<V>(what: string, entry: Reader<V>): Reader<V | V[]> {
  const many = someOf(what, entry);
  return (who, name, given) => (Array.isArray(given) ? many : entry)(who, name, given);
}

/** A string with something in it. */
export function text(otherwise: string): Reader<string> {
  return (who, name, given = otherwise) => {
    if (typeof given === 'string' && given !== '') return given;
    throw new ValueError(`${who}: ${name} must be a string with something in it, got ${kindOf(given)}`);
  };
}
