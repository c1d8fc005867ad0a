// Metrics by name, what they are called in logs, which way is better, and what they refuse.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  BackendError,
  close,
  compile,
  init,
  losses,
  metrics,
  ShapeError,
  type Tensor,
  tensor,
  ValueError,
} from 'wgslgrad';

beforeAll(() => init({ backend: 'cpu' }));
afterAll(() => close());

const { resolveMetrics } = metrics;
const namesOf = (...given: Parameters<typeof resolveMetrics>) => resolveMetrics(...given).map(({ name }) => name);

// biome-ignore format: a table
const known: readonly [direction: 'max' | 'min', size: number, names: readonly string[]][] = [
  ['max', 1, ['accuracy', 'acc', 'Accuracy', 'ACC', 'binary_accuracy', 'BinaryAccuracy', 'binaryAccuracy', 'categorical_accuracy', 'sparse_categorical_accuracy', 'SparseCategoricalAccuracy',
    'top_k_categorical_accuracy', 'TopKCategoricalAccuracy', 'sparse_top_k_categorical_accuracy', 'cosine_similarity', 'CosineSimilarity']],
  ['min', 1, ['mse', 'MSE', 'mae', 'MAE', 'mape', 'MAPE', 'msle', 'MSLE', 'bce', 'BCE', 'kld', 'KLD', 'mean_squared_error', 'MeanSquaredError', 'meanSquaredError', 'mean_absolute_error',
    'mean_absolute_percentage_error', 'mean_squared_logarithmic_error', 'root_mean_squared_error', 'RootMeanSquaredError', 'log_cosh_error', 'logcosh', 'log_cosh', 'kl_divergence', 'KLDivergence',
    'poisson', 'hinge', 'squared_hinge', 'categorical_hinge', 'categorical_crossentropy', 'sparse_categorical_crossentropy', 'binary_crossentropy', 'crossentropy', 'ce', 'huber', 'dice', 'tversky', 'circle', 'categorical_generalized_cross_entropy',
    'categorical_focal_crossentropy', 'binary_focal_crossentropy']],
  ['max', 4, ['precision', 'Precision', 'recall', 'true_positives', 'TruePositives', 'true_negatives', 'binary_io_u', 'BinaryIoU']],
  ['min', 4, ['false_positives', 'FalseNegatives']],
  ['max', 402, ['auc', 'AUC']],
];

describe.each(known)('better towards %s, %i sums', (direction, size, names) => {
  test.each(names)('%s', (name) => {
    const [metric, ...more] = resolveMetrics([name]);
    expect(more).toEqual([]);
    // the key is what the user typed
    expect([metric!.name, metric!.direction, metric!.size]).toEqual([name, direction, size]);
  });
});

test('weighted means have two sums', () => {
  const sizes = (weighted: boolean) =>
    resolveMetrics(['acc', 'mse', metrics.MeanAbsoluteError(), 'auc', (_: Tensor, p: Tensor) => p], { weighted }).map(
      ({ size }) => size,
    );
  expect(sizes(false)).toEqual([1, 1, 1, 402, 1]);
  expect(sizes(true)).toEqual([2, 2, 2, 402, 2]);
});

test('functions and objects have names of their own', () => {
  const mine = (_: Tensor, p: Tensor) => p;
  const resolved = resolveMetrics([
    mine, metrics.categoricalAccuracy, losses.meanSquaredError, losses.Huber({ delta: 2 }), losses.Poisson({ name: 'fish' }),
    metrics.AUC({ curve: 'PR', name: 'pr' }), metrics.FBetaScore({ average: 'macro', beta: 2 }),
  ]); // biome-ignore format: a list
  expect(resolved.map(({ name, direction }) => [name, direction])).toEqual([
    ['mine', null], ['categorical_accuracy', 'max'], ['mean_squared_error', 'min'], ['huber', 'min'], ['fish', 'min'], ['pr', 'max'], ['fbeta_score', 'max'],
  ]); // biome-ignore format: a list
  expect(namesOf([(_: Tensor, p: Tensor) => p])).toEqual(['metric']);
});

