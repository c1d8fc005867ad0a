// Values and choices that a test draws by seed: the same on every machine, so a failure can be repeated.
import type { DType } from '../../src/backend/backend.ts';
import { threefry } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import type { Operand } from './twoBackends.ts';

/** Small whole numbers: products and sums of them are exact in float32 whatever the order. */
export function integers(size: number, seed: number, span = 4): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => (threefry([seed, 5], [i, 0])[0] % (2 * span + 1)) - span);
}

/** A tensor of small whole numbers, as far as its dtype has them. */
export function whole(shape: readonly number[], seed: number, span = 4, dtype: DType = 'float32'): Operand {
  const data = integers(sizeOf(shape), seed, span);
  if (dtype === 'bool') return { shape, dtype, data: data.map((value) => Number(value > 0)) };
  return { shape, dtype, data: dtype === 'uint8' ? data.map(Math.abs) : data };
}

/** Evenly spread numbers with all 24 digits of a float32 in use. */
export function floats(size: number, seed: number, low = -1, high = 1): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => low + (high - low) * (threefry([seed, 6], [i, 0])[0] / 2 ** 32));
}

/** Picks one of the options. */
export type Choose = <T>(options: readonly T[]) => T;

export function chooser(seed: number): Choose {
  let drawn = 0;
  return (options) => options[threefry([seed, 17], [drawn++, 0])[0] % options.length]!;
}

/** 1 ... count, for test.each. */
export function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

export function show(value: unknown): string {
  return JSON.stringify(value);
}

/** The arrays with every -0 as 0: WGSL lets a shader lose the sign of a zero. */
export function plainZeros<T extends { map(f: (value: number) => number): T }>(arrays: readonly T[]): T[] {
  return arrays.map((values) => values.map((value) => value + 0));
}
