// Damaged files: seeded, so that every run tries the same ones. WGSLGRAD_SEED draws others, WGSLGRAD_RUNS so many of them.
import { expect } from 'vitest';
import type { Model } from 'wgslgrad';
import { FormatError } from '../../src/errors.ts';
import { isObject } from '../../src/io/limits.ts';
import { threefry } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Whole numbers below `limit`. */
type Draw = (limit: number) => number;

const SEED = Number(process.env.WGSLGRAD_SEED ?? 1);

/** The numbers of the i-th case. */
export function drawOf(i: number): Draw {
  let drawn = 0;
  return (limit) => Math.floor((threefry([i, 76 + SEED], [drawn++, 0])[0] / 2 ** 32) * limit);
}

const oneOf = <T>(draw: Draw, list: readonly T[]): T => list[draw(list.length)]!;

/** Lengths and places that are extreme, each in as many bytes as there are. */
const extremes = [
  0n,
  1n,
  127n,
  255n,
  65535n,
  2n ** 31n - 1n,
  2n ** 32n - 1n,
  2n ** 40n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

const damages: readonly ((good: Bytes, draw: Draw) => Bytes)[] = [
  // cut off
  (good, draw) => good.slice(0, draw(good.length)),
  // one to four bits flipped
  (good, draw) => edited(good, draw, 1 + draw(4), (byte) => byte ^ (1 << draw(8))),
  // the same near the start, where headers are
  (good, draw) =>
    edited(
      good,
      (limit) => draw(Math.min(limit, 512)),
      1 + draw(4),
      (byte) => byte ^ (1 << draw(8)),
    ),
  // eight bytes of one value
  (good, draw) => {
    const bytes = good.slice();
    const at = draw(good.length);
    return bytes.fill(oneOf(draw, [0, 1, 127, 255]), at, at + 8);
  },
  // an extreme number where one may stand
  (good, draw) => {
    const length = oneOf(draw, [2, 4, 8]);
    const bytes = good.slice();
    const at = length * draw(Math.ceil(good.length / length));
    const number = oneOf(draw, extremes);
    for (let i = 0; i < length && at + i < bytes.length; i++) bytes[at + i] = Number((number >> BigInt(8 * i)) & 255n);
    return bytes;
  },
  // a number next to what it was
  (good, draw) => edited(good, draw, 1, (byte) => byte + oneOf(draw, [1, -1, 8, -8])),
  // two numbers, such as lengths, in each other's place
  (good, draw) => {
    const length = oneOf(draw, [2, 4, 8]);
    const bytes = good.slice();
    const [a, b] = [length * draw(Math.floor(good.length / length)), length * draw(Math.floor(good.length / length))];
    bytes.set(good.subarray(a, a + length), b);
    bytes.set(good.subarray(b, b + length), a);
    return bytes;
  },
  // a piece that lies elsewhere too
  (good, draw) => {
    const bytes = good.slice();
    const from = draw(good.length);
    bytes.copyWithin(draw(good.length), from, from + draw(64));
    return bytes;
  },
  // a piece twice, and all behind it further on
  (good, draw) => {
    const [at, length] = [draw(good.length), 1 + draw(256)];
    return joined(good.subarray(0, at + length), good.subarray(at));
  },
  // bytes put in
  (good, draw) => {
    const at = draw(good.length + 1);
    return joined(
      good.subarray(0, at),
      Uint8Array.from({ length: 1 + draw(16) }, () => draw(256)),
      good.subarray(at),
    );
  },
  // a piece left out
  (good, draw) => {
    const at = draw(good.length);
    return joined(good.subarray(0, at), good.subarray(at + 1 + draw(32)));
  },
];

function joined(...parts: Uint8Array[]): Bytes {
  return new Uint8Array(Buffer.concat(parts));
}

function edited(good: Bytes, draw: Draw, count: number, edit: (byte: number) => number): Bytes {
  const bytes = good.slice();
  for (let i = 0; i < count; i++) {
    const at = draw(bytes.length);
    bytes[at] = edit(bytes[at]!);
  }
  return bytes;
}

/** The i-th damaged copy of a file. */
export function damaged(good: Bytes, i: number): Bytes {
  const draw = drawOf(i);
  return oneOf(draw, damages)(good, draw);
}

/** Stands for a number that JSON can say and a program cannot hold. */
const INFINITE = '@1e400@';

/** What may stand anywhere in a configuration. */
// biome-ignore format: a table
const values: readonly (() => unknown)[] = [
  () => null, () => true, () => false, () => 0, () => -1, () => 0.5, () => 2 ** 31, () => 2 ** 53, () => 1e308, () => INFINITE,
  () => '', () => 'x', () => '__proto__', () => 'constructor', () => 'relu', () => 'x'.repeat(10_000), () => 'a/../b', () => [], () => ({}), () => [[1]], () => [null, null],
  () => [2 ** 30, 2 ** 30], () => Array(1000).fill(1), () => ({ class_name: 'L2', config: {} }), () => ({ class_name: 'Lambda', config: {} }),
  () => Array.from({ length: 200 }).reduce((inner) => [inner], 0), () => Array.from({ length: 300 }).reduce((inner) => ({ config: inner }), 0),
];

/** A place in a document: a list or an object, and which of its entries. */
interface Spot {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function spotsOf(document: unknown): Spot[] {
  const found: Spot[] = [];
  const visit = (one: unknown) => {
    if (!isHolder(one)) return;
    for (const key of Object.keys(one)) {
      found.push({ holder: one, key });
      visit(one[key]);
    }
  };
  visit(document);
  return found;
}

function isHolder(one: unknown): one is Record<string, unknown> {
  return isObject(one) || Array.isArray(one);
}

/** Also where the name is one that assignment does not take for a name. */
function put({ holder, key }: Spot, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

const edits: readonly ((spot: Spot, spots: readonly Spot[], draw: Draw) => void)[] = [
  // another kind of thing
  (spot, _, draw) => put(spot, oneOf(draw, values)()),
  // left out
  ({ holder, key }) => void (Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key]),
  // twice
  ({ holder, key }) =>
    void (Array.isArray(holder) && holder.splice(Number(key), 0, structuredClone(holder[Number(key)]))),
  // what stands elsewhere: a name twice, a circle, another class
  (spot, spots, draw) => {
    const other = oneOf(draw, spots);
    put(spot, structuredClone(other.holder[other.key]));
  },
  // the same of things of one kind
  (spot, spots, draw) => {
    const kind = typeof spot.holder[spot.key];
    const alike = spots.filter(({ holder, key }) => typeof holder[key] === kind && key === spot.key);
    const other = oneOf(draw, alike);
    put(spot, structuredClone(other.holder[other.key]));
  },
  // changed places
  (spot, spots, draw) => {
    const other = oneOf(draw, spots);
    const [a, b] = [spot, other].map(({ holder, key }) => structuredClone(holder[key]));
    put(spot, b);
    put(other, a);
  },
  // another name
  ({ holder, key }, spots, draw) => {
    const value = holder[key];
    if (Array.isArray(holder)) return;
    delete holder[key];
    put({ holder, key: oneOf(draw, ['__proto__', 'constructor', 'toString', oneOf(draw, spots).key]) }, value);
  },
  // a number near or far
  (_, spots, draw) => {
    const numbers = spots.filter(({ holder, key }) => typeof holder[key] === 'number');
    if (numbers.length === 0) return;
    const { holder, key } = oneOf(draw, numbers);
    const old = Number(holder[key]);
    put({ holder, key }, oneOf(draw, [old + 1, old - 1, -old, old * 2 ** 20, old + 0.5, 2 ** 32, 1e9]));
  },
];

/** The i-th copy of a JSON text with one to three of its values changed. It is JSON still. */
export function damagedJson(good: string, i: number): string {
  const draw = drawOf(i);
  const document: unknown = JSON.parse(good);
  for (let left = 1 + draw(3); left > 0; left--) {
    const spots = spotsOf(document);
    if (spots.length > 0) oneOf(draw, edits)(oneOf(draw, spots), spots, draw);
  }
  return JSON.stringify(document).replaceAll(`"${INFINITE}"`, '1e400');
}

/** No copy may take longer, on a machine that has other things to do too. */
const SLOWEST = 5000;

/** What the process may grow by, in bytes: files of some KB are read. */
const MOST_MEMORY = 2 ** 29;

/**
 * Reads the copies that `make` gives: each is refused by a FormatError, or read, and then `check` looks at what was read. Resolves to
 * how many were read.
 */
export async function expectReadOrRefused<T>(
  make: (i: number) => Bytes | Promise<Bytes>,
  read: (bytes: Bytes) => T | Promise<T>,
  check: (found: T) => void | Promise<void> = () => {},
  count = 2100,
): Promise<number> {
  let found = 0;
  let slowest = 0;
  const memory = () => process.resourceUsage().maxRSS * 1024;
  const before = memory();
  for (let i = 0; i < Number(process.env.WGSLGRAD_RUNS ?? count); i++) {
    const copy = await make(i);
    const begin = performance.now();
    try {
      await check(await read(copy));
      found++;
    } catch (error) {
      if (!(error instanceof FormatError)) expect.fail(`copy ${i}: ${error instanceof Error ? error.stack : error}`);
    }
    slowest = Math.max(slowest, performance.now() - begin);
    if (slowest > SLOWEST) expect.fail(`copy ${i} took ${Math.round(slowest)} ms`);
    // the question takes a while itself
    if (i % 100 === 99 && memory() - before > MOST_MEMORY)
      expect.fail(`copies up to ${i} took ${memory() - before} bytes`);
  }
  if (process.env.WGSLGRAD_RUNS)
    console.log(`read ${found}, slowest ${slowest} ms, memory ${(memory() - before) / 2 ** 20} MiB`);
  return found;
}

/** Lets go of what a model has. */
export function free(model: Model): void {
  for (const { variable } of model.weights) variable.dispose();
  for (const { value } of model.currentObjective?.optimizer.variables ?? []) value.dispose();
}

/** Each weight has as many numbers as its shape says; then it is let go. */
export function expectWhole(model: Model): void {
  for (const { variable, shape, name } of model.weights) {
    if (variable.size !== sizeOf(shape)) expect(variable.size, name).toBe(sizeOf(shape));
  }
  free(model);
}
