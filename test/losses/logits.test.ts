// The loss behind a softmax or a sigmoid is computed from the logits, wherever these can be found. Logits 60 apart have probabilities of
// exactly 0 and 1: from these the loss would be clipped to 16.1.
import { describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { trace } from '../../src/compile/trace.ts';
import { expectClose, onEachBackend } from '../models/support.ts';

const CLIPPED = -Math.log(1e-7);

onEachBackend((place) => {
  /** The loss of a model that makes logits 0 and 60 of x = 1, with the first class true. */
  const lossOf = async (
    layers: readonly w.Layer[],
    loss: string | ((t: w.Tensor, p: w.Tensor) => w.Tensor),
    y = [[1, 0]],
  ) => {
    const model = new w.Sequential([w.Dense(2, { useBias: false, inputShape: [1] }), ...layers]);
    model.setWeights([Float32Array.of(0, 60)]);
    model.compile({ optimizer: 'sgd', loss });
    return [Number(await model.evaluate(Float32Array.of(1), w.tensor(y), { verbose: 0 }))];
  };

  test.each<[string, () => w.Layer[]]>([
    ['an Activation layer', () => [w.Activation('softmax')]],
    ['a Softmax layer', () => [w.Softmax()]],
    ['a softmax and a Reshape', () => [w.Activation('softmax'), w.Reshape([2, 1]), w.Reshape([2])]],
    ['a softmax and layers that do nothing now', () => [w.Softmax(), w.Dropout(0.5), w.Activation('linear')]],
  ])('behind %s', async (_, layers) => {
    for (const loss of ['categorical_crossentropy', 'crossentropy', w.losses.CategoricalCrossentropy()])
      expectClose(await lossOf(layers(), loss), [60], place);
    const sparse = w.losses.SparseCategoricalCrossentropy();
    expectClose(await lossOf(layers(), (_, p) => sparse(w.tensor([0], [1], 'int32'), p)), [60], place);
  });

  test('behind a sigmoid', async () => {
    expectClose(await lossOf([w.Activation('sigmoid')], 'bce'), [(Math.LN2 + 60) / 2], place);
    expectClose(
      await lossOf([w.Activation('sigmoid')], 'binary_focal_crossentropy'),
      [(0.25 * Math.LN2 + 60) / 2],
      place,
    );
  });

  test('the focal loss too', async () => {
    expectClose(await lossOf([w.Softmax()], 'categorical_focal_crossentropy'), [0.25 * 60], place);
  });

  test('not where there is something between, or the activation is another', async () => {
    expectClose(await lossOf([w.Softmax()], (t, p) => w.losses.categoricalCrossentropy(t, p.mul(1))), [CLIPPED], place);
    const binary = (t: w.Tensor, p: w.Tensor) => w.losses.binaryCrossentropy(t, p);
    // of softmax, probabilities 0 and 1 for targets 1 and 0
    const wrong = await lossOf([w.Softmax()], binary);
    expect(wrong[0]).toBeGreaterThan(15);
    expect(wrong[0]).toBeLessThan(17);
  });

  test('not where a row of the loss holds several rows of the softmax', async () => {
    // two softmaxes of 2 side by side: what is renormalised over 4 is half of each
    const z = w.tensor([[[0, 60], [1, 1]]]); // biome-ignore format: rows
    const f = (logits: w.Tensor) =>
      w.losses.categoricalCrossentropy(w.tensor([[0, 0, 1, 0]]), w.softmax(logits).reshape([1, 4])).sum();
    expectClose(await w.valueAndGrad(f)(z)[0].data(), [-Math.log(0.25)], place);
    // one half of a softmax of 4 renormalised is a softmax of 2
    const half = (logits: w.Tensor) =>
      w.losses.categoricalCrossentropy(w.tensor([[[1, 0], [0, 1]]]), w.softmax(logits).reshape([1, 2, 2])).sum(); // biome-ignore format: rows
    expectClose(
      await w
        .valueAndGrad(half)(w.tensor([[0, 60, 1, 1]]))[0]
        .data(),
      [60 + Math.LN2],
      place,
    );
  });

  test('along another axis than the last', async () => {
    const z = w.tensor([[[0, 1], [60, 1]]]); // biome-ignore format: rows
    const f = (logits: w.Tensor) =>
      w.losses
        .sparseCategoricalCrossentropy(w.tensor([[0, 1]], [1, 2], 'int32'), w.softmax(logits, 1), { axis: 1 })
        .sum();
    const [value, slope] = w.valueAndGrad(f)(z);
    expectClose(await value.data(), [60 + Math.LN2], place);
    expectClose(await slope.data(), [-1, 0.5, 1, -0.5], place);
  });

  test('a trace holds the cross-entropy of logits, and no logarithm', () => {
    const ops = trace(
      (z) => [w.losses.categoricalCrossentropy(w.tensor([[1, 0]]), w.softmax(z!))],
      [{ shape: [1, 2], dtype: place === 'cpu float64' ? 'float64' : 'float32' }],
    ).steps.map(({ op }) => op.name);
    expect(ops).toContain('softmaxCrossEntropy');
    expect(ops).not.toContain('log');
  });

  describe('of eager probabilities that nobody wants a gradient of', () => {
    test('the origin is not known, and the formula is the clipped one', async () => {
      const loss = w.losses.categoricalCrossentropy(w.tensor([[1, 0]]), w.softmax(w.tensor([[0, 60]])));
      expectClose(await loss.data(), [CLIPPED], place);
    });
  });
});
