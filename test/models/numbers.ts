/** Numbers between -1 and 1 that look random and are the same everywhere. */
export function wave(size: number, step = 1): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sin(1 + i * step * 0.7));
}
