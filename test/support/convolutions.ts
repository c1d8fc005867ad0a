// The convolutions that networks are made of.
import type { ConvAttrs } from '../../src/backend/kernels.ts';
import { type Padding, windowGeometry } from '../../src/ops/window.ts';

export interface Convolution {
  readonly attrs: ConvAttrs;
  readonly x: readonly number[];
  readonly kernel: readonly number[];
  readonly y: readonly number[];
}

type Four = readonly [number, number, number, number];

interface Options {
  readonly strides?: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly padding?: Padding;
  readonly groups?: number;
}

/** x [n, h, w, c] under kernel [r, s, c / groups, k]. */
export function fitted(x: Four, kernel: Four, options: Options): Convolution {
  const { strides = [1, 1], dilation = [1, 1], padding = 'valid', groups = 1 } = options;
  const [n, h, w] = x;
  const [r, s, , k] = kernel;
  const attrs = { ...windowGeometry('test', [h, w], { window: [r, s], strides, dilation, padding }), groups };
  return { attrs, x, kernel, y: [n, attrs.p, attrs.q, k] };
}

export const usualConvolutions: readonly (readonly [name: string, convolution: Convolution])[] = [
  ['3 x 3 on grey images', fitted([2, 12, 12, 1], [3, 3, 1, 32], {})],
  ['3 x 3 between layers', fitted([2, 9, 10, 8], [3, 3, 8, 16], { padding: 'same' })],
  ['3 x 3 by steps of 2', fitted([1, 10, 13, 4], [3, 3, 4, 8], { padding: 'same', strides: [2, 2] })],
  ['7 x 7 by steps of 2 on colours', fitted([1, 17, 18, 3], [7, 7, 3, 8], { padding: 'same', strides: [2, 2] })],
  ['1 x 1', fitted([2, 5, 7, 16], [1, 1, 16, 24], {})],
  ['depthwise', fitted([1, 9, 9, 8], [3, 3, 1, 8], { padding: 'same', groups: 8 })],
  ['dilated', fitted([1, 11, 12, 4], [3, 3, 4, 4], { padding: 'same', dilation: [2, 3] })],
  ['by other steps down than across', fitted([1, 13, 14, 2], [3, 4, 2, 4], { padding: 'same', strides: [3, 2] })],
];
