// Metrics inside recorded steps: what fit, evaluate and single batches report is what the same metrics make of the predictions.
import { describe, expect, test } from 'vitest';
import { Dense, losses, metrics, Sequential, type Tensor, tensor } from 'wgslgrad';
import { expectClose, onEachBackend, tinyData, tinyModel } from '../models/support.ts';

const COUNT = 21;
const { x, y, labels } = tinyData(COUNT);
const weights = Float32Array.from({ length: COUNT }, (_, i) => (i % 4) / 2);

// biome-ignore format: a list
const make = () => [
  metrics.CategoricalAccuracy(), metrics.TopKCategoricalAccuracy({ k: 2 }), metrics.CategoricalCrossentropy(), metrics.RootMeanSquaredError(), metrics.Precision({ thresholds: 0.34 }),
  metrics.TruePositives({ classId: 1, thresholds: 0.3 }), metrics.FalseNegatives({ topK: 1 }), metrics.AUC({ numThresholds: 9 }), metrics.AUC({ multiLabel: true, curve: 'PR' }),
  metrics.F1Score({ average: 'macro' }), metrics.F1Score({ average: 'micro', name: 'micro' }), metrics.OneHotMeanIoU({ numClasses: 3 }), metrics.RecallAtPrecision({ precision: 0.4 }),
];

onEachBackend((place) => {
  /** What the metrics say of all predictions at once. */
  const ofPredictions = async (model: Sequential, weighted: boolean) => {
    const p = await model.predict(x, { verbose: 0 });
    return Promise.all(
      make().map((metric) => {
        metric.updateState(tensor(y, [COUNT, 3]), p, weighted ? weights : null);
        return metric.result();
      }),
    );
  };

  test('evaluate: weights are for weighted metrics, and for the loss', async () => {
    const model = tinyModel();
    model.compile({
      loss: 'categorical_crossentropy',
      metrics: ['acc', ...make()],
      weightedMetrics: ['acc', ...make()],
    });
    const found = await model.evaluate(x, y, { batchSize: 8, verbose: 0, sampleWeight: weights });
    const [loss, ...rest] = Array.from(found);
    const [plain, weighted] = [await ofPredictions(model, false), await ofPredictions(model, true)];
    const average = weights.reduce((sum, w) => sum + w, 0) / COUNT;
    // both means of the same: over the samples, and over their weights
    expectClose([loss!], [weighted[2]! * average], place);
    expectClose(rest, [plain[0]!, ...plain, weighted[0]!, ...weighted], place);
    expect(plain[0]).not.toBeCloseTo(weighted[0]!, 3);
  });

  test('evaluate gives them names of their own', async () => {
    const model = tinyModel();
    model.compile({
      loss: 'categorical_crossentropy',
      metrics: ['acc', metrics.AUC(), metrics.AUC({ curve: 'PR' })],
      weightedMetrics: ['acc'],
    });
    const found = await model.evaluate(x, y, { verbose: 0, returnDict: true });
    expect(Object.keys(found)).toEqual(['loss', 'acc', 'auc', 'auc_1', 'weighted_acc']);
    expect(found.weighted_acc).toBeCloseTo(found.acc!, 6);
  });

  test('fit: each epoch counts anew, in training and in validation', async () => {
    const model = tinyModel();
    model.compile({ optimizer: 'sgd', loss: 'categorical_crossentropy', metrics: make() });
    model.optimizer.learningRate = 0;
    const { history } = await model.fit(x, y, { batchSize: 7, epochs: 2, verbose: 0, validationData: [x, y] });
    const expected = await ofPredictions(model, false);
    const keys = make().map(({ name }, i) => (i === 8 ? 'auc_1' : name));
    for (const epoch of [0, 1]) {
      expectClose(keys.map((key) => history[key]![epoch]!), expected, place); // biome-ignore format: one line
      expectClose(keys.map((key) => history[`val_${key}`]![epoch]!), expected, place); // biome-ignore format: one line
    }
  });

  test('single batches', async () => {
    const model = tinyModel();
    model.compile({ optimizer: 'sgd', loss: 'categorical_crossentropy', metrics: make() });
    const expected = await ofPredictions(model, false);
    expectClose((await model.testOnBatch(x, y)).slice(1), expected, place);
    expectClose((await model.trainOnBatch(x, y)).slice(1), expected, place);
  });

  test('integer classes, [n] and [n, 1]', async () => {
    for (const targets of [labels, tensor(labels, [COUNT, 1])]) {
      const model = tinyModel();
      const given = [
        'accuracy',
        'sparse_categorical_accuracy',
        metrics.SparseTopKCategoricalAccuracy({ k: 2 }),
        'crossentropy',
      ];
      model.compile({ loss: 'crossentropy', metrics: given });
      const [loss, accuracy, sparse, top, entropy] = await model.evaluate(x, targets, { verbose: 0 });
      const expected = await ofPredictions(model, false);
      expectClose(
        [accuracy!, sparse!, top!, entropy!, loss!],
        [expected[0]!, expected[0]!, expected[1]!, expected[2]!, expected[2]!],
        place,
      );
    }
  });

  describe('one output', () => {
    test('targets [n] and predictions [n, 1] never make n times n', async () => {
      const model = new Sequential([Dense(1, { activation: 'sigmoid', inputShape: [2] })]);
      const truths = Float32Array.from(labels, (label) => Number(label === 0));
      const given = ['accuracy', 'mse', 'bce', metrics.AUC(), metrics.Recall()];
      model.compile({ loss: losses.BinaryCrossentropy(), metrics: given });
      const found = await model.evaluate(x, truths, { batchSize: 7, verbose: 0 });
      const p = Array.from(await (await model.predict(x, { verbose: 0 })).data());
      const mean = (f: (t: number, p: number) => number) => p.reduce((sum, q, i) => sum + f(truths[i]!, q), 0) / COUNT;
      const entropy = mean((t, q) => -Math.log(t === 1 ? q : 1 - q));
      const [auc, recall] = [metrics.AUC(), metrics.Recall()];
      for (const metric of [auc, recall]) metric.updateState(truths, p);
      const accuracy = mean((t, q) => Number(q > 0.5 === (t === 1)));
      const expected = [
        entropy,
        accuracy,
        mean((t, q) => (t - q) ** 2),
        entropy,
        await auc.result(),
        await recall.result(),
      ];
      expectClose(found, expected, place);
    });
  });

  test('a function of the user, and a metric of the user', async () => {
    const model = tinyModel();
    const highest = (_: Tensor, p: Tensor) => p.max(-1);
    const total: metrics.Metric = {
      name: 'total',
      direction: 'max',
      size: 2,
      update: (t, p) => t.mul(p).sum().reshape([1]).tile(2),
      result: (sums, samples) => sums[0]! + 10 * sums[1]! + 1000 * samples,
    };
    model.compile({ loss: 'mse', metrics: [highest, total] });
    const [, top, found] = await model.evaluate(x, y, { batchSize: 8, verbose: 0 });
    const p = await model.predict(x, { verbose: 0 });
    expectClose([top!], [await p.max(-1).mean().item()], place);
    expectClose(
      [found!],
      [
        11 *
          (await p
            .mul(tensor(y, [COUNT, 3]))
            .sum()
            .item()) +
          1000 * COUNT,
      ],
      place,
    );
  });
});
