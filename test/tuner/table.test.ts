import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AdapterIdentity } from '../../src/backend/webgpu/device.ts';
import { parseTable } from '../../src/backend/webgpu/tuner/parseTable.ts';
import { type Entry, formatTable, type Table } from '../../src/backend/webgpu/tuner/table.ts';
import { FormatError } from '../../src/errors.ts';
import { property } from '../support/property.ts';

const identity: AdapterIdentity = { adapter: 'a|b|c|d', features: ['subgroups'], limits: { maxBufferSize: 1024 } };

const entry = (key: string): Entry => ({
  key,
  way: 'matmul TM=8 TN=2',
  ms: 0.5,
  first: 'matmul TM=4 TN=1',
  firstMs: 1.25,
  boundMs: 0.1,
  timings: [
    ['matmul TM=4 TN=1', 1.25],
    ['matmul TM=8 TN=2', 0.5],
  ],
  rejected: [['matmul TM=16 TN=2', 'it does not compile']],
  shaders: '0123abcd',
});
const table: Table = {
  roof: { flops: 1e12, cachedBytes: 2e11, bytes: 1e11, dispatchMs: 0.01 },
  entries: [entry('matmul [8]'), entry('__proto__'), entry('constructor')],
};
const text = formatTable(identity, table);

test('what is written is read again, odd names and a missing roof too', () => {
  expect(parseTable(text, identity)).toEqual(table);
  const empty = { roof: null, entries: [] };
  expect(parseTable(formatTable(identity, empty), identity)).toEqual(empty);
});

/** The table with one value replaced, wherever it lies. */
function changed(change: (file: Record<string, unknown>) => void): string {
  const file = JSON.parse(text);
  change(file);
  return JSON.stringify(file);
}

const firstEntry = (change: object) => changed((file) => Object.assign((file.entries as object[])[0]!, change));

test.each([
  ['another format', changed((file) => Object.assign(file, { format: 2 })), /format is 2, not 1/],
  ['another adapter', changed((file) => Object.assign(file, { adapter: 'x' })), /another adapter: x, not a\|b\|c\|d/],
  ['other features', changed((file) => Object.assign(file, { features: [] })), /other features/],
  [
    'other limits',
    changed((file) => Object.assign(file, { limits: { maxBufferSize: 1 } })),
    /another limit .*: maxBufferSize 1, not/,
  ],
  ['half a file', text.slice(0, text.length / 2), /no JSON/],
  ['nothing', '', /no JSON/],
  ['a list', '[]', /the table is no object/],
  ['no entries', changed((file) => Object.assign(file, { entries: null })), /entries is no list/],
  ['a roof of 0', changed((file) => Object.assign(file.roof as object, { flops: 0 })), /flops is 0/],
  ['NaN for a time', firstEntry({ ms: Number.NaN }), /matmul \[8\]: ms is null, not a number above 0/],
  ['a time below 0', firstEntry({ firstMs: -1 }), /firstMs is -1/],
  ['a time as text', firstEntry({ boundMs: '1' }), /boundMs is "1"/],
  ['a way that is none', firstEntry({ way: {} }), /way is no text/],
  ['timings of three', firstEntry({ timings: [['a', 1, 2]] }), /no pair/],
  ['an entry of null', changed((file) => Object.assign(file, { entries: [null] })), /an entry is no object/],
])('%s is refused, with what is wrong', (_, damaged, why) => {
  expect(() => parseTable(damaged, identity)).toThrow(FormatError);
  expect(() => parseTable(damaged, identity)).toThrow(why);
});

/** Every place of a value, as a path of keys. */
function paths(value: unknown): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  return Object.entries(value).flatMap(([key, part]) => [[key], ...paths(part).map((rest) => [key, ...rest])]);
}

property(
  'a table with anything in any place is taken as it is or refused',
  300,
  fc.record({ at: fc.nat(9999), value: fc.jsonValue(), cut: fc.option(fc.nat(text.length)) }),
  async ({ at, value, cut }) => {
    const file: unknown = JSON.parse(text);
    const path = paths(file)[at % paths(file).length]!;
    const holder = path.slice(0, -1).reduce<unknown>((part, key) => Reflect.get(Object(part), key), file);
    Object.defineProperty(holder, path.at(-1)!, { value, enumerable: true, configurable: true, writable: true });
    const damaged = JSON.stringify(file).slice(0, cut ?? undefined);
    try {
      for (const { key, ms } of parseTable(damaged, identity).entries) {
        expect(typeof key).toBe('string');
        expect(ms).toBeGreaterThan(0);
      }
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  },
);
