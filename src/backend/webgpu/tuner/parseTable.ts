// A table that was kept or exported, read with distrust.
import { FormatError } from '../../../errors.ts';
import type { AdapterIdentity } from '../device.ts';
import type { Roof } from './costModel.ts';
import { type Entry, FORMAT, type Table } from './table.ts';

/** @throws FormatError when the text is damaged, or tells of another device, with what is wrong */
export function parseTable(text: string, identity: AdapterIdentity): Table {
  const file = object(parseJson(text), 'the table');
  if (file.format !== FORMAT) throw new FormatError(`its format is ${JSON.stringify(file.format)}, not ${FORMAT}`);
  const adapter = string(file, 'adapter');
  if (adapter !== identity.adapter)
    throw new FormatError(`it was measured on another adapter: ${adapter}, not ${identity.adapter}`);
  if (list(file, 'features').map(String).sort().join() !== [...identity.features].sort().join())
    throw new FormatError('it was measured with other features of the adapter');
  const limits = object(file.limits, 'limits');
  for (const [name, value] of Object.entries(identity.limits)) {
    if (limits[name] === value) continue;
    throw new FormatError(
      `it was measured with another limit of the adapter: ${name} ${String(limits[name])}, not ${value}`,
    );
  }
  return {
    roof: file.roof === null ? null : parseRoof(object(file.roof, 'roof')),
    entries: list(file, 'entries').map(parseEntry),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function parseEntry(value: unknown): Entry {
  const entry = object(value, 'an entry');
  const key = string(entry, 'key');
  try {
    return {
      key,
      way: string(entry, 'way'),
      ms: time(entry.ms, 'ms'),
      first: string(entry, 'first'),
      firstMs: time(entry.firstMs, 'firstMs'),
      boundMs: time(entry.boundMs, 'boundMs'),
      timings: list(entry, 'timings').map((one) => [text(pair(one)[0], 'a timing'), time(pair(one)[1], 'a timing')]),
      rejected: list(entry, 'rejected').map((one) => [text(pair(one)[0], 'a way'), text(pair(one)[1], 'a reason')]),
      shaders: string(entry, 'shaders'),
    };
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`${key}: ${error.message}`, { cause: error });
    throw error;
  }
}

function parseRoof(roof: Fields): Roof {
  return {
    flops: time(roof.flops, 'flops'),
    cachedBytes: time(roof.cachedBytes, 'cachedBytes'),
    bytes: time(roof.bytes, 'bytes'),
    dispatchMs: time(roof.dispatchMs, 'dispatchMs'),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // Node quotes the text, line breaks and all.
    const why = String(cause instanceof Error ? cause.message : cause).replace(/\s+/g, ' ');
    throw new FormatError(`it is no JSON (${why})`, { cause });
  }
}

function object(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new FormatError(`${what} is no object`);
}

function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  if (Array.isArray(value)) return value;
  throw new FormatError(`${name} is no list`);
}

function pair(value: unknown): readonly unknown[] {
  if (Array.isArray(value) && value.length === 2) return value;
  throw new FormatError('what should be a name with its value is no pair');
}

function string(fields: Fields, name: string): string {
  return text(fields[name], name);
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new FormatError(`${what} is no text`);
}

/** Times and speeds are above 0; JSON has no other infinities and no NaN, but null. */
function time(value: unknown, what: string): number {
  if (typeof value === 'number' && value > 0 && value < Infinity) return value;
  throw new FormatError(`${what} is ${JSON.stringify(value)}, not a number above 0`);
}
