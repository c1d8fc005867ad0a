// Small whole numbers make every product and sum exact in float32, so both backends must agree bit for bit; results are
// poisoned before and banded around, so what is not written, or written outside, shows.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConvAttrs } from '../../src/backend/kernels.ts';
import { windowGeometry } from '../../src/ops/window.ts';
import { describeGpu } from '../setup/adapters.ts';
import { chooser, integers, TwoBackends } from '../support/twoBackends.ts';

const seeds = Array.from({ length: 10 }, (_, i) => i + 1);
const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** A random convolution that fits. */
function convolution(seed: number) {
  const choose = chooser(seed);
  const groups = choose([1, 1, 1, 2, 3]);
  const c = groups * choose([1, 2, 3, 4, 5]);
  const k = groups * choose([1, 2, 4, 5, 8]);
  const [r, s] = [choose([1, 2, 3, 5, 7]), choose([1, 2, 3, 4])];
  const [h, w] = [choose([7, 8, 9, 13]), choose([4, 5, 8, 9, 17])];
  const strided = choose([true, false]);
  const strides = strided ? ([choose([1, 2, 3]), choose([1, 2, 3])] as const) : ([1, 1] as const);
  const dilation = strided ? ([1, 1] as const) : ([choose([1, 2]), choose([1, 2, 3])] as const);
  const padding = choose([
    'same',
    'same',
    [
      [1, 2],
      [3, 0],
    ],
    [
      [0, 0],
      [7, 8],
    ],
  ]);
  const fits = (h > (r - 1) * dilation[0] && w + 3 > (s - 1) * dilation[1]) || padding === 'same';
  if (!fits) return null;
  const n = choose([1, 2, 3]);
  const attrs: ConvAttrs = {
    ...windowGeometry('test', [h, w], { window: [r, s], strides, dilation, padding }),
    groups,
  };
  return { attrs, x: [n, h, w, c], kernel: [r, s, c / groups, k], y: [n, attrs.p, attrs.q, k] };
}

