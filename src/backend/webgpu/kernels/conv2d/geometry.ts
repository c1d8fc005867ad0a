import type { Shape } from '../../../backend.ts';
import type { ConvAttrs } from '../../../kernels.ts';
import { uniform } from '../params.ts';

export type Four = [number, number, number, number];

/** The consts of those shaders of a convolution that have its sizes compiled in, but for the number of images. `x` and `kernel` are the shapes of its forward pass. */
export function geometry(x: Shape, kernel: Shape, attrs: ConvAttrs) {
  const [, H, W, C] = x as Four;
  const [R, S, , K] = kernel as Four;
  return {
    H,
    W,
    C,
    R,
    S,
    K,
    P: attrs.p,
    Q: attrs.q,
    STRIDE_H: attrs.strideH,
    STRIDE_W: attrs.strideW,
    DILATION_H: attrs.dilationH,
    DILATION_W: attrs.dilationW,
    PAD_TOP: attrs.padTop,
    PAD_LEFT: attrs.padLeft,
    GROUPS: attrs.groups,
  };
}

/** The same for the shaders that know no groups. */
export function ungrouped(x: Shape, kernel: Shape, attrs: ConvAttrs) {
  const { GROUPS: _, ...consts } = geometry(x, kernel, attrs);
  return consts;
}

/** Images and all as numbers, in the order of `struct Sizes` of those shaders that have no sizes compiled in. */
export function sizesOf(x: Shape, kernel: Shape, attrs: ConvAttrs, ...more: readonly number[]): Uint32Array {
  const [N, H, W, C] = x as Four;
  const [R, S, , K] = kernel as Four;
  const { p, q, strideH, strideW, dilationH, dilationW, padTop, padLeft } = attrs;
  return uniform(N, H, W, C, R, S, K, p, q, strideH, strideW, dilationH, dilationW, padTop, padLeft, ...more);
}

/** Counts of columns for a tile of at most `most`, so that `columns` fall into as few tiles as can be, and these are full. */
export function evenTile(columns: number, most: number): number {
  return Math.ceil(columns / Math.ceil(columns / most));
}

/** Vectors of channels that one thread computes: two when they divide evenly. */
export function tileOf(vectors: number): number {
  return vectors % 2 === 0 ? 2 : 1;
}

/** Whether the first or the last window reaches outside x. */
export function isPadded([, h, w]: Shape, [r, s]: Shape, attrs: ConvAttrs): boolean {
  const lastRow = (attrs.p - 1) * attrs.strideH + (r! - 1) * attrs.dilationH - attrs.padTop;
  const lastColumn = (attrs.q - 1) * attrs.strideW + (s! - 1) * attrs.dilationW - attrs.padLeft;
  return attrs.padTop > 0 || attrs.padLeft > 0 || lastRow >= h! || lastColumn >= w!;
}

/** Vectors of four where `length` allows, else single elements, as shader aliases. */
export function fourOrOne(length: number): { LANES: 1 | 4; Vector: 'f32' | 'vec4f' } {
  return length % 4 === 0 ? { LANES: 4, Vector: 'vec4f' } : { LANES: 1, Vector: 'f32' };
}
