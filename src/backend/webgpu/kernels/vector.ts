/** The widest vector that divides `length` evenly, as shader aliases. */
export interface Lanes {
  readonly LANES: 1 | 2 | 4;
  readonly Vector: string;
}

export function lanesFor(length: number): Lanes {
  if (length % 4 === 0) return { LANES: 4, Vector: 'vec4f' };
  if (length % 2 === 0) return { LANES: 2, Vector: 'vec2f' };
  return { LANES: 1, Vector: 'f32' };
}

const integerVectors = { 1: 'i32', 2: 'vec2i', 4: 'vec4i' } as const;

/** The integer vector beside a float one. */
export function codesFor({ LANES }: Lanes): string {
  return integerVectors[LANES];
}
