// What a file may cost to read. Sizes in a file are claims of whoever wrote it, so each is checked before memory is taken.
import { FormatError } from '../errors.ts';
import { sizeOf } from '../tensor/shape.ts';

/** Compressed parts of a file may unpack to so many bytes in all: 1 GiB, twice the largest published CNN. What is stored as it is counts nothing. */
export const MOST_UNPACKED = 2 ** 30;

/** More text than any model needs: a configuration of a thousand layers has about one MB. */
export const MOST_TEXT = 64 * 2 ** 20;

/** Elements of a shape read from a file. @throws FormatError when it is no shape */
export function checkedSize(where: string, shape: readonly unknown[]): number {
  const lengths = shape.filter((n): n is number => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0);
  const size = sizeOf(lengths);
  if (lengths.length === shape.length && Number.isSafeInteger(size)) return size;
  throw new FormatError(`${where}: ${JSON.stringify(shape)} is no shape`);
}

/** The JSON object in a text of a file. */
export function parseObject(text: string, where: string): Readonly<Record<string, unknown>> {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`${where}: is no JSON`, { cause });
  }
  if (isObject(found)) return found;
  throw new FormatError(`${where}: expected a JSON object`);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
