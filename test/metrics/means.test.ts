// Metrics that are the mean of a function over samples: with weights and without, over batches of different sizes.
import { describe, expect, test } from 'vitest';
import { metrics, type Tensor, tensor } from 'wgslgrad';
import { MeanMetric } from '../../src/metrics/meanMetric.ts';
import { dot, mean, norm, type Row, softmax, sum } from '../losses/rows.ts';
import { expectClose, onEachBackend } from '../models/support.ts';
import { classified, judged, numbered, type Weighing } from './batches.ts';
import { type Batch, isTop, samples, weightedMean } from './reference.ts';

type Formula = (t: Row, p: Row) => number;

const winner = (row: Row) => row.indexOf(Math.max(...row));
const each =
  (f: (t: number, p: number) => number): Formula =>
  (t, p) =>
    mean(t.map((x, i) => f(x, p[i]!)));
/** Fewer than k are strictly higher. */
const isIn = (row: Row, k: number, place: number) => row.filter((x) => x > row[place]!).length < k;
const binary = (t: number, p: number) => -t * Math.log(p) - (1 - t) * Math.log(1 - p);
const margin = (t: number, p: number) => Math.max(1 - (2 * t - 1) * p, 0);

/** Scores as probabilities. */
const shared = (batches: readonly Batch[]): Batch[] => batches.map(([t, p, w]) => [t, p.map(softmax), w]);

// biome-ignore format: a table
const cases: readonly [name: string, make: () => metrics.RunningMetric, data: (weighing: Weighing) => readonly Batch[], formula: Formula][] = [
  ['CategoricalAccuracy', () => metrics.CategoricalAccuracy(), (w) => classified(3, w), (t, p) => Number(winner(t) === winner(p))],
  ['SparseCategoricalAccuracy', () => metrics.SparseCategoricalAccuracy(), (w) => numbered(3, w), ([t], p) => Number(t === winner(p))],
  ['BinaryAccuracy', () => metrics.BinaryAccuracy(), (w) => judged(1, w), each((t, p) => Number(Number(p > 0.5) === t))],
  ['BinaryAccuracy of several', () => metrics.BinaryAccuracy({ threshold: 0.3 }), (w) => judged(3, w), each((t, p) => Number(Number(p > 0.3) === t))],
  ['TopKCategoricalAccuracy', () => metrics.TopKCategoricalAccuracy({ k: 2 }), (w) => classified(4, w), (t, p) => Number(isIn(p, 2, winner(t)))],
  ['TopKCategoricalAccuracy, five of seven', () => metrics.TopKCategoricalAccuracy(), (w) => classified(7, w), (t, p) => Number(isIn(p, 5, winner(t)))],
  ['SparseTopKCategoricalAccuracy', () => metrics.SparseTopKCategoricalAccuracy({ k: 2 }), (w) => numbered(4, w), ([t], p) => Number(isIn(p, 2, t!))],
  ['Accuracy', () => metrics.Accuracy(), (w) => judged(3, w), each((t, p) => Number(t === p))],
  ['MeanSquaredError', () => metrics.MeanSquaredError(), (w) => judged(3, w), each((t, p) => (t - p) ** 2)],
  ['MeanAbsoluteError', () => metrics.MeanAbsoluteError(), (w) => judged(3, w), each((t, p) => Math.abs(t - p))],
  ['MeanAbsolutePercentageError', () => metrics.MeanAbsolutePercentageError(), (w) => judged(3, w), each((t, p) => (100 * Math.abs(t - p)) / Math.max(t, 1e-7))],
  ['MeanSquaredLogarithmicError', () => metrics.MeanSquaredLogarithmicError(), (w) => judged(3, w), each((t, p) => (Math.log1p(Math.max(t, 1e-7)) - Math.log1p(Math.max(p, 1e-7))) ** 2)],
  ['LogCoshError', () => metrics.LogCoshError(), (w) => judged(3, w), each((t, p) => Math.log(Math.cosh(t - p)))],
  ['CosineSimilarity', () => metrics.CosineSimilarity(), (w) => shared(classified(3, w)), (t, p) => dot(t, p) / norm(t) / norm(p)],
  ['KLDivergence', () => metrics.KLDivergence(), (w) => shared(classified(3, w)), (t, p) => -Math.log(dot(t, p)) + sum(t.map((x, i) => (x === 0 ? 1e-7 * Math.log(1e-7 / p[i]!) : 0)))],
  ['Poisson', () => metrics.Poisson(), (w) => judged(3, w), each((t, p) => p - t * Math.log(p + 1e-7))],
  ['Hinge', () => metrics.Hinge(), (w) => judged(3, w), each(margin)],
  ['SquaredHinge', () => metrics.SquaredHinge(), (w) => judged(3, w), each((t, p) => margin(t, p) ** 2)],
  ['CategoricalHinge', () => metrics.CategoricalHinge(), (w) => classified(3, w), (t, p) => Math.max(1 + Math.max(...p.map((x, i) => (1 - t[i]!) * x)) - dot(t, p), 0)],
  ['CategoricalCrossentropy', () => metrics.CategoricalCrossentropy(), (w) => shared(classified(3, w)), (t, p) => -Math.log(dot(t, p))],
  ['CategoricalCrossentropy from logits', () => metrics.CategoricalCrossentropy({ fromLogits: true }), (w) => classified(3, w), (t, p) => -Math.log(dot(t, softmax(p)))],
  ['SparseCategoricalCrossentropy', () => metrics.SparseCategoricalCrossentropy(), (w) => shared(numbered(3, w)), ([t], p) => -Math.log(p[t!]!)],
  ['BinaryCrossentropy', () => metrics.BinaryCrossentropy({ labelSmoothing: 0.1 }), (w) => shared(judged(3, w)), each((t, p) => binary(0.9 * t + 0.05, p))],
];

