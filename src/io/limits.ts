// What a file may cost to read. Sizes in a file are claims of whoever wrote it, so each is checked before memory is taken.
import { FormatError } from '../errors.ts';
import { sizeOf } from '../tensor/shape.ts';

/** Compressed parts of a file may unpack to so many bytes in all: 1 GiB, twice the largest published CNN. What is stored as it is counts nothing. */
export const MOST_UNPACKED = 2 ** 30;

/** More text than any model needs, in bytes: a configuration of a thousand layers has about one MB. */
export const MOST_TEXT = 16 * 2 ** 20;

/** A text of a file. @throws FormatError when it is longer than MOST_TEXT */
export function decodeText(bytes: Uint8Array, where: string): string {
  if (bytes.length <= MOST_TEXT) return new TextDecoder().decode(bytes);
  throw new FormatError(`${where}: ${bytes.length} bytes of text are more than the ${MOST_TEXT} allowed`);
}

/** As many as an array of numpy has; HDF5 stops at 32. */
const MOST_AXES = 64;

/** Elements of a shape read from a file. @throws FormatError when it is no shape */
export function checkedSize(where: string, shape: readonly unknown[]): number {
  const lengths = shape.filter((n): n is number => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0);
  const size = sizeOf(lengths);
  if (shape.length > MOST_AXES) throw new FormatError(`${where}: ${shape.length} axes are more than ${MOST_AXES}`);
  if (lengths.length === shape.length && Number.isSafeInteger(size)) return size;
  throw new FormatError(`${where}: ${JSON.stringify(shape)} is no shape`);
}

/** Deeper than any configuration. */
const MOST_NESTED = 256;

/** The JSON object in a text of a file. Lists in lists without end are refused: whoever walks through them would run out of stack. */
export function parseObject(text: string, where: string): Readonly<Record<string, unknown>> {
  if (text.length > MOST_TEXT)
    throw new FormatError(`${where}: ${text.length} characters are more than the ${MOST_TEXT} allowed`);
  if (nesting(text) > MOST_NESTED) throw new FormatError(`${where}: is nested more than ${MOST_NESTED} deep`);
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`${where}: is no JSON`, { cause });
  }
  if (isObject(found)) return found;
  throw new FormatError(`${where}: expected a JSON object`);
}

/** How deep lists and objects of a JSON text lie in each other. */
function nesting(text: string): number {
  let [depth, deepest, inString] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (inString && sign === '\\') i++;
    else if (sign === '"') inString = !inString;
    else if (inString) continue;
    else if (sign === '[' || sign === '{') deepest = Math.max(deepest, ++depth);
    else if (sign === ']' || sign === '}') depth--;
  }
  return deepest;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
