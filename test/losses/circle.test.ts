// Losses that see integer classes beside what is no score of them, or that doubt them. The numbers are those of Keras 3.15.1, of its
// formula in float64 where its own are rounded too far.
import { describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { expectClose, onEachBackend, start } from '../models/support.ts';

const embeddings = [[1, 0], [0.6, 0.8], [-0.8, 0.6], [0, 1], [0.28, -0.96]]; // biome-ignore format: rows
const classes = () => w.tensor([0, 0, 1, 1, 2], [5], 'int32');
const weights = () => w.tensor([1, 2, 3, 0.5, 7]);
const { circle, Circle, categoricalGeneralizedCrossEntropy, CategoricalGeneralizedCrossEntropy } = w.losses;

const rows = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0, 0.5, 0.5], [0.2, 0.2, 0.6]]; // biome-ignore format: rows
const labels = () => w.tensor([0, 1, 0, 2], [4], 'int32');

onEachBackend((place) => {
  test.each<[string, () => w.Tensor, number[]]>([
    ['circle', () => circle(classes(), w.tensor(embeddings)), [0.6938792563041032, 38.4, 1.0986132089252103, 38.4, 0]],
    [
      'circle of a column, less steep',
      () => circle(w.reshape(classes(), [5, 1]), w.tensor(embeddings), { gamma: 2, margin: 0.25 }),
      [1.5134550333023071, 1.9664469957351685, 1.504772663116455, 1.9664469957351685, 0],
    ],
    [
      'circle with the diagonal',
      () => circle(classes(), w.tensor(embeddings), { gamma: 2, margin: 0.25, removeDiagonal: false }),
      [1.962164044380188, 2.451660633087158, 1.9525913000106812, 2.451660633087158, 1.5169941186904907],
    ],
    [
      'generalized cross-entropy',
      () => categoricalGeneralizedCrossEntropy(labels(), w.tensor(rows)),
      // of a probability of 0 Keras has 2, and an infinite slope
      [0.32667994499206543, 0.9045548439025879, 2 * (1 - Math.sqrt(1e-7)), 0.4508066177368164],
    ],
    [
      'nearly 1 - p',
      () => categoricalGeneralizedCrossEntropy(w.reshape(labels(), [4, 1]), w.tensor(rows), { q: 0.9 }),
      [0.3050912916660309, 0.7351294755935669, (1 - 1e-7 ** 0.9) / 0.9, 0.40950459241867065],
    ],
  ])('%s', async (_, run, expected) => expectClose(await run().data(), expected, place));

  test('rows without a pair do not count in a mean', async () => {
    const reduced = async (loss: w.losses.Loss) => {
      const model = new w.Sequential([w.UnitNormalization({ inputShape: [2] }), w.Dense(2, { useBias: false })]);
      model.setWeights([w.eye(2)]);
      model.compile({ loss });
      const plain = (await model.evaluate(w.tensor(embeddings), classes(), { verbose: 0 })) as unknown as number;
      const options = { verbose: 0, sampleWeight: weights() };
      return [plain, Number(await model.evaluate(w.tensor(embeddings), classes(), options))];
    };
    expectClose((await reduced(Circle())).slice(0, 1), [19.648122787475586], place);
    expectClose((await reduced(Circle({ gamma: 2 }))).slice(1), [2.3518264293670654], place);
    const weighted = await reduced(Circle({ gamma: 2, reduction: 'mean_with_sample_weight' }));
    expectClose(weighted.slice(1), [1.4472777843475342], place);
  });

  test('behind a softmax even a probability that rounds to 0 has a slope', async () => {
    const model = new w.Sequential([w.Dense(2, { activation: 'softmax', inputShape: [1], useBias: false })]);
    model.setWeights([w.tensor([[60, -60]])]);
    model.compile({ optimizer: 'sgd', loss: CategoricalGeneralizedCrossEntropy({ q: 0.01 }) });
    const [loss] = await Promise.all([model.trainOnBatch([[1]], [1])]);
    expectClose([Number(loss)], [(1 - Math.exp(-1.2)) / 0.01], place);
    const [found] = model.getWeights();
    expect(Array.from(await found!.data()).every((value) => Math.abs(value) < 60 && Number.isFinite(value))).toBe(true);
  });
});

describe('gradients', () => {
  test('are those of differences, and of Keras', async () => {
    await start('cpu float64');
    const options = { gamma: 2, margin: 0.25 };
    // nothing lies at a corner of the maxima
    const inside = embeddings.map((row) => row.map((x) => 0.9 * x));
    const sum = (run: (p: w.Tensor) => w.Tensor) => (p: w.Tensor) =>
      run(p)
        .mul(w.tensor([1, 2, 3, 4, 5]))
        .sum();
    const near = sum((p) => circle(classes(), p, options));
    expect(await w.gradcheck(near, [w.tensor(inside)])).toBeLessThan(1e-6);
    const doubted = (p: w.Tensor) => categoricalGeneralizedCrossEntropy(labels(), p, { q: 0.3 }).sum();
    expect(await w.gradcheck(doubted, [w.tensor(rows.map((row) => row.map((x) => x + 0.1)))])).toBeLessThan(1e-6);
    const mean = (p: w.Tensor) => circle(classes(), p, options).sum().div(4);
    expectClose(
      await w.grad(mean)(w.tensor(embeddings)).data(),
      [
        -0.37192216515541077, -0.5990082621574402, -0.6559594869613647, 0.8637745380401611, 0, -0.6551915407180786,
        1.0424180030822754, 0.29790472984313965, 0.07733404636383057, 0,
      ],
      'cpu float32',
    );
  });
});

test.each<[string, () => unknown, RegExp]>([
  ['embeddings of three axes', () => circle(classes(), w.zeros([5, 2, 2])), /circle: expected embeddings \[n, d\]/],
  ['one-hot rows', () => circle(w.zeros([5, 3]), w.zeros([5, 3])), /one class for each, .* yTrue \[5, 3\]/],
  ['a margin that is none', () => Circle({ margin: Number.NaN }), /margin must be a finite number/],
  [
    'a diagonal that is no choice',
    () => Circle({ removeDiagonal: 1 as never }),
    /removeDiagonal must be true or false/,
  ],
  ['q of 0', () => CategoricalGeneralizedCrossEntropy({ q: 0 }), /q must be a finite number/],
  ['q of 1', () => CategoricalGeneralizedCrossEntropy({ q: 1 }), /q must be .* below 1, got 1/],
  [
    'one-hot rows where classes belong',
    () => categoricalGeneralizedCrossEntropy(w.zeros([4, 3]), w.zeros([4, 3])),
    /must hold one class for each/,
  ],
])('%s: refused', async (_, run, says) => {
  await start('cpu float32');
  expect(run).toThrow(says);
});

test('labels that are no class are refused before training', async () => {
  await start('cpu float32');
  const model = new w.Sequential([w.Dense(3, { activation: 'softmax', inputShape: [1] })]);
  model.compile({ loss: 'categorical_generalized_cross_entropy' });
  await expect(model.fit([[1], [2]], [0, 3], { verbose: 0 })).rejects.toThrow(/labels must lie from 0 to 2/);
});