describeGpu('kernels on small whole numbers agree bit for bit with the CPU', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  test.each(seeds)('the three convolutions, seed %i', async (seed) => {
    const one = convolution(seed);
    if (!one) return;
    const { attrs, x, kernel, y } = one;
    const image = { shape: x, data: integers(size(x), seed) };
    const weights = { shape: kernel, data: integers(size(kernel), seed + 100) };
    const slope = { shape: y, data: integers(size(y), seed + 200) };
    const bias = { shape: [y[3]!], data: integers(y[3]!, seed + 300) };
    const title = JSON.stringify({ seed, ...one });
    const forward = await both.run('conv2d', [image, weights, bias], [{ shape: y }], {
      ...attrs,
      activation: seed % 2 ? 'relu' : 'linear',
    });
    expect(forward.found, title).toEqual(forward.expected);
    const byInput = await both.run('conv2dGradInput', [slope, weights], [{ shape: x }], { ...attrs, shape: x });
    expect(byInput.found, title).toEqual(byInput.expected);
    const byKernel = await both.run('conv2dGradKernel', [image, slope], [{ shape: kernel }], {
      ...attrs,
      shape: kernel,
    });
    expect(byKernel.found, title).toEqual(byKernel.expected);
  });

  test.each([
    [1, 1, 1, 1],
    [2, 5, 7, 3],
    [1, 4, 64, 8],
    [1, 33, 31, 17],
    [3, 3, 1000, 2],
    [1, 65, 2, 130],
  ])('products of matrices: batch %i, m %i, k %i, n %i, in every orientation', async (batch, m, k, n) => {
    for (const [transposeA, transposeB] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const a = { shape: [batch, transposeA ? k : m, transposeA ? m : k], data: integers(batch * m * k, 1) };
      const b = { shape: [1, transposeB ? n : k, transposeB ? k : n], data: integers(k * n, 2) };
      const bias = { shape: [n], data: integers(n, 3) };
      const attrs = {
        batch,
        m,
        n,
        k,
        transposeA,
        transposeB,
        broadcastA: false,
        broadcastB: batch > 1,
        activation: 'relu' as const,
      };
      const { found, expected } = await both.run('matmul', [a, b, bias], [{ shape: [batch, m, n] }], attrs);
      expect(found, JSON.stringify(attrs)).toEqual(expected);
    }
  });

  test.each(seeds.slice(0, 8))('pooling with ties, overlap and padding, seed %i', async (seed) => {
    const choose = chooser(seed + 1000);
    const [h, w, c, n] = [choose([4, 5, 8, 9]), choose([3, 6, 7]), choose([1, 2, 3, 4, 8]), choose([1, 3])];
    const [poolH, poolW] = [choose([2, 3]), choose([2, 3, 4])];
    const strides = [choose([1, 2, 3]), choose([1, 2, 3])] as const;
    const padding = choose([
      'valid',
      'same',
      [
        [1, 0],
        [0, 1],
      ],
    ]);
    const window = windowGeometry('test', [h, w], { window: [poolH, poolW], strides, dilation: [1, 1], padding });
    const attrs = { ...window, poolH, poolW };
    const x = [n, h, w, c];
    const y = [n, attrs.p, attrs.q, c];
    const title = JSON.stringify({ seed, x, attrs });
    const image = { shape: x, data: integers(size(x), seed, 1) };
    const forward = await both.run('maxPool2d', [image], [{ shape: y }, { shape: y, dtype: 'int32' }], attrs);
    expect(forward.found, title).toEqual(forward.expected);
    const slope = { shape: y, data: integers(size(y), seed + 1) };
    const winner = { shape: y, dtype: 'int32' as const, data: forward.expected[1]! };
    const backward = await both.run('maxPool2dGrad', [slope, winner], [{ shape: x }], { ...attrs, shape: x });
    expect(backward.found, title).toEqual(backward.expected);
  });

  test.each([
    [1, 1, 1],
    [3, 5, 7],
    [1, 5000, 1],
    [2, 700, 12],
    [1, 64, 3],
    [1, 65, 4],
    [4, 0, 3],
    [1, 21632, 32],
  ])('reductions of [%i, %i, %i]', async (outer, reduced, inner) => {
    const x = { shape: [outer, reduced, inner], data: integers(outer * reduced * inner, 9) };
    for (const fn of ['sum', 'max', 'min'] as const) {
      if (reduced === 0 && fn !== 'sum') continue;
      const target = [{ shape: [outer, inner] }];
      const { found, expected } = await both.run('reduce', [x], target, { fn, outer, reduced, inner, scale: 0.5 });
      expect(found, fn).toEqual(expected);
      if (reduced === 0 || fn === 'sum') continue;
      const winner = await both.run('argReduce', [x], [{ shape: [outer, inner], dtype: 'int32' }], {
        fn,
        outer,
        reduced,
        inner,
      });
      expect(winner.found, `arg ${fn}`).toEqual(winner.expected);
    }
  });

  test('rows of every kind are gathered, and indices outside are clamped', async () => {
    for (const [row, dtype] of [
      [1, 'uint8'],
      [3, 'uint8'],
      [8, 'uint8'],
      [5, 'float32'],
      [4, 'int32'],
    ] as const) {
      const x = { shape: [9, row], dtype, data: integers(9 * row, 4).map(Math.abs) };
      const order = { shape: [7], dtype: 'int32' as const, data: [8, 0, 3, 3, -2, 20, 5] };
      const rows = await both.run('gatherRows', [x, order], [{ shape: [7, row], dtype }], {});
      expect(rows.found, `${dtype} rows of ${row}`).toEqual(rows.expected);
      const cursor = { shape: [1], dtype: 'int32' as const, data: [2] };
      const attrs = { start: 1, stride: 2, rows: 2 };
      const batch = await both.run('gatherBatch', [x, order, cursor], [{ shape: [2, row], dtype }], attrs);
      expect(batch.found, `${dtype} batch of ${row}`).toEqual(batch.expected);
    }
  });

  test('nothing stays allocated', () => {
    for (const backend of [both.cpu, both.gpu]) expect(backend.memory().buffers).toBe(0);
  });
});
