// Damaged files: seeded, so that every run tries the same ones.
import { expect } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { threefry } from '../../src/tensor/random.ts';

/** Whole numbers below `limit`, the same in every run. */
type Draw = (limit: number) => number;

const damages: readonly ((good: Uint8Array<ArrayBuffer>, draw: Draw) => Uint8Array<ArrayBuffer>)[] = [
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
  // eight bytes of one value: a length or an address that is extreme
  (good, draw) => {
    const bytes = good.slice();
    const at = draw(good.length);
    return bytes.fill([0, 1, 127, 255][draw(4)]!, at, at + 8);
  },
  // a piece that lies elsewhere too
  (good, draw) => {
    const bytes = good.slice();
    const from = draw(good.length);
    bytes.copyWithin(draw(good.length), from, from + draw(64));
    return bytes;
  },
  // a piece left out
  (good, draw) => {
    const at = draw(good.length);
    const end = at + 1 + draw(32);
    const bytes = new Uint8Array(good.length - Math.min(end, good.length) + at);
    bytes.set(good.subarray(0, at));
    bytes.set(good.subarray(end), at);
    return bytes;
  },
];

function edited(good: Uint8Array<ArrayBuffer>, draw: Draw, count: number, edit: (byte: number) => number) {
  const bytes = good.slice();
  for (let i = 0; i < count; i++) {
    const at = draw(bytes.length);
    bytes[at] = edit(bytes[at]!);
  }
  return bytes;
}

/** The `i`-th damaged copy of a file. */
export function damaged(good: Uint8Array<ArrayBuffer>, i: number): Uint8Array<ArrayBuffer> {
  let drawn = 0;
  const draw: Draw = (limit) => Math.floor((threefry([i, 77], [drawn++, 0])[0] / 2 ** 32) * limit);
  return damages[i % damages.length]!(good, draw);
}

/**
 * Reads damaged copies: each is refused by a FormatError, or read, and then `check` looks at what was read. Resolves to how many
 * were read.
 */
export async function expectReadOrRefused<T>(
  good: Uint8Array<ArrayBuffer>,
  read: (bytes: Uint8Array<ArrayBuffer>) => T | Promise<T>,
  check: (found: T) => void | Promise<void> = () => {},
  count = 2100,
): Promise<number> {
  let found = 0;
  for (let i = 0; i < count; i++) {
    try {
      await check(await read(damaged(good, i)));
      found++;
    } catch (error) {
      if (error instanceof FormatError) continue;
      expect.fail(`copy ${i}: ${error instanceof Error ? error.stack : error}`);
    }
  }
  return found;
}
