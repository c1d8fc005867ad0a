// F scores, and intersection over union.
import { describe, expect, test } from 'vitest';
import { close, init, metrics, type Tensor, tensor } from 'wgslgrad';
import type { Row } from '../losses/rows.ts';
import { mean } from '../losses/rows.ts';
import { expectClose, onEachBackend } from '../models/support.ts';
import { classified, judged, mapped, type Weighing } from './batches.ts';
import { type Batch, confusion, countsAt, iou, precision, ratio, recall, weightedMean } from './reference.ts';

const winner = (row: Row) => row.indexOf(Math.max(...row));

onEachBackend((place) => {
  const run = async (
    metric: metrics.RunningMetric | metrics.RunningMetric<number | number[]>,
    batches: readonly Batch[],
  ) => {
    for (const [t, p, weights] of batches) metric.updateState(t, p, weights ?? null);
    return [await metric.result()].flat();
  };

  describe.each<Weighing>(['without weights', 'with weights'])('%s', (weighing) => {
    test.each([null, 0.4])('F scores with threshold %s', async (threshold) => {
      const batches = judged(3, weighing);
      const said = (row: Row, i: number) =>
        threshold === null ? row[i] === Math.max(...row) && row[i] !== 0 : row[i]! > threshold;
      const of = (label: number | null) => countsAt(batches, said, (i) => (label === null || i === label ? 1 : 0));
      const score = (label: number | null, beta: number) => {
        const [p, r] = [precision(of(label)), recall(of(label))];
        return ratio((1 + beta ** 2) * p * r, beta ** 2 * p + r);
      };
      const truths = [0, 1, 2].map((label) => of(label).tp + of(label).fn);
      for (const beta of [1, 2]) {
        const make = (average: 'micro' | 'macro' | 'weighted' | null) =>
          beta === 1 ? metrics.F1Score({ average, threshold }) : metrics.FBetaScore({ average, threshold, beta });
        const scores = [0, 1, 2].map((label) => score(label, beta));
        expectClose(await run(make(null), batches), scores, place);
        expectClose(await run(make('micro'), batches), [score(null, beta)], place);
        expectClose(await run(make('macro'), batches), [mean(scores)], place);
        expectClose(await run(make('weighted'), batches), [weightedMean(scores, truths)], place);
      }
    });

    test('IoU of class numbers', async () => {
      const batches = mapped(4, weighing, 3);
      const all = [0, 1, 2, 3];
      expectClose(await run(metrics.MeanIoU({ numClasses: 4 }), batches), [iou(confusion(batches, 4), all)], place);
      const some = metrics.IoU({ numClasses: 4, targetClassIds: [0, 2] });
      expectClose(await run(some, batches), [iou(confusion(batches, 4), [0, 2])], place);
      const ignoring = metrics.MeanIoU({ numClasses: 4, ignoreClass: 1 });
      expectClose(await run(ignoring, batches), [iou(confusion(batches, 4, 1), all)], place);
      // numbers that are no class are in nobody's way
      expectClose(
        await run(metrics.MeanIoU({ numClasses: 3 }), batches),
        [iou(confusion(batches, 3), [0, 1, 2])],
        place,
      );
      // and a class that never occurs does not count
      expectClose(await run(metrics.MeanIoU({ numClasses: 9 }), batches), [iou(confusion(batches, 4), all)], place);
    });

    test('IoU of one-hot targets and scores', async () => {
      const batches = classified(3, weighing);
      const flat = batches.map(([t, p, w]): Batch => [t.map((row) => [winner(row)]), p.map((row) => [winner(row)]), w]);
      const expected = iou(confusion(flat, 3), [0, 1, 2]);
      expectClose(await run(metrics.OneHotMeanIoU({ numClasses: 3 }), batches), [expected], place);
      expectClose(
        await run(metrics.MeanIoU({ numClasses: 3, sparseYTrue: false, sparseYPred: false }), batches),
        [expected],
        place,
      );
      const one = metrics.OneHotIoU({ numClasses: 3, targetClassIds: [1] });
      expectClose(await run(one, batches), [iou(confusion(flat, 3), [1])], place);
      const half = batches.map(([t], i): Batch => [t, flat[i]![1], flat[i]![2]]);
      expectClose(await run(metrics.OneHotMeanIoU({ numClasses: 3, sparseYPred: true }), half), [expected], place);
    });

    test('IoU of two classes from a threshold on', async () => {
      const batches = judged(2, weighing);
      const flat = batches.map(([t, p, w]): Batch => [t, p.map((row) => row.map((x) => Number(x >= 0.4))), w]);
      expectClose(await run(metrics.BinaryIoU({ threshold: 0.4 }), batches), [iou(confusion(flat, 2), [0, 1])], place);
      const ones = metrics.BinaryIoU({ threshold: 0.4, targetClassIds: [1] });
      expectClose(await run(ones, batches), [iou(confusion(flat, 2), [1])], place);
    });
  });

  test('what Keras documents', async () => {
    const [t, p] = [[[1, 1, 1], [1, 0, 0], [1, 1, 0]], [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0]]]; // biome-ignore format: rows
    expectClose(await run(metrics.F1Score({ threshold: 0.5 }), [[t, p]]), [0.5, 0.8, 2 / 3], place);
    expectClose(await run(metrics.FBetaScore({ beta: 2, threshold: 0.5 }), [[t, p]]), [5 / 13, 10 / 11, 5 / 6], place);
    const areas = metrics.MeanIoU({ numClasses: 2 });
    areas.updateState([0, 0, 1, 1], [0, 1, 0, 1], [0.3, 0.3, 0.3, 0.1]);
    expectClose([await areas.result()], [5 / 21], place);
  });

  test('a row of zeros has no highest score', async () => {
    expectClose(await run(metrics.F1Score({ average: 'micro' }), [[[[1, 1]], [[0, 0]]]]), [0], place);
  });

  test('the axis of scores may be another than the last, and pixels have places', async () => {
    // [2, 3, 2]: three classes down axis 1, two pixels
    const scores = tensor([[[3, 0], [1, 5], [0, 1]], [[0, 0], [1, 0], [2, 9]]]); // biome-ignore format: rows
    const labels: Tensor = tensor([[0, 1], [2, 0]], [2, 2], 'uint8'); // biome-ignore format: rows
    const metric = metrics.MeanIoU({ numClasses: 3, sparseYPred: false, axis: 1 });
    metric.updateState(labels, scores, [1, 3]);
    // pixels: 0 as 0, 1 as 1, 2 as 2, 0 as 2
    expectClose([await metric.result()], [mean([1 / 4, 1, 3 / 6])], place);
  });

  test('of nothing is 0', async () => {
    expect(await metrics.MeanIoU({ numClasses: 3 }).result()).toBe(0);
    expect(await metrics.F1Score({ average: 'micro' }).result()).toBe(0);
  });
});

test('more pixels than are held at once are counted in parts', async () => {
  await init({ backend: 'cpu' });
  const count = 2 ** 22 / 64 + 5;
  const labels = tensor(Int32Array.from({ length: count }, (_, i) => i % 64));
  const said = tensor(Int32Array.from({ length: count }, (_, i) => (i * 7) % 64));
  const matrix = await metrics.MeanIoU({ numClasses: 64 }).update(labels, said, null).data();
  const expected = new Float32Array(64 * 64);
  for (let i = 0; i < count; i++) expected[(i % 64) * 64 + ((i * 7) % 64)]!++;
  expect(matrix).toEqual(expected);
  await close();
});
