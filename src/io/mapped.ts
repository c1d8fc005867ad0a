import { isPlainObject } from '../models/arrays.ts';

/** A function on everything that lists and objects hold. */
export function mapped(given: unknown, map: (one: unknown) => unknown): unknown {
  if (given === null) return null;
  if (Array.isArray(given)) return given.map((one: unknown) => mapped(one, map));
  if (!isPlainObject(given) || 'class_name' in given) return map(given);
  return Object.fromEntries(Object.entries(given).map(([name, one]) => [name, mapped(one, map)]));
}
