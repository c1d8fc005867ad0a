// Small whole numbers make every product and sum exact in float32, so both backends must agree bit for bit; every operand
// lies between bands of poison, so what is not written, or written or read outside, shows.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TypedArray } from '../../src/backend/backend.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { describeGpu } from '../setup/adapters.ts';
import { type Convolution, convolution, pooling, usualConvolutions } from '../support/convolutions.ts';
import { TwoBackends } from '../support/twoBackends.ts';
import { chooser, integers, plainZeros, seeds, show } from '../support/values.ts';

const whole = (shape: readonly number[], seed: number, span = 4) => ({
  shape,
  data: integers(sizeOf(shape), seed, span),
});

function agree(found: TypedArray[], expected: TypedArray[], title: string): void {
  expect(plainZeros(found), title).toEqual(plainZeros(expected));
}

describeGpu('kernels on small whole numbers agree bit for bit with the CPU', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  async function checkConvolutions({ attrs, x, kernel, y }: Convolution, seed: number): Promise<void> {
    const [image, weights, slope] = [whole(x, seed), whole(kernel, seed + 100), whole(y, seed + 200)];
    const title = show({ seed, x, kernel, y, attrs });
    const activation = seed % 2 ? ('relu' as const) : ('linear' as const);
    const bias = seed % 3 ? [whole([y[3]!], seed + 300)] : [];
    const forward = await both.run('conv2d', [image, weights, ...bias], [{ shape: y }], { ...attrs, activation });
    agree(forward.found, forward.expected, title);
    const byInput = await both.run('conv2dGradInput', [slope, weights], [{ shape: x }], { ...attrs, shape: x });
    agree(byInput.found, byInput.expected, title);
    const ofKernel = { ...attrs, shape: kernel };
    const byKernel = await both.run('conv2dGradKernel', [image, slope], [{ shape: kernel }], ofKernel);
    agree(byKernel.found, byKernel.expected, title);
  }

  test.each(seeds(16))('the three convolutions, seed %i', (seed) => checkConvolutions(convolution(seed), seed));

  test.each(usualConvolutions)('the three convolutions, %s', (_, one) => checkConvolutions(one, 1));

  test.each([
    [1, 1, 1, 1],
    [2, 5, 7, 3],
    [1, 4, 64, 8],
    [1, 33, 31, 17],
    [3, 3, 1000, 2],
    [1, 65, 2, 130],
    [2, 9, 0, 4],
  ])('products of matrices: batch %i, m %i, k %i, n %i, in every orientation', async (batch, m, k, n) => {
    const choose = chooser(m * n + k);
    for (const [transposeA, transposeB] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const [broadcastA, broadcastB] = batch === 1 ? [false, false] : choose([[true, false] as const, [false, true]]);
      const a = whole([broadcastA ? 1 : batch, ...(transposeA ? [k, m] : [m, k])], 1);
      const b = whole([broadcastB ? 1 : batch, ...(transposeB ? [n, k] : [k, n])], 2);
      const bias = choose([true, true, false]) ? [whole([n], 3)] : [];
      const activation = choose(['relu', 'linear'] as const);
      const attrs = { batch, m, n, k, transposeA, transposeB, broadcastA, broadcastB, activation };
      const { found, expected } = await both.run('matmul', [a, b, ...bias], [{ shape: [batch, m, n] }], attrs);
      agree(found, expected, show(attrs));
    }
  });

  test.each(seeds(16))('pooling with ties, overlap, gaps and padding, seed %i', async (seed) => {
    const { attrs, x, y } = pooling(seed);
    const title = show({ seed, x, y, attrs });
    const outputs = [{ shape: y }, { shape: y, dtype: 'int32' as const }];
    // three values only, so that most windows hold ties
    const forward = await both.run('maxPool2d', [whole(x, seed, 1)], outputs, attrs);
    agree(forward.found, forward.expected, title);
    const winner = { ...outputs[1]!, data: forward.expected[1]! };
    const ofInput = { ...attrs, shape: x };
    const backward = await both.run('maxPool2dGrad', [whole(y, seed + 1), winner], [{ shape: x }], ofInput);
    agree(backward.found, backward.expected, title);
  });

  test('a window of equal cells is won by the first that is no padding', async () => {
    const image = { shape: [1, 2, 2, 1], data: [-7, -7, -7, -7] };
    const [y, winner] = [{ shape: [1, 2, 2, 1] }, { shape: [1, 2, 2, 1], dtype: 'int32' as const }];
    const window = { p: 2, q: 2, strideH: 1, strideW: 1, dilationH: 1, dilationW: 1, padTop: 1, padLeft: 1 };
    const { found } = await both.run('maxPool2d', [image], [y, winner], { ...window, poolH: 2, poolW: 2 });
    expect(found.map((values) => Array.from(values))).toEqual([
      [-7, -7, -7, -7],
      [3, 2, 1, 0],
    ]);
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
    [9000, 66, 1],
  ])('reductions of [%i, %i, %i]', async (outer, reduced, inner) => {
    const block = { outer, reduced, inner };
    const x = [outer, reduced, inner];
    for (const dtype of ['float32', 'int32'] as const) {
      const y = [{ shape: [outer, inner], dtype }];
      for (const fn of ['sum', 'max', 'min', 'prod'] as const) {
        if (reduced === 0 && (fn === 'max' || fn === 'min')) continue;
        // a long product is exact when it is made of ones and minus ones
        const data = integers(sizeOf(x), 9).map((v) => (fn === 'prod' ? (v < 0 ? -1 : 1) : v));
        const scale = dtype === 'float32' && fn === 'sum' ? 0.5 : 1;
        const { found, expected } = await both.run('reduce', [{ shape: x, dtype, data }], y, { fn, ...block, scale });
        agree(found, expected, `${fn} of ${dtype}`);
      }
      if (reduced === 0) continue;
      for (const fn of ['max', 'min'] as const) {
        const winner = [{ shape: [outer, inner], dtype: 'int32' as const }];
        const { found, expected } = await both.run('argReduce', [{ ...whole(x, 9), dtype }], winner, { fn, ...block });
        agree(found, expected, `arg ${fn} of ${dtype}`);
      }
    }
  });

  test('nothing stays allocated', () => {
    for (const backend of [both.cpu, both.oracle, both.gpu]) expect(backend.memory().buffers).toBe(0);
  });
});
