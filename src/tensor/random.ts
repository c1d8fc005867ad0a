// Counter-based random numbers: value i of a stream is a function of (key, i) alone, in 32-bit integer arithmetic,
// so CPU and GPU draw the same ones in any order. Threefry-2x32 with 20 rounds: Salmon, Moraes, Dror and Shaw,
// "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). shaders/random_uniform.wgsl is the same in WGSL.

/** Two 32-bit words that name a stream. */
export type RandomKey = readonly [number, number];

/** The two random words that belong to a counter. */
export function threefry([k0, k1]: RandomKey, [i, j]: readonly [number, number]): [number, number] {
  const first = firstWord(k0, k1, i, j);
  return [first >>> 0, secondWord >>> 0];
}

let secondWord = 0;

/**
 * The first of the two, signed; the other is left in `secondWord`. Weights are millions of draws: a pair made for each, and rounds in a loop,
 * take twice as long (120 and 57 ns a draw, Node 20).
 */
function firstWord(key0: number, key1: number, i: number, j: number): number {
  const [k0, k1, k2] = [key0 | 0, key1 | 0, key0 ^ key1 ^ 0x1bd11bda];
  let a = (i + k0) | 0;
  let b = (j + k1) | 0;
  a = (a + b) | 0;
  b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0;
  b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0;
  b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0;
  b = ((b << 6) | (b >>> 26)) ^ a;
  a = (a + k1) | 0;
  b = (b + k2 + 1) | 0;
  a = (a + b) | 0;
  b = ((b << 17) | (b >>> 15)) ^ a;
  a = (a + b) | 0;
  b = ((b << 29) | (b >>> 3)) ^ a;
  a = (a + b) | 0;
  b = ((b << 16) | (b >>> 16)) ^ a;
  a = (a + b) | 0;
  b = ((b << 24) | (b >>> 8)) ^ a;
  a = (a + k2) | 0;
  b = (b + k0 + 2) | 0;
  a = (a + b) | 0;
  b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0;
  b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0;
  b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0;
  b = ((b << 6) | (b >>> 26)) ^ a;
  a = (a + k0) | 0;
  b = (b + k1 + 3) | 0;
  a = (a + b) | 0;
  b = ((b << 17) | (b >>> 15)) ^ a;
  a = (a + b) | 0;
  b = ((b << 29) | (b >>> 3)) ^ a;
  a = (a + b) | 0;
  b = ((b << 16) | (b >>> 16)) ^ a;
  a = (a + b) | 0;
  b = ((b << 24) | (b >>> 8)) ^ a;
  a = (a + k1) | 0;
  b = (b + k2 + 4) | 0;
  a = (a + b) | 0;
  b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0;
  b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0;
  b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0;
  b = ((b << 6) | (b >>> 26)) ^ a;
  a = (a + k2) | 0;
  b = (b + k0 + 5) | 0;
  secondWord = b;
  return a;
}

/** Value i of a draw from the stream, in [0, 1): a multiple of 2^-24, so it is exact in float32. */
export function uniformAt(key: RandomKey, i: number, draw = 0): number {
  return (firstWord(key[0], key[1], i, draw) >>> 8) * 2 ** -24;
}

/** The first `size` values of the stream, in [0, 1). */
export function uniformValues(key: RandomKey, size: number): Float64Array {
  const values = new Float64Array(size);
  for (let i = 0; i < size; i++) values[i] = uniformAt(key, i);
  return values;
}

/** Standard normal values by Box and Muller's transform of two streams of words. */
export function normalValues(key: RandomKey, size: number): Float64Array {
  const values = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const a = firstWord(key[0], key[1], i, 1) >>> 0;
    // (a + 1) / 2^32 is never 0
    values[i] = Math.sqrt(-2 * Math.log((a + 1) * 2 ** -32)) * Math.cos(2 * Math.PI * (secondWord >>> 0) * 2 ** -32);
  }
  return values;
}

/** Normal values redrawn until they lie within two standard deviations. */
export function truncatedNormalValues(key: RandomKey, size: number): Float64Array {
  const values = normalValues(key, size);
  for (let redraw = 1; values.some((value) => Math.abs(value) > 2); redraw++) {
    const fresh = normalValues(threefry(key, [redraw, 2]), size);
    for (let i = 0; i < size; i++) if (Math.abs(values[i]!) > 2) values[i] = fresh[i]!;
  }
  return values;
}

/** The numbers 0 ... size - 1 in random order (Fisher and Yates). */
export function permutation(key: RandomKey, size: number): Int32Array {
  const order = Int32Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor((threefry(key, [i, 3])[0] / 2 ** 32) * (i + 1));
    const moved = order[i]!;
    order[i] = order[j]!;
    order[j] = moved;
  }
  return order;
}
