// Counter-based random numbers: value i of a stream is a function of (key, i) alone, in 32-bit integer arithmetic,
// so CPU and GPU draw the same ones in any order. Threefry-2x32 with 20 rounds: Salmon, Moraes, Dror and Shaw,
// "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). shaders/random_uniform.wgsl is the same in WGSL.

/** Two 32-bit words that name a stream. */
export type RandomKey = readonly [number, number];

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** The two random words that belong to a counter. */
export function threefry(key: RandomKey, counter: readonly [number, number]): [number, number] {
  const keys = [key[0] | 0, key[1] | 0, key[0] ^ key[1] ^ 0x1bd11bda] as const;
  let a = (counter[0] + keys[0]) | 0;
  let b = (counter[1] + keys[1]) | 0;
  for (let round = 0; round < 20; round++) {
    const rotation = rotations[round % 8]!;
    a = (a + b) | 0;
    b = ((b << rotation) | (b >>> (32 - rotation))) ^ a;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      a = (a + keys[injection % 3]!) | 0;
      b = (b + keys[(injection + 1) % 3]! + injection) | 0;
    }
  }
  return [a >>> 0, b >>> 0];
}

/** Value i of a draw from the stream, in [0, 1): a multiple of 2^-24, so it is exact in float32. */
export function uniformAt(key: RandomKey, i: number, draw = 0): number {
  return (threefry(key, [i, draw])[0] >>> 8) * 2 ** -24;
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
    const [a, b] = threefry(key, [i, 1]);
    // (a + 1) / 2^32 is never 0
    values[i] = Math.sqrt(-2 * Math.log((a + 1) * 2 ** -32)) * Math.cos(2 * Math.PI * b * 2 ** -32);
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
