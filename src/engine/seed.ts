import { ValueError } from '../errors.ts';
import { type RandomKey, threefry } from '../tensor/random.ts';

/** The stream that keys come from, and how many it has given. */
let base: RandomKey = [0, 0];
let drawn = 0;

/** Seeds every generator: initializers, shuffling, dropout, random tensors. The same seed draws the same numbers on every backend. */
export function setRandomSeed(value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new ValueError(`setRandomSeed: expected a whole number from 0 to 2^32 - 1, got ${value}`);
  }
  base = baseOf(value);
  drawn = 0;
}

/** The key of a new stream of random numbers. */
export function nextKey(): RandomKey {
  return threefry(base, [drawn++, 0]);
}

/** Runs `body` with every stream that it begins taken from that one: the same key, the same numbers, whatever was drawn before. */
export function withStream<R>(key: RandomKey, body: () => R): R {
  const before = { base, drawn };
  [base, drawn] = [key, 0];
  try {
    return body();
  } finally {
    ({ base, drawn } = before);
  }
}

/** Runs `body` and takes back the streams that it began: what follows draws as if it had never run. */
export function withoutDrawing<R>(body: () => R): R {
  const before = drawn;
  try {
    return body();
  } finally {
    drawn = before;
  }
}

/** The key of stream `index` of a seed, the same at every call. */
export function keyOf(ofSeed: number, index = 0): RandomKey {
  return threefry(baseOf(ofSeed), [index, 0]);
}

function baseOf(seed: number): RandomKey {
  return [seed, 0x77677367];
}

export function randomizeSeed(): void {
  const word = new Uint32Array(1);
  globalThis.crypto.getRandomValues(word);
  setRandomSeed(word[0]!);
}

randomizeSeed();