onEachBackend((place) => {
  const count = (metric: metrics.RunningMetric, batches: readonly Batch[]) => {
    for (const [t, p, weights] of batches) metric.updateState(t, p, weights ?? null);
  };

  describe.each<Weighing>(['without weights', 'with weights'])('%s', (weighing) => {
    test.each(cases)('%s', async (_, make, data, formula) => {
      const all = samples(data(weighing));
      const expected = weightedMean(all.map(({ t, p }) => formula(t, p)), all.map(({ w }) => w)); // biome-ignore format: one line
      const metric = make();
      count(metric, data(weighing));
      expectClose([await metric.result()], [expected], place);
      metric.resetState();
      expect(await metric.result()).toBe(0);
      count(metric, data(weighing).slice(1));
      const rest = all.slice(data(weighing)[0]![0].length);
      expectClose([await metric.result()], [weightedMean(rest.map(({ t, p }) => formula(t, p)), rest.map(({ w }) => w))], place); // biome-ignore format: one line
    });

    test('RootMeanSquaredError is the root of the mean of all', async () => {
      const all = samples(judged(3, weighing));
      const squares = all.map(({ t, p }) => mean(t.map((x, i) => (x - p[i]!) ** 2)));
      const metric = metrics.RootMeanSquaredError();
      count(metric, judged(3, weighing));
      expectClose([await metric.result()], [Math.sqrt(weightedMean(squares, all.map(({ w }) => w)))], place); // biome-ignore format: one line
    });
  });

  test('ties: argmax takes the lowest class, the top k take all at their edge', async () => {
    const p = [[0.4, 0.4, 0.2], [0.3, 0.3, 0.3]]; // biome-ignore format: rows
    const value = async (metric: metrics.RunningMetric, t: readonly number[]) => {
      metric.updateState(t, p);
      return metric.result();
    };
    expect(await value(metrics.SparseCategoricalAccuracy(), [0, 0])).toBe(1);
    expect(await value(metrics.SparseCategoricalAccuracy(), [1, 2])).toBe(0);
    expect(await value(metrics.SparseTopKCategoricalAccuracy({ k: 1 }), [1, 2])).toBe(1);
    expect(await value(metrics.SparseTopKCategoricalAccuracy({ k: 2 }), [2, 2])).toBe(0.5);
    // the top of a row for precision has k members, the first of equals
    expect([0, 1, 2].map((i) => isTop(p[1]!, i, 2))).toEqual([true, true, false]);
  });

  test('what is in the top k: more than there are, no class, no finite score', async () => {
    const p = tensor([[0.1, NaN], [Infinity, 2], [1, 2], [1, 2]]); // biome-ignore format: rows
    const found = metrics.sparseTopKCategoricalAccuracy(tensor([1, 0, 2, 0], [4], 'int32'), p, { k: 9 });
    expect(Array.from(await found.data())).toEqual([0, 0, 0, 1]);
    const ids = metrics.sparseTopKCategoricalAccuracy(tensor([2, 1, 0], [3], 'int32'), tensor([[1, 2, 0], [1, 0, 2], [2, 1, 0]]), { k: 2, fromSortedIds: true }); // biome-ignore format: rows
    expect(Array.from(await ids.data())).toEqual([1, 1, 0]);
  });

  test('accuracy means what the shapes say', async () => {
    const p = [[0.2, 0.8], [0.4, 0.6]]; // biome-ignore format: rows
    const value = async (t: Tensor, yPred: Tensor) => metrics.accuracy(t, yPred).mean().item();
    expect(await value(tensor([0, 1], [2], 'uint8'), tensor(p))).toBe(0.5);
    // the labels of CIFAR
    expect(await value(tensor([[0], [1]], [2, 1], 'uint8'), tensor(p))).toBe(0.5);
    expect(await value(tensor([[1, 0], [0, 1]]), tensor(p))).toBe(0.5); // biome-ignore format: rows
    expect(await value(tensor([1, 1]), tensor([[0.6], [0.5]]))).toBe(0.5);
    expect(await value(tensor([[1], [1]]), tensor([[0.6], [0.5]]))).toBe(0.5);
    const pixels = tensor([[[0, 1]], [[1, 1]]], [2, 1, 2], 'int32');
    expect(await value(pixels, tensor([[p], [p]]))).toBe(0.75);
  });

  test('vectors are samples of one value', async () => {
    const metric = metrics.MeanSquaredError();
    metric.updateState([1, 2, 3], [1, 4, 3]);
    metric.updateState(tensor([1]), tensor([3]));
    expectClose([await metric.result()], [2], place);
    const accuracy = metrics.BinaryAccuracy();
    accuracy.updateState([1, 0, 1], [0.9, 0.9, 0.1], [1, 1, 2]);
    expectClose([await accuracy.result()], [0.25], place);
  });

  test('sums of a metric without weights are one, with weights two', async () => {
    const metric = metrics.MeanAbsoluteError();
    const [t, p] = [tensor([[1, 2], [3, 4], [5, 6]]), tensor([[1, 1], [1, 1], [1, 1]])]; // biome-ignore format: rows
    const sums = async (m: metrics.Metric, weights: Tensor | null) => Array.from(await m.update(t, p, weights).data());
    expectClose(await sums(metric.unweighted, null), [0.5 + 2.5 + 4.5], place);
    expect(metric.unweighted.size).toBe(1);
    expect(metric.unweighted.result([7.5], 3)).toBe(2.5);
    expectClose(await sums(metric, null), [7.5, 3], place);
    expectClose(await sums(metric, tensor([1, 0, 2])), [9.5, 3], place);
    expect(metric.size).toBe(2);
    expect(metric.result([9.5, 3], 3)).toBe(9.5 / 3);
    expect([metric.result([0, 0], 3), metric.unweighted.result([0], 0)]).toEqual([0, 0]);
  });

  test('a function of one number, and one that ignores a class', async () => {
    const one = new MeanMetric('one', null, (_, p) => p.max());
    one.updateState([[1], [2]], [[3], [5]], [1, 3]);
    expectClose([await one.result()], [5], place);
    const { losses } = await import('wgslgrad');
    const ignoring = new MeanMetric('ignoring', 'min', losses.SparseCategoricalCrossentropy({ ignoreClass: 9 }));
    ignoring.updateState([0, 9, 1], [[0.5, 0.5], [0.1, 0.9], [0.75, 0.25]], [1, 5, 3]); // biome-ignore format: rows
    expectClose([await ignoring.result()], [(Math.log(2) + 3 * Math.log(4)) / 4], place);
  });
});
