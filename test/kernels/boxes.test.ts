// Boxes of tensors, cut out, framed, joined and reversed, and rows added up: whole numbers, bit for bit.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sizeOf } from '../../src/tensor/shape.ts';
import { describeGpu } from '../setup/adapters.ts';
import { TwoBackends } from '../support/twoBackends.ts';
import { type Choose, chooser, integers, seeds, show } from '../support/values.ts';

const ranks = [0, 1, 2, 3, 4, 5, 6];
const lengths = (rank: number, choose: Choose) =>
  Array.from({ length: rank }, () => choose(rank < 3 ? [1, 4, 7, 16, 33] : [1, 2, 3, 4]));

const operand = (shape: readonly number[], dtype: 'float32' | 'int32' | 'uint8', seed = 1) => ({
  shape,
  dtype,
  data: integers(sizeOf(shape), seed, 50).map((v) => (dtype === 'uint8' ? v + 50 : v)),
});

describeGpu('boxes of tensors agree with the CPU', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  test.each(ranks)('slices of rank %i', async (rank) => {
    for (const seed of seeds(4)) {
      const choose = chooser(10 * rank + seed);
      const whole = lengths(rank, choose);
      const begin = whole.map((length) => choose([0, 0, Math.floor(length / 2), length - 1]));
      const shape = whole.map((length, d) => choose([1, length - begin[d]!, Math.ceil((length - begin[d]!) / 2)]));
      for (const dtype of ['float32', 'uint8'] as const) {
        const attrs = { begin, shape };
        const { found, expected } = await both.run('slice', [operand(whole, dtype)], [{ shape, dtype }], attrs);
        expect(found, show({ whole, ...attrs, dtype })).toEqual(expected);
      }
    }
  });

  test.each(ranks.slice(1))('axes of rank %i are reversed', async (rank) => {
    for (const seed of seeds(4)) {
      const choose = chooser(10 * rank + seed + 100);
      const shape = lengths(rank, choose);
      const axes = shape.flatMap((_, d) => (choose([true, false]) ? [d] : []));
      for (const dtype of ['int32', 'uint8'] as const) {
        const { found, expected } = await both.run('flip', [operand(shape, dtype)], [{ shape, dtype }], { axes });
        expect(found, show({ shape, axes, dtype })).toEqual(expected);
      }
    }
  });

  test.each(ranks)('frames of rank %i', async (rank) => {
    for (const seed of seeds(4)) {
      const choose = chooser(10 * rank + seed + 200);
      const inner = lengths(rank, choose);
      const before = inner.map(() => choose([0, 0, 1, 3]));
      const shape = inner.map((length, d) => before[d]! + length + choose([0, 0, 1, 2]));
      for (const dtype of ['float32', 'uint8'] as const) {
        const attrs = { before, shape, value: 9 };
        const { found, expected } = await both.run('pad', [operand(inner, dtype)], [{ shape, dtype }], attrs);
        expect(found, show({ inner, ...attrs, dtype })).toEqual(expected);
      }
    }
  });

  test('a frame around nothing', async () => {
    const attrs = { before: [2, 1], shape: [3, 2], value: -1.5 };
    const { found } = await both.run('pad', [operand([0, 1], 'float32')], [{ shape: [3, 2] }], attrs);
    expect(Array.from(found[0]!)).toEqual([-1.5, -1.5, -1.5, -1.5, -1.5, -1.5]);
  });

  test.each(ranks.slice(1))('tensors of rank %i are joined', async (rank) => {
    for (const seed of seeds(4)) {
      const choose = chooser(10 * rank + seed + 300);
      const shape = lengths(rank, choose);
      const axis = choose(shape.map((_, d) => d));
      const parts = [shape[axis]!, choose([0, 1, 2]), 3].map((length) => shape.with(axis, length));
      const whole = shape.with(
        axis,
        parts.reduce((sum, part) => sum + part[axis]!, 0),
      );
      for (const dtype of ['float32', 'int32'] as const) {
        const inputs = parts.map((part, i) => operand(part, dtype, i + 1));
        const { found, expected } = await both.run('concat', inputs, [{ shape: whole, dtype }], { axis });
        expect(found, show({ parts, axis, dtype })).toEqual(expected);
      }
    }
  });

  test.each([
    [1, 1, 5],
    [4, 3, 9],
    [70, 1, 200],
    [3, 130, 0],
  ])('%i rows of %i gather what %i rows give, those outside at the edges', async (rows, row, count) => {
    const indices = { ...operand([count], 'int32'), data: integers(count, 4, rows + 2) };
    const inputs = [operand([count, row], 'float32'), indices];
    const { found, expected } = await both.run('scatterRows', inputs, [{ shape: [rows, row] }], { rows });
    expect(found).toEqual(expected);
  });
});
