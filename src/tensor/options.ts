// Checks of options. Each error names whose option it is, what came and what was expected.
import { BackendError, ValueError } from '../errors.ts';
import { snakeCase } from './names.ts';
import { Tensor } from './tensor.ts';

/** Options that nobody knows are refused: a misspelt one would otherwise be ignored in silence. */
export function refuseUnknown(who: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new ValueError(`${who}: options must be an object, got ${kindOf(options)}; there are ${known.join(', ')}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw new ValueError(`${who}: unknown option ${name}; there are ${known.join(', ') || 'none'}`);
  }
}

export function wholeNumber(who: string, name: string, value: unknown, least: number, most = Infinity): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  const range = least === -Infinity ? '' : ` of at least ${least}${most === Infinity ? '' : ` and at most ${most}`}`;
  throw new ValueError(`${who}: ${name} must be a whole number${range}, got ${numberOrKind(value)}`);
}

/** A finite number of at least `least` and below `below`. */
export function finiteNumber(who: string, name: string, value: unknown, least = -Infinity, below = Infinity): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= least && value < below) return value;
  const range =
    below === Infinity ? (least === -Infinity ? '' : ` of at least ${least}`) : ` from ${least} to below ${below}`;
  throw new ValueError(`${who}: ${name} must be a finite number${range}, got ${numberOrKind(value)}`);
}

/** A number from 0 to 1, both included. */
export function fraction(who: string, name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new ValueError(`${who}: ${name} must be a number from 0 to 1, got ${numberOrKind(value)}`);
}

/** A finite number above 0. */
export function positiveNumber(who: string, name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw new ValueError(`${who}: ${name} must be a finite number above 0, got ${numberOrKind(value)}`);
}

/** What a value is, for an error that refuses it: short, whatever it is. */
export function kindOf(value: unknown): string {
  if (value instanceof Tensor) return 'a tensor';
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'null';
  if (value instanceof Promise) return 'a promise';
  if (typeof value === 'string')
    return `string ${JSON.stringify(value.length > 99 ? `${value.slice(0, 99)}…` : value)}`;
  return typeof value === 'number' || typeof value === 'boolean' ? `${typeof value} ${value}` : typeof value;
}

const numberOrKind = (value: unknown) => (typeof value === 'number' ? String(value) : kindOf(value));

/** Refuses arguments that are no tensors, or none any more. */
export function requireTensors(who: string, named: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(named)) {
    if (!(value instanceof Tensor)) throw new ValueError(`${who}: ${name} must be a tensor, got ${kindOf(value)}`);
    if (value.isDisposed) throw new BackendError(`${who}: ${value.toString()} was disposed and cannot be used`);
  }
}

/** The same for a list of them. */
export function requireTensorList(who: string, name: string, list: unknown): void {
  if (!Array.isArray(list)) throw new ValueError(`${who}: ${name} must be a list of tensors, got ${kindOf(list)}`);
  list.forEach((item, i) => {
    requireTensors(who, { [`${name}[${i}]`]: item });
  });
}

export function requireFunction(who: string, value: unknown): void {
  if (typeof value !== 'function') throw new ValueError(`${who}: expected a function, got ${kindOf(value)}`);
}

export function truth(who: string, name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new ValueError(`${who}: ${name} must be true or false, got ${kindOf(value)}`);
}

/** Options whose one number may stand alone: `L2(0.01)` for `L2({ l2: 0.01 })`. */
export function numberOr(name: string, given: unknown): object {
  // what is no object is refused by who reads the options
  return typeof given === 'number' ? { [name]: given } : (given as object);
}

/** Arguments by place together with the options behind them. What has a place is no option. */
export function withPlaces(who: string, options: object, places: Readonly<Record<string, unknown>>): object {
  // what there is besides is refused by who reads them
  if (typeof options !== 'object' || options === null)
    throw new ValueError(`${who}: options must be an object, got ${kindOf(options)}`);
  const twice = Object.keys(places).find((name) => name in options);
  if (twice !== undefined) throw new ValueError(`${who}: unknown option ${twice}: it stands before the options`);
  return { ...options, ...places };
}

/** One of a few words, in Keras' spelling, in camelCase or in capitals. */
export function oneOf<W extends string>(who: string, name: string, value: unknown, words: readonly W[]): W {
  const found = typeof value === 'string' ? words.find((word) => word === snakeCase(value)) : undefined;
  if (found !== undefined) return found;
  throw new ValueError(`${who}: ${name} must be one of ${words.join(', ')}, got ${kindOf(value)}`);
}
