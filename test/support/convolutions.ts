// Convolutions and poolings at the edges of tiles, drawn by seed.
import type { ConvAttrs, PoolAttrs } from '../../src/backend/kernels.ts';
import { type Padding, windowGeometry } from '../../src/ops/window.ts';
import { chooser } from './values.ts';

export interface Convolution {
  readonly attrs: ConvAttrs;
  readonly x: readonly number[];
  readonly kernel: readonly number[];
  readonly y: readonly number[];
}

const lengths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17];
const widths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 31, 33];
const paddings = [
  'valid',
  'same',
  [
    [1, 2],
    [3, 0],
  ],
  [
    [0, 4],
    [0, 1],
  ],
] as const;

/** A convolution that fits: kernels to 7, strides to 3, dilation, groups and asymmetric padding in any mixture. */
export function convolution(seed: number): Convolution {
  const choose = chooser(seed);
  for (;;) {
    const groups = choose([1, 1, 1, 1, 2, 3]);
    const c = groups * choose(groups === 1 ? [1, 2, 3, 4, 5, 8, 17, 32] : [1, 2, 3, 4]);
    const k = groups * choose(groups === 1 ? [1, 2, 3, 4, 5, 8, 17, 32] : [1, 2, 4, 5, 8]);
    const window = [choose([1, 2, 3, 3, 4, 5, 6, 7]), choose([1, 2, 3, 3, 4, 5, 6, 7])] as const;
    const [h, w] = [choose(lengths), choose(widths)];
    const strides = [choose([1, 1, 2, 3]), choose([1, 1, 2, 3])] as const;
    const dilation = [choose([1, 1, 1, 2]), choose([1, 1, 1, 2, 3])] as const;
    const padding = choose(paddings);
    const n = choose([1, 1, 2, 3]);
    const [before, after] = typeof padding === 'string' ? [0, 0] : [padding[0], padding[1]].map(([a, b]) => a + b);
    const fits = h + before! > (window[0] - 1) * dilation[0] && w + after! > (window[1] - 1) * dilation[1];
    // Big cases prove no more than small ones.
    const products = n * h * w * c * k * window[0] * window[1];
    if ((padding !== 'same' && !fits) || products > 400_000) continue;
    return fitted([n, h, w, c], [...window, c / groups, k], { strides, dilation, padding, groups });
  }
}

type Four = readonly [number, number, number, number];

interface Options {
  readonly strides?: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly padding?: Padding;
  readonly groups?: number;
}

function fitted(x: Four, kernel: Four, options: Options): Convolution {
  const { strides = [1, 1], dilation = [1, 1], padding = 'valid', groups = 1 } = options;
  const [n, h, w] = x;
  const [r, s, , k] = kernel;
  const attrs = { ...windowGeometry('test', [h, w], { window: [r, s], strides, dilation, padding }), groups };
  return { attrs, x, kernel, y: [n, attrs.p, attrs.q, k] };
}

/** The layers that networks are made of. */
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

export interface Pooling {
  readonly attrs: PoolAttrs;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** A pooling that fits: windows that overlap, leave gaps, or reach into the padding. */
export function pooling(seed: number): Pooling {
  const choose = chooser(seed + 1000);
  for (;;) {
    const [poolH, poolW] = [choose([1, 2, 3, 4]), choose([1, 2, 3, 5])];
    const [h, w] = [choose(lengths), choose(widths)];
    const strides = [choose([1, 2, 3]), choose([1, 2, 3, 4])] as const;
    const padding = choose([
      'valid',
      'same',
      [
        [poolH - 1, 0],
        [0, poolW - 1],
      ],
    ]);
    if (padding !== 'same' && (h < poolH || w < poolW)) continue;
    const [n, c] = [choose([1, 2, 3]), choose([1, 2, 3, 4, 5, 8])];
    const window = windowGeometry('test', [h, w], { window: [poolH, poolW], strides, dilation: [1, 1], padding });
    return { attrs: { ...window, poolH, poolW }, x: [n, h, w, c], y: [n, window.p, window.q, c] };
  }
}
