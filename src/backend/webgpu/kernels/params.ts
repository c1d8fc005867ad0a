import type { DType } from '../../backend.ts';

/** Element types as shaders number them. */
export const elementType: Readonly<Record<DType, number>> = { float32: 0, int32: 1, uint8: 2, bool: 3, float64: -1 };

/** A whole uniform block: WGSL wants a multiple of 16 bytes. */
export function uniform(...words: readonly number[]): Uint32Array {
  const block = new Uint32Array(Math.ceil(words.length / 4) * 4);
  block.set(words);
  return block;
}

/** Up to eight words as the array<vec4u, 2> of a uniform block, which starts at a multiple of 16 bytes. */
export function eight(words: readonly number[]): number[] {
  return Array.from({ length: 8 }, (_, i) => words[i] ?? 0);
}

const converter = new DataView(new ArrayBuffer(4));

/** A float as the word that a shader reads it from. */
export function floatBits(value: number): number {
  converter.setFloat32(0, value);
  return converter.getUint32(0);
}