// biome-ignore format: a table
const defaults: readonly [metric: metrics.RunningMetric, name: string][] = [
  [metrics.Accuracy(), 'accuracy'], [metrics.Precision(), 'precision'], [metrics.AUC(), 'auc'], [metrics.LogCoshError(), 'logcosh'], [metrics.F1Score({ average: 'micro' }), 'f1_score'],
  [metrics.MeanIoU({ numClasses: 2 }), 'mean_io_u'], [metrics.IoU({ numClasses: 2, targetClassIds: [0] }), 'io_u'], [metrics.OneHotIoU({ numClasses: 2, targetClassIds: [0] }), 'one_hot_io_u'],
  [metrics.OneHotMeanIoU({ numClasses: 2 }), 'one_hot_mean_io_u'], [metrics.KLDivergence(), 'kl_divergence'], [metrics.RootMeanSquaredError(), 'root_mean_squared_error'],
  [metrics.SensitivityAtSpecificity({ specificity: 0.5 }), 'sensitivity_at_specificity'], [metrics.SparseTopKCategoricalAccuracy(), 'sparse_top_k_categorical_accuracy'],
];

test.each(defaults)('%o is called %s', (metric, name) => {
  expect(metric.name).toBe(name);
});

describe('keys that are taken', () => {
  test('objects are numbered, and stay what they are', () => {
    const given = [metrics.AUC({ numThresholds: 3 }), metrics.AUC({ numThresholds: 5 }), metrics.AUC()];
    const resolved = resolveMetrics(given);
    expect(resolved.map(({ name }) => name)).toEqual(['auc', 'auc_1', 'auc_2']);
    expect(resolved.map(({ size }) => size)).toEqual([8, 12, 402]);
    expect(given.map(({ name }) => name)).toEqual(['auc', 'auc', 'auc']);
    expect(resolved[1]!.direction).toBe('max');
    expect(resolved[1]!.result([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0)).toBe(0);
    expect(namesOf(['precision', metrics.Precision()])).toEqual(['precision', 'precision_1']);
  });

  test('weighted ones are called so', () => {
    const taken = ['loss', 'acc', 'auc'];
    expect(namesOf(['acc', metrics.AUC(), 'mse'], { weighted: true, taken })).toEqual([
      'weighted_acc',
      'weighted_auc',
      'mse',
    ]);
    expect(namesOf([metrics.AUC(), metrics.AUC()], { weighted: true, taken })).toEqual(['weighted_auc', 'auc_1']);
  });

  test('what was written twice is refused', () => {
    expect(() => resolveMetrics(['acc', 'acc'])).toThrow(/two values would be called acc/);
    expect(() => resolveMetrics([(_: Tensor, p: Tensor) => p, (_: Tensor, p: Tensor) => p])).toThrow(
      /two values would be called metric/,
    );
    expect(() => resolveMetrics([metrics.MeanSquaredError({ name: 'loss' })])).toThrow(
      /two values would be called loss/,
    );
  });
});

test('a metric of somebody else is taken as it is', () => {
  const own: metrics.Metric = {
    name: 'own',
    direction: null,
    size: 1,
    update: (_, p) => p.sum().reshape([1]),
    result: (sums) => sums[0]!,
  };
  expect(resolveMetrics([own])[0]).toBe(own);
  const [first, second] = resolveMetrics([own, own]);
  expect([first!.name, second!.name, second!.result([3], 1)]).toEqual(['own', 'own_1', 3]);
});

describe('on its own', () => {
  test('a metric in a traced function is refused: what it counted would be lost', async () => {
    const metric = metrics.MeanSquaredError();
    const step = compile((x: Tensor) => {
      metric.updateState(x, x);
      return x;
    });
    await expect((async () => step(tensor([[1]])))()).rejects.toThrow(BackendError);
    expect(await metric.result()).toBe(0);
  });

  test('counting frees what it made, and a scope around does not take the sums away', async () => {
    const { memory, scope } = await import('wgslgrad');
    const metric = metrics.AUC({ numThresholds: 5 });
    const [t, p] = [tensor([0, 1, 1]), tensor([0.2, 0.4, 0.9])];
    metric.updateState(t, p);
    const before = memory().tensors;
    for (let i = 0; i < 5; i++) scope(() => metric.updateState(t, p));
    expect(memory().tensors).toBe(before);
    expect(await metric.result()).toBe(1);
    metric.resetState();
    expect(memory().tensors).toBe(before - 1);
  });

  test('lists are for single use, not for a model', async () => {
    const several = metrics.Recall({ thresholds: [0.3, 0.6] });
    several.updateState([1, 1], [0.5, 0.7]);
    expect(await several.result()).toEqual([1, 0.5]);
    expect(() => several.result([0, 1, 0, 1, 0, 1], 2)).toThrow(
      /recall is a list of 2 values, where one number is needed/,
    );
  });
});

const model =
  (...given: unknown[]) =>
  () =>
    resolveMetrics(given);
type Made = () => Tensor;
const count = (metric: { updateState: (t: Tensor, p: Tensor, w?: Tensor) => void }, t: Made, p: Made, w?: Made) => () =>
  metric.updateState(t(), p(), w?.());
const made =
  (...data: Parameters<typeof tensor>) =>
  () =>
    tensor(...data);
const rows = () => tensor([[0.2, 0.8], [0.4, 0.6]]); // biome-ignore format: rows

// biome-ignore format: a table
const refusals: readonly [what: string, call: () => unknown, kind: new (text: string) => Error, says: string | RegExp][] = [
  ['an unknown name', model('accurate'), ValueError, /unknown metric "accurate"; there are .*binary_accuracy.*auc.*every loss/],
  ['a name that every object has', model('toString'), ValueError, /unknown metric "toString"/],
  ['an empty name', model(''), ValueError, /unknown metric ""/],
  ['a number', model(3), ValueError, /unknown metric number 3/],
  ['nothing', model(undefined), ValueError, /unknown metric undefined/],
  ['an object that is no metric', model({ name: 'x' }), ValueError, /unknown metric object/],
  ['no list', () => resolveMetrics('accuracy'), ValueError, /metrics must be a list, got string "accuracy"/],
  ['a list of scores', model(metrics.F1Score()), ValueError, /f1_score has several values, which a model cannot log: choose/],
  ['a list of scores by name', model('f1_score'), ValueError, /f1_score has several values/],
  ['several thresholds', model(metrics.Precision({ thresholds: [0.2, 0.4] })), ValueError, /precision has several values/],
  ['thresholds above 1', () => metrics.Precision({ thresholds: 1.5 }), ValueError, /Precision: thresholds must be a number from 0 to 1, got 1.5/],
  ['a threshold of NaN among others', () => metrics.Recall({ thresholds: [0.1, NaN] }), ValueError, /Recall: each of thresholds must be a number from 0 to 1, got NaN/],
  ['no thresholds', () => metrics.TruePositives({ thresholds: [] }), ValueError, /thresholds must be a list of numbers, got an empty one/],
  ['topK of 0', () => metrics.Precision({ topK: 0 }), ValueError, /Precision: topK must be a whole number of at least 1, got 0/],
  ['classId below 0', () => metrics.Recall({ classId: -1 }), ValueError, /Recall: classId must be a whole number of at least 0, got -1/],
  ['an unknown option', () => metrics.Precision({ top_k: 1 } as never), ValueError, 'Precision: unknown option top_k; there are thresholds, topK, classId, name'],
  ['options that are none', () => metrics.FalsePositives(0.5 as never), ValueError, /FalsePositives: options must be an object, got number 0.5/],
  ['an empty name of its own', () => metrics.MeanSquaredError({ name: '' }), ValueError, /MeanSquaredError: name must be a string with something in it/],
  ['a name that is none', () => metrics.AUC({ name: 3 as never }), ValueError, /AUC: name must be a string with something in it, got number 3/],
  ['one threshold of AUC', () => metrics.AUC({ numThresholds: 1 }), ValueError, /AUC: numThresholds must be a whole number of at least 2 and at most 100000, got 1/],
  ['a billion thresholds', () => metrics.AUC({ numThresholds: 1e9 }), ValueError, /AUC: numThresholds must be a whole number of at least 2 and at most 100000, got 1000000000/],
  ['a billion thresholds of another', () => metrics.RecallAtPrecision({ precision: 0.5, numThresholds: 1e9 }), ValueError, /numThresholds must be .* at most 100000/],
  ['a billion classes', () => metrics.MeanIoU({ numClasses: 1e9 }), ValueError, /MeanIoU: numClasses must be a whole number of at least 1 and at most 10000/],
  ['an unknown curve', () => metrics.AUC({ curve: 'PRC' as never }), ValueError, /AUC: curve must be one of roc, pr, got string "PRC"/],
  ['an unknown method', () => metrics.AUC({ summationMethod: 'middle' as never }), ValueError, /summationMethod must be one of interpolation, minoring, majoring/],
  ['thresholds outside of AUC', () => metrics.AUC({ thresholds: [0.5, -0.1] }), ValueError, /each of thresholds must be a number from 0 to 1, got -0.1/],
  ['label weights below 0', () => metrics.AUC({ labelWeights: [1, -1] }), ValueError, /each of labelWeights must be a finite number of at least 0, got -1/],
  ['labels that nobody counts', () => metrics.AUC({ numLabels: 3 }), ValueError, /AUC: numLabels is for multiLabel: true/],
  ['multiLabel of 1', () => metrics.AUC({ multiLabel: 1 as never }), ValueError, /multiLabel must be true or false, got number 1/],
  ['fromLogits in words', () => metrics.AUC({ fromLogits: 'yes' as never }), ValueError, /fromLogits must be true or false/],
  ['the size of labels nobody has seen', () => metrics.AUC({ multiLabel: true }).size, ValueError, /auc: how many labels there are is known with the first batch/],
  ['the size of classes nobody has seen', () => metrics.F1Score({ average: 'macro' }).size, ValueError, /f1_score: how many classes there are is known with the first batch/],
  ['a specificity that is missing', () => metrics.SensitivityAtSpecificity({} as never), ValueError, /SensitivityAtSpecificity: specificity must be a number from 0 to 1, got undefined/],
  ['a recall above 1', () => metrics.PrecisionAtRecall({ recall: 2 }), ValueError, /PrecisionAtRecall: recall must be a number from 0 to 1, got 2/],
  ['no thresholds to choose from', () => metrics.RecallAtPrecision({ precision: 0.5, numThresholds: 0 }), ValueError, /numThresholds must be a whole number of at least 1 and at most 100000, got 0/],
  ['an unknown average', () => metrics.F1Score({ average: 'mean' as never }), ValueError, /F1Score: average must be one of micro, macro, weighted, got string "mean"/],
  ['beta of 0', () => metrics.FBetaScore({ beta: 0 }), ValueError, /FBetaScore: beta must be a finite number of at least/],
  ['beta of F1', () => metrics.F1Score({ beta: 2 } as never), ValueError, /F1Score: unknown option beta/],
  ['a threshold of F1 above 1', () => metrics.F1Score({ threshold: 2 }), ValueError, /F1Score: threshold must be a number from 0 to 1, got 2/],
  ['IoU of unknown classes', () => metrics.MeanIoU({} as never), ValueError, /MeanIoU: numClasses must be a whole number of at least 1 and at most 10000, got undefined/],
  ['IoU of no classes', () => metrics.IoU({ numClasses: 2, targetClassIds: [] }), ValueError, /IoU: targetClassIds must be a list of classes, got an empty one/],
  ['IoU of a class beyond', () => metrics.OneHotIoU({ numClasses: 2, targetClassIds: [0, 2] }), ValueError, /OneHotIoU: targetClassIds must lie below numClasses 2, got 2/],
  ['BinaryIoU of a third class', () => metrics.BinaryIoU({ targetClassIds: [2] }), ValueError, /BinaryIoU: targetClassIds must lie below numClasses 2, got 2/],
  ['sparseYTrue in words', () => metrics.MeanIoU({ numClasses: 2, sparseYTrue: 'no' as never }), ValueError, /sparseYTrue must be true or false/],
  ['k of 0', () => metrics.TopKCategoricalAccuracy({ k: 0 }), ValueError, /TopKCategoricalAccuracy: k must be a whole number of at least 1, got 0/],
  ['a threshold of accuracy in words', () => metrics.BinaryAccuracy({ threshold: 'half' as never }), ValueError, /BinaryAccuracy: threshold must be a finite number, got string "half"/],
  ['an axis of half', () => metrics.CosineSimilarity({ axis: 0.5 }), ValueError, /CosineSimilarity: axis must be a whole number, got 0.5/],
  ['shapes that do not fit', count(metrics.Precision(), made([1, 0, 1]), rows), ShapeError, /precision: yTrue \[3\] does not fit yPred \[2, 2\]/],
  ['classes that do not fit', count(metrics.SparseCategoricalAccuracy(), made([1, 0, 1]), rows), ShapeError, /yTrue \[3\] must hold one class for each of the rows \[2\]/],
  ['maps that do not fit', count(metrics.MeanIoU({ numClasses: 2 }), made([1, 0, 1]), rows), ShapeError, /mean_io_u: classes \[3\] of yTrue do not fit classes \[2, 2\] of yPred/],
  ['a class that is not there', count(metrics.Recall({ classId: 2 }), rows, rows), ShapeError, /recall: there is no class 2 among predictions \[2, 2\]/],
  ['a class of vectors', count(metrics.Recall({ classId: 0 }), made([1]), made([1])), ShapeError, /there is no class 0 among predictions \[1\]/],
  ['label weights of others', count(metrics.AUC({ labelWeights: [1, 2, 3] }), rows, rows), ShapeError, /auc: 3 labelWeights do not fit predictions \[2, 2\]/],
  ['label weights of other labels', count(metrics.AUC({ multiLabel: true, labelWeights: [1, 2, 3] }), rows, rows), ShapeError, /auc: 3 labelWeights do not fit/],
  ['labels of a vector', count(metrics.AUC({ multiLabel: true, numLabels: 2 }), made([1, 0]), made([1, 0])), ShapeError, /auc: labels are counted one by one in predictions \[n, labels\], got \[2\]/],
  ['other labels than were said', count(metrics.AUC({ multiLabel: true, numLabels: 3 }), rows, rows), ShapeError, /auc: counts 3 labels, got 2/],
  ['scores of maps', count(metrics.F1Score(), made([[[1]]]), made([[[1]]])), ShapeError, /f1_score: predictions must be \[n, classes\], got \[1, 1, 1\]/],
  ['weights that do not fit', count(metrics.MeanSquaredError(), rows, rows, made([1, 2, 3])), ShapeError, /sample weights \[3\] do not fit values \[2\]/],
  ['weights that do not fit counts', count(metrics.AUC(), rows, rows, made([1, 2, 3])), ShapeError, /sample weights \[3\] do not fit values \[2, 2\]/],
  ['one number instead of a batch', count(metrics.MeanSquaredError(), made(1), made(1)), ShapeError, /mean_squared_error.updateState: yPred must be a batch, got one number/],
];

test.each(refusals)('%s is refused', (_, call, kind, says) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(says);
});

test('classes that change from batch to batch are refused', () => {
  const metric = metrics.F1Score({ average: 'macro' });
  metric.updateState(rows(), rows());
  expect(() => metric.updateState(tensor([[1, 0, 0]]), tensor([[1, 0, 0]]))).toThrow(
    /f1_score: counts 2 classes, got \[1, 3\]/,
  );
});
