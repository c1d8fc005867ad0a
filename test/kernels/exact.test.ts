// The usual cases and the extreme ones, by name, on small whole numbers: exact in float32 whatever the order of sums, so both
// backends must agree bit for bit. What lies between them is drawn: properties.test.ts.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeGpu } from '../setup/adapters.ts';
import { usualConvolutions } from '../support/convolutions.ts';
import { TwoBackends } from '../support/twoBackends.ts';
import { whole } from '../support/values.ts';

describeGpu('kernels on small whole numbers agree bit for bit with the CPU', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  test.each(usualConvolutions)('the three convolutions, %s', async (_, { attrs, x, kernel, y }) => {
    const [image, weights, slope, bias] = [whole(x, 1), whole(kernel, 2), whole(y, 3), whole([y[3]!], 4)];
    await both.agree('conv2d', [image, weights, bias], [{ shape: y }], { ...attrs, activation: 'relu' });
    await both.agree('conv2dGradInput', [slope, weights], [{ shape: x }], { ...attrs, shape: x });
    await both.agree('conv2dGradKernel', [image, slope], [{ shape: kernel }], { ...attrs, shape: kernel });
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

  test('a sum of many images in several passes, and more short sums than are ever split', async () => {
    for (const [outer, reduced, inner] of [
      [1, 21632, 32],
      [9000, 66, 1],
    ] as const) {
      const attrs = { fn: 'sum' as const, outer, reduced, inner, scale: 1 };
      await both.agree('reduce', [whole([outer, reduced, inner], 9)], [{ shape: [outer, inner] }], attrs);
    }
  });

  test('the sum of nothing is 0, its product 1', async () => {
    for (const dtype of ['float32', 'int32'] as const) {
      for (const fn of ['sum', 'prod'] as const) {
        const attrs = { fn, outer: 4, reduced: 0, inner: 3, scale: 1 };
        await both.agree('reduce', [{ shape: [4, 0, 3], dtype, data: [] }], [{ shape: [4, 3], dtype }], attrs);
      }
    }
  });

  test('nothing stays allocated', () => {
    for (const backend of [both.cpu, both.oracle, both.gpu]) expect(backend.memory().buffers).toBe(0);
  });
});
