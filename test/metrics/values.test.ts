// R2Score, Mean and Sum: the numbers are those of Keras 3.15.1.
import { describe, expect, test } from 'vitest';
import { Dense, metrics, Sequential, tensor } from 'wgslgrad';
import { expectClose, onEachBackend, start } from '../models/support.ts';

const t = [[1, 3], [4, -1], [3, 0.5], [2, 2]]; // biome-ignore format: rows
const p = [[2, 2.5], [4, -1.5], [4, 1], [1.5, 2]]; // biome-ignore format: rows
const w = [1, 2, 0.5, 3];

/** In two batches. */
function counted(metric: metrics.RunningMetric<number | number[]>, weights: number[] | null = null, columns = 2) {
  const part = (rows: number[][], from: number, to: number) => rows.slice(from, to).map((row) => row.slice(0, columns));
  for (const [from, to] of [[0, 3], [3, 4]] as const) // biome-ignore format: pairs
    metric.updateState(part(t, from, to), part(p, from, to), weights?.slice(from, to) ?? null);
  return metric.result();
}

onEachBackend((place) => {
  test.each<[metrics.R2Options, number[] | null, number[]]>([
    [{}, null, [0.734183669090271]],
    [{}, w, [0.8231806755065918]],
    [{ classAggregation: 'variance_weighted_average' }, null, [0.7885462641716003]],
    [{ classAggregation: 'variance_weighted_average' }, w, [0.8620543479919434]],
    [{ classAggregation: null }, null, [0.550000011920929, 0.918367326259613]],
    [{ classAggregation: null }, w, [0.7045455574989319, 0.9418158531188965]],
  ])('R2Score %j, weights %j', async (options, weights, expected) => {
    expectClose([await counted(metrics.R2Score(options), weights)].flat(), expected, place);
  });

  test('R2Score for several regressors, while there are samples enough', async () => {
    const score = async (numRegressors: number) => [await counted(metrics.R2Score({ numRegressors }), null, 1)].flat();
    expectClose(await score(1), [0.3250000476837158], place);
    const plain = await score(0);
    expect(await score(3)).toEqual(plain);
    expect(await score(4)).toEqual(plain);
  });

  test('R2Score in a model, by its name too', async () => {
    const model = new Sequential([Dense(2, { inputShape: [1], kernelInitializer: 'zeros' })]);
    model.compile({ loss: 'mse', metrics: ['r2_score'], weightedMetrics: [metrics.R2Score()] });
    model.setWeights([tensor([[0, 0]]), tensor([1, 1])]);
    const found = await model.evaluate([[0], [0], [0], [0]], t, { verbose: 0, batchSize: 3, sampleWeight: w });
    const metric = [metrics.R2Score(), metrics.R2Score()];
    metric[0]!.updateState(t, [[1, 1], [1, 1], [1, 1], [1, 1]]); // biome-ignore format: rows
    metric[1]!.updateState(t, [[1, 1], [1, 1], [1, 1], [1, 1]], w); // biome-ignore format: rows
    expectClose(found.slice(1), (await Promise.all(metric.map((one) => one.result()))) as number[], place);
  });

  test('Mean and Sum of numbers, lists and rows, with weights and without', async () => {
    const [mean, sum] = [metrics.Mean(), metrics.Sum({ name: 'all' })];
    expect([mean.name, sum.name, await mean.result(), await sum.result()]).toEqual(['mean', 'all', 0, 0]);
    mean.updateState([1, 3, 5, 7]);
    expect(await mean.result()).toBe(4);
    mean.updateState(tensor([[1, 2], [3, 4]]), [1, 0.5]); // biome-ignore format: rows
    expectClose([await mean.result()], [3.5], place);
    sum.updateState([1, 3, 5, 7], [1, 1, 0, 0]);
    sum.updateState([[1, 2], [3, 4]], [1, 0.5]); // biome-ignore format: rows
    expectClose([await sum.result()], [10.5], place);
    for (const metric of [mean, sum]) metric.resetState();
    mean.updateState(3, 2);
    mean.updateState(tensor(4));
    expectClose([await mean.result()], [10 / 3], place);
    expect(await sum.result()).toBe(0);
  });
});

describe('what is refused, and what has no answer', () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      'another aggregation',
      () => metrics.R2Score({ classAggregation: 'sum' as never }),
      /classAggregation must be one of/,
    ],
    ['less than no regressors', () => metrics.R2Score({ numRegressors: -1 }), /numRegressors must be a whole number/],
    ['an unknown option', () => metrics.R2Score({ average: 1 } as never), /R2Score: unknown option average/],
    ['predictions [n]', () => metrics.R2Score().updateState([1], [1]), /r2_score: predictions must be \[n, outputs\]/],
    [
      'other outputs than before',
      () => {
        const metric = metrics.R2Score();
        metric.updateState([[1]], [[1]]);
        metric.updateState([[1, 2]], [[1, 2]]);
      },
      /judges 1 outputs, got \[1, 2\]/,
    ],
    [
      'the size before a batch',
      () => metrics.R2Score().size,
      /how many outputs there are is known with the first batch/,
    ],
    [
      'a list in a model',
      () => metrics.resolveMetrics([metrics.R2Score({ classAggregation: null })]),
      /several values/,
    ],
    ['an option of Mean', () => metrics.Mean({ axis: 1 } as never), /Mean: unknown option axis/],
    ['weights of another length', () => metrics.Mean().updateState([1, 2], [1, 2, 3]), /do not fit values/],
  ])('%s', async (_, run, says) => {
    await start('cpu float32');
    expect(run).toThrow(says);
  });

  test('targets that are all the same are explained by nothing', async () => {
    await start('cpu float32');
    for (const guess of [1, 2]) {
      const metric = metrics.R2Score();
      metric.updateState([[1], [1]], [[1], [guess]]);
      expect(await metric.result()).toBe(0);
    }
    const metric = metrics.R2Score();
    metric.updateState([[1]], [[1]], [0]);
    expect(await metric.result()).toBe(0);
  });
});
