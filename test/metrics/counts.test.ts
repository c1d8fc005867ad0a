// Precision, recall, their counts, and what follows from them at many thresholds, over batches of different sizes.
import { describe, expect, test } from 'vitest';
import { close, init, metrics, tensor } from 'wgslgrad';
import { expectClose, onEachBackend } from '../models/support.ts';
import { judged, type Weighing } from './batches.ts';
import {
  area,
  type Batch,
  type Counts,
  countsAt,
  isTop,
  precision,
  precisionArea,
  recall,
  specificity,
  weightedMean,
} from './reference.ts';

onEachBackend((place) => {
  const run = async (
    metric: metrics.RunningMetric<number> | metrics.RunningMetric<number | number[]>,
    batches: readonly Batch[],
  ) => {
    for (const [t, p, weights] of batches) metric.updateState(t, p, weights ?? null);
    return [await metric.result()].flat();
  };
  const above = (threshold: number) => (row: readonly number[], i: number) => row[i]! > threshold;

  describe.each<Weighing>(['without weights', 'with weights'])('%s', (weighing) => {
    const single = judged(1, weighing);
    const many = judged(3, weighing);

    test.each<[keyof typeof metrics, (counts: Counts) => number]>([
      ['Precision', precision],
      ['Recall', recall],
      ['TruePositives', ({ tp }) => tp],
      ['TrueNegatives', ({ tn }) => tn],
      ['FalsePositives', ({ fp }) => fp],
      ['FalseNegatives', ({ fn }) => fn],
    ])('%s', async (name, of) => {
      const make = metrics[name] as typeof metrics.Precision;
      const at = (threshold: number) => of(countsAt(many, above(threshold)));
      // 0.5 is no more than 0.5
      expectClose(await run(make(), many), [at(0.5)], place);
      expectClose(await run(make({ thresholds: [0.2, 0.5, 0.9] }), many), [at(0.2), at(0.5), at(0.9)], place);
      expectClose(await run(make({ thresholds: [0.3] }), many), [at(0.3)], place);
      expectClose(await run(make({ topK: 2 }), many), [of(countsAt(many, (row, i) => isTop(row, i, 2)))], place);
      expectClose(await run(make({ topK: 7 }), many), [of(countsAt(many, () => true))], place);
      const both = countsAt(many, (row, i) => isTop(row, i, 1) && row[i]! > 0.7);
      expectClose(await run(make({ topK: 1, thresholds: 0.7 }), many), [of(both)], place);
      const second = countsAt(many, above(0.4), (i) => (i === 1 ? 1 : 0));
      expectClose(await run(make({ classId: 1, thresholds: 0.4 }), many), [of(second)], place);
    });

    const thresholdsOf = (count: number) => [
      -1,
      ...Array.from({ length: count - 2 }, (_, i) => (i + 1) / (count - 1)),
      2,
    ];
    const at = (batches: readonly Batch[], thresholds: readonly number[], weightOf?: (i: number) => number) =>
      thresholds.map((threshold) => countsAt(batches, above(threshold), weightOf));
    const roc = (counts: readonly Counts[]) =>
      area(counts.map((c) => 1 - specificity(c)), counts.map(recall), (a, b) => (a + b) / 2); // biome-ignore format: one line

    test('AUC of ROC', async () => {
      for (const numThresholds of [200, 12, 3, 2])
        expectClose(
          await run(metrics.AUC({ numThresholds }), single),
          [roc(at(single, thresholdsOf(numThresholds)))],
          place,
        );
      expectClose(await run(metrics.AUC(), many), [roc(at(many, thresholdsOf(200)))], place);
      const points = at(many, [-1, 0.2, 0.55, 2]);
      expectClose(await run(metrics.AUC({ thresholds: [0.55, 0.2] }), many), [roc(points)], place);
      const [x, y] = [points.map((c) => 1 - specificity(c)), points.map(recall)];
      for (const [summationMethod, height] of [['minoring', Math.min], ['majoring', Math.max]] as const) // biome-ignore format: pairs
        expectClose(
          await run(metrics.AUC({ thresholds: [0.2, 0.55], summationMethod }), many),
          [area(x, y, height)],
          place,
        );
    });

    test('AUC of precision and recall', async () => {
      const points = at(many, [-1, 0.2, 0.55, 0.75, 2]);
      const auc = (summationMethod: 'interpolation' | 'minoring' | 'majoring') =>
        run(metrics.AUC({ curve: 'PR', thresholds: [0.2, 0.55, 0.75], summationMethod }), many);
      expectClose(await auc('interpolation'), [precisionArea(points)], place);
      const [x, y] = [points.map(recall), points.map(precision)];
      expectClose(await auc('minoring'), [area(x, y, Math.min)], place);
      expectClose(await auc('majoring'), [area(x, y, Math.max)], place);
    });

    test('AUC of labels one by one, and of labels that weigh', async () => {
      const byLabel = [0, 1, 2].map((label) => roc(at(many, thresholdsOf(11), (i) => (i === label ? 1 : 0))));
      const options = { numThresholds: 11, multiLabel: true } as const;
      expectClose(await run(metrics.AUC(options), many), [weightedMean(byLabel, [1, 1, 1])], place);
      const labelWeights = [1, 0.5, 3];
      expectClose(
        await run(metrics.AUC({ ...options, labelWeights, numLabels: 3 }), many),
        [weightedMean(byLabel, labelWeights)],
        place,
      );
      const flat = roc(at(many, thresholdsOf(11), (i) => labelWeights[i]!));
      expectClose(await run(metrics.AUC({ numThresholds: 11, labelWeights }), many), [flat], place);
    });

    test('AUC from logits', async () => {
      const logits = single.map(([t, p, w]): Batch => [t, p.map(([x]) => [8 * x! - 4]), w]);
      const shares = logits.map(([t, p, w]): Batch => [t, p.map(([x]) => [1 / (1 + Math.exp(-x!))]), w]);
      expectClose(await run(metrics.AUC({ fromLogits: true }), logits), [roc(at(shares, thresholdsOf(200)))], place);
    });

    test.each<[string, (bound: number) => metrics.RunningMetric, (c: Counts) => number, (c: Counts) => number]>([
      [
        'SensitivityAtSpecificity',
        (specificity) => metrics.SensitivityAtSpecificity({ specificity }),
        specificity,
        recall,
      ],
      [
        'SpecificityAtSensitivity',
        (sensitivity) => metrics.SpecificityAtSensitivity({ sensitivity }),
        recall,
        specificity,
      ],
      ['PrecisionAtRecall', (recall) => metrics.PrecisionAtRecall({ recall }), recall, precision],
      ['RecallAtPrecision', (precision) => metrics.RecallAtPrecision({ precision }), precision, recall],
    ])('%s', async (_, make, given, wanted) => {
      const points = Array.from({ length: 200 }, (_, i) => countsAt(single, above(i / 199)));
      for (const bound of [0, 0.3, 0.6, 0.99]) {
        const best = Math.max(0, ...points.filter((c) => given(c) >= bound).map(wanted));
        expectClose(await run(make(bound), single), [best], place);
      }
    });

    test('one of three classes, and one threshold only', async () => {
      const last = (threshold: number) => countsAt(many, above(threshold), (i) => (i === 2 ? 1 : 0));
      const points = Array.from({ length: 11 }, (_, i) => last(i / 10));
      const best = Math.max(0, ...points.filter((c) => recall(c) >= 0.5).map(precision));
      const options = { recall: 0.5, classId: 2 };
      expectClose(await run(metrics.PrecisionAtRecall({ ...options, numThresholds: 11 }), many), [best], place);
      const middle = last(0.5);
      const alone = recall(middle) >= 0.5 ? precision(middle) : 0;
      expectClose(await run(metrics.PrecisionAtRecall({ ...options, numThresholds: 1 }), many), [alone], place);
    });
  });

  test('what Keras documents', async () => {
    const auc = metrics.AUC({ numThresholds: 3 });
    expectClose(
      await run(auc, [
        [
          [[0], [0], [1], [1]],
          [[0], [0.5], [0.3], [0.9]],
        ],
      ]),
      [0.75],
      place,
    );
    auc.resetState();
    auc.updateState([0, 0, 1, 1], [0, 0.5, 0.3, 0.9], [1, 0, 0, 1]);
    expectClose([await auc.result()], [1], place);
    // a vector is one row: its two highest are its first two
    const top = metrics.Precision({ topK: 2 });
    top.updateState([0, 0, 1, 1], [1, 1, 1, 1]);
    expectClose([await top.result()], [0], place);
    const specific = metrics.SensitivityAtSpecificity({ specificity: 0.5 });
    specific.updateState([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8], [1, 1, 2, 2, 1]);
    expectClose([await specific.result()], [1 / 3], place);
  });

  test('probabilities of exactly 0 and 1, and scores outside, are on the right side', async () => {
    expectClose(
      await run(metrics.AUC({ numThresholds: 3 }), [
        [
          [[0], [1]],
          [[0], [1]],
        ],
      ]),
      [1],
      place,
    );
    expectClose(
      await run(metrics.AUC({ numThresholds: 3 }), [
        [
          [[0], [1]],
          [[-4], [7]],
        ],
      ]),
      [1],
      place,
    );
  });

  test('of nothing, or nothing positive, is 0', async () => {
    for (const make of [metrics.Precision, metrics.Recall, metrics.TruePositives, metrics.AUC]) {
      expect(await make().result()).toBe(0);
      expectClose(await run(make(), [[[[0]], [[0]]]]), [0], place);
    }
    expect(await metrics.AUC({ curve: 'PR' }).result()).toBe(0);
  });

  test('labels [n] and predictions [n, 1] belong together, and any number but 0 is true', async () => {
    const metric = metrics.TruePositives();
    metric.updateState(tensor([3, 0, 1], [3], 'uint8'), tensor([[0.9], [0.8], [0.7]]), tensor([[1], [2], [4]]));
    metric.updateState([1], tensor([[0.9]]), 0.5);
    expectClose([await metric.result()], [5.5], place);
  });
});

test('more predictions than comparisons are held at once are counted in parts', async () => {
  await init({ backend: 'cpu' });
  const rows = 90_000;
  const t = Float32Array.from({ length: rows }, (_, i) => i % 2);
  const p = Float32Array.from({ length: rows }, (_, i) => (1 + ((i * 31) % 997)) / 998);
  const thresholds = Array.from({ length: 100 }, (_, i) => i / 100);
  const counts = [metrics.FalsePositives({ thresholds }), metrics.TruePositives({ thresholds })];
  for (const [truth, metric] of counts.entries()) {
    metric.updateState(t, p);
    const expected = thresholds.map((threshold) =>
      p.reduce((n, score, i) => n + (t[i] === truth && score > Math.fround(threshold) ? 1 : 0), 0),
    );
    expect(await metric.result()).toEqual(expected);
  }
  await close();
});
