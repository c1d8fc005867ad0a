import { ValueError } from '../../errors.ts';
import { entryNamed } from '../../tensor/names.ts';
import { exponential, fixed, general, pythonFloat } from '../formatNumber.ts';

/** Gives the name for these numbers. @throws ValueError when it wants one that is not among them */
export type FileName = (values: Readonly<Record<string, number>>) => string;

type Piece = string | { readonly name: string; readonly format: (value: number) => string };

/**
 * A file name with places for numbers, as Python's `format` fills them: `{epoch:02d}`, `{batch}`, `{val_loss:.2f}`; types d, f, e and g;
 * `{{` and `}}` for braces.
 *
 * @throws ValueError for a place that is not of that form
 */
export function fileName(who: string, pattern: string): FileName {
  const pieces = Array.from(pattern.matchAll(/\{\{|\}\}|\{[^{}]*\}|[^{}]+|./gs), ([text]) => piece(who, pattern, text));
  return (values) => {
    const fill = ({ name, format }: Exclude<Piece, string>) => {
      const value = entryNamed(values, name);
      if (value !== null) return format(value);
      throw new ValueError(`${who}: ${pattern} wants ${name}; there are ${Object.keys(values).join(', ')}`);
    };
    return pieces.map((part) => (typeof part === 'string' ? part : fill(part))).join('');
  };
}

function piece(who: string, pattern: string, text: string): Piece {
  if (text === '{{' || text === '}}') return text[0]!;
  if (!/^[{}]/.test(text)) return text;
  const [, name, zero, width, digits, type] =
    /^\{([^{}:!]+)(?::(0?)(\d{0,2})(?:\.(\d{1,2}))?([dfeg]?))?\}$/.exec(text) ?? [];
  const isWhole = name === 'epoch' || name === 'batch';
  const kind = type || (isWhole ? 'd' : '');
  // precision needs a type that has one, and d a number that is whole
  if (name === undefined || (digits !== undefined && (kind === '' || kind === 'd')) || (kind === 'd' && !isWhole)) {
    throw new ValueError(
      `${who}: ${text} in ${pattern} is no place for a number; expected {epoch}, {epoch:02d}, {batch} or a log key as in {val_loss:.2f}, with f, e or g`,
    );
  }
  const print = printers[kind]!;
  const format = (value: number) =>
    padded(print(value, digits === undefined ? 6 : Number(digits)), Number(width ?? 0), zero === '0');
  return { name, format };
}

const printers: Readonly<Record<string, (value: number, digits: number) => string>> = {
  '': pythonFloat,
  d: String,
  f: fixed,
  e: exponential,
  g: general,
};

/** Zeros go behind the sign. */
function padded(text: string, width: number, withZeros: boolean): string {
  if (!withZeros) return text.padStart(width);
  return text.startsWith('-') ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0');
}
