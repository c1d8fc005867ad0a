// Every loss against its formula and, differentiated, against differences of it.
import { describe, expect, test } from 'vitest';
import { close, gradcheck, init, losses, tensor } from 'wgslgrad';
import { expectClose, onEachBackend } from '../models/support.ts';
import { lossCases } from './cases.ts';

onEachBackend((place) => {
  test.each(lossCases)('$name is its formula', async ({ run, t, p, formula }) => {
    const found = run(tensor(t), tensor(p));
    expect(found.shape).toEqual([t.length]);
    expectClose(
      await found.data(),
      t.map((row, i) => formula(row, p[i]!)),
      place,
    );
  });

  test('dice and tversky of everything are one number', async () => {
    const [t, p] = [tensor([[1, 0], [1, 1]]), tensor([[0.5, 0.25], [0.75, 1]])]; // biome-ignore format: rows
    const [both, all] = [2.25, 3 + 2.5];
    expectClose(await losses.dice(t, p).data(), [1 - (2 * both) / all], place);
    expectClose(await losses.tversky(t, p).data(), [1 - (2 * both) / all], place);
  });

  test('the axis of the classes may be another than the last', async () => {
    // [2, 3, 1, 2]: three classes down axis 1
    const p = [[0.7, 0.1], [0.2, 0.3], [0.1, 0.6]]; // biome-ignore format: rows
    const q = [[0.2, 0.5], [0.2, 0.25], [0.6, 0.25]]; // biome-ignore format: rows
    const yPred = tensor([p, q]).reshape([2, 3, 1, 2]);
    const classes = tensor([[[0, 1]], [[2, 0]]], [2, 1, 2], 'int32');
    const expected = [0.7, 0.3, 0.6, 0.5].map((x) => -Math.log(x));
    const found = losses.sparseCategoricalCrossentropy(classes, yPred, { axis: 1 });
    expect(found.shape).toEqual([2, 1, 2]);
    expectClose(await found.data(), expected, place);
    const labels = classes.oneHot(3).transpose([0, 3, 1, 2]);
    expectClose(await losses.categoricalCrossentropy(labels, yPred, { axis: 1 }).data(), expected, place);
    expectClose(await losses.categoricalCrossentropy(labels, yPred, { axis: -3 }).data(), expected, place);
    const binary = losses.binaryCrossentropy(tensor([[1, 0], [1, 1]]), tensor([[0.5, 0.2], [0.25, 0.4]]), { axis: 0 }); // biome-ignore format: rows
    expectClose(await binary.data(), [-Math.log(0.125) / 2, -Math.log(0.32) / 2], place);
    const cosine = losses.cosineSimilarity(tensor([[3, 1], [4, 0]]), tensor([[1, 1], [0, 1]]), { axis: 0 }); // biome-ignore format: rows
    expectClose(await cosine.data(), [-0.6, -Math.SQRT1_2], place);
  });

  test('what would divide by 0 or take the logarithm of 0 does not', async () => {
    const [zero, one] = [tensor([[0, 0]]), tensor([[1, 1]])];
    expectClose(await losses.cosineSimilarity(zero, one).data(), [0], place);
    expectClose(await losses.meanAbsolutePercentageError(zero, one).data(), [1e9], place);
    expectClose(await losses.klDivergence(one, zero).data(), [2 * Math.log(1e7)], place);
    expectClose(await losses.poisson(one, zero).data(), [Math.log(1e7)], place);
    expectClose(await losses.dice(zero, zero).data(), [1], place);
    expectClose(await losses.logCosh(zero, tensor([[200, -200]])).data(), [200 - Math.LN2], place);
  });
});

describe('gradients', () => {
  test.each(lossCases)('of $name', async ({ run, t, p }) => {
    await init({ backend: 'cpu', dtype: 'float64' });
    // no two rows weigh the same, so that none can stand for another
    const weights = t.map((_, i) => 1 + i);
    expect(await gradcheck((yPred) => run(tensor(t), yPred).mul(tensor(weights)).sum(), [tensor(p)])).toBeLessThan(
      1e-7,
    );
    await close();
  });

  test('of a loss along another axis', async () => {
    await init({ backend: 'cpu', dtype: 'float64' });
    const z = tensor([[0.3, -0.2], [1, 0.5], [-0.4, 0.1]]); // biome-ignore format: rows
    const loss = (yPred: typeof z) =>
      losses.sparseCategoricalCrossentropy(tensor([2, 1], [2], 'int32'), yPred, { axis: 0, fromLogits: true });
    expect(
      await gradcheck(
        (yPred) =>
          loss(yPred)
            .mul(tensor([1, 2]))
            .sum(),
        [z],
      ),
    ).toBeLessThan(1e-7);
    await close();
  });
});
