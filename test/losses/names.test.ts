// Losses by name, as objects with options, and what they refuse.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { close, DTypeError, init, losses, ShapeError, type Tensor, tensor, ValueError } from 'wgslgrad';
import { checkLabels, labelFacts } from '../../src/losses/labels.ts';
import { classTargets } from '../../src/losses/resolve.ts';
import { expectClose } from '../models/support.ts';

beforeAll(() => init({ backend: 'cpu', dtype: 'float64' }));
afterAll(() => close());

const { resolveLoss } = losses;

// biome-ignore format: a table
const names: readonly [loss: unknown, maker: string | null, names: readonly string[]][] = [
  [losses.categoricalCrossentropy, 'CategoricalCrossentropy', ['categorical_crossentropy', 'categoricalCrossentropy']],
  [losses.sparseCategoricalCrossentropy, 'SparseCategoricalCrossentropy', ['sparse_categorical_crossentropy']],
  [losses.binaryCrossentropy, 'BinaryCrossentropy', ['binary_crossentropy', 'bce', 'BCE']],
  [losses.categoricalFocalCrossentropy, 'CategoricalFocalCrossentropy', ['categorical_focal_crossentropy']],
  [losses.binaryFocalCrossentropy, 'BinaryFocalCrossentropy', ['binary_focal_crossentropy']],
  [losses.categoricalGeneralizedCrossEntropy, 'CategoricalGeneralizedCrossEntropy', ['categorical_generalized_cross_entropy']],
  [losses.circle, 'Circle', ['circle']],
  [losses.meanSquaredError, 'MeanSquaredError', ['mean_squared_error', 'mse', 'MSE']],
  [losses.meanAbsoluteError, 'MeanAbsoluteError', ['mean_absolute_error', 'mae', 'MAE']],
  [losses.meanAbsolutePercentageError, 'MeanAbsolutePercentageError', ['mean_absolute_percentage_error', 'mape', 'MAPE']],
  [losses.meanSquaredLogarithmicError, 'MeanSquaredLogarithmicError', ['mean_squared_logarithmic_error', 'msle', 'MSLE']],
  [losses.huber, 'Huber', ['huber']],
  [losses.logCosh, 'LogCosh', ['log_cosh', 'logcosh']],
  [losses.cosineSimilarity, 'CosineSimilarity', ['cosine_similarity']],
  [losses.klDivergence, 'KLDivergence', ['kl_divergence', 'kld', 'KLD', 'kullback_leibler_divergence']],
  [losses.poisson, 'Poisson', ['poisson']],
  [losses.hinge, 'Hinge', ['hinge']],
  [losses.squaredHinge, 'SquaredHinge', ['squared_hinge']],
  [losses.categoricalHinge, 'CategoricalHinge', ['categorical_hinge']],
  [losses.dice, 'Dice', ['dice']],
  [losses.tversky, 'Tversky', ['tversky']],
];

test.each(names)('%o is %s, %j', (loss, maker, all) => {
  for (const name of [...all, ...(maker ? [maker] : [])]) expect(resolveLoss(name)).toBe(loss);
  expect(resolveLoss(loss)).toBe(loss);
  expect(loss).toHaveProperty('name', all[0]);
});

test('every class is there, gives a loss, and takes a reduction and a name', async () => {
  const [t, p] = [tensor([[1, 0]]), tensor([[0.75, 0.25]])];
  for (const [plain, className] of names) {
    const make = Reflect.get(losses, className!) as (options?: object) => losses.Loss;
    const loss = make({ reduction: 'sum', name: 'mine' });
    expect([loss.name, loss.reduction]).toEqual(['mine', 'sum']);
    expect(make().name).toBe((plain as losses.Loss).name);
    expect(make().reduction).toBe('sum_over_batch_size');
    const sparse = ['SparseCategoricalCrossentropy', 'CategoricalGeneralizedCrossEntropy', 'Circle'];
    const targets = sparse.includes(className!) ? tensor([0], [1], 'int32') : t;
    expect(await loss(targets, p).array()).toEqual(await (plain as losses.Loss)(targets, p).array());
    expect(() => make({ smoothing: 1 })).toThrow(`${className}: unknown option smoothing; there are `);
  }
});

test('options of an object are those of its function', async () => {
  const [t, p] = [tensor([[1, 0]]), tensor([[2, -1]])];
  const options = { fromLogits: true, labelSmoothing: 0.2 };
  const loss = losses.CategoricalCrossentropy({ ...options, reduction: 'none' });
  expect(await loss(t, p).array()).toEqual(await losses.categoricalCrossentropy(t, p, options).array());
  expect(losses.Huber({ reduction: 'mean' }).reduction).toBe('sum_over_batch_size');
  expect(losses.Huber({ reduction: null }).reduction).toBe('none');
});

describe('crossentropy is the one that the shapes ask for', () => {
  const p = () => tensor([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]); // biome-ignore format: rows
  const expected = [0.3566749, 1.2039728];

  test.each(['crossentropy', 'ce', 'Crossentropy', 'CE'])('%s', async (name) => {
    const loss = resolveLoss(name);
    const value = async (t: Tensor, yPred: Tensor) => Array.from(await loss(t, yPred).data());
    expectClose(await value(tensor([[1, 0, 0], [0, 1, 0]]), p()), expected, 'cpu float64'); // biome-ignore format: rows
    expectClose(await value(tensor([0, 1], [2], 'int32'), p()), expected, 'cpu float64');
    // the labels of CIFAR
    expectClose(await value(tensor([0, 1], [2, 1], 'uint8'), p()), expected, 'cpu float64');
    expectClose(await value(tensor([1, 0]), tensor([[0.9], [0.2]])), [0.1053605, 0.2231436], 'cpu float64');
  });

  test('and says which targets it takes', () => {
    const loss = resolveLoss('crossentropy');
    expect(classTargets(loss, [8], [null, 3])).toEqual({ axis: -1, ignoreClass: null });
    expect(classTargets(loss, [8, 1], [null, 3])).toEqual({ axis: -1, ignoreClass: null });
    expect(classTargets(loss, [8, 3], [null, 3])).toBeNull();
    expect(classTargets(loss, [8], [null, 1])).toBeNull();
    expect(classTargets(losses.huber, [8], [8, 3])).toBeNull();
    const ignoring = losses.SparseCategoricalCrossentropy({ ignoreClass: 255, axis: 1 });
    expect(classTargets(ignoring, [8], [8, 3])).toEqual({ axis: 1, ignoreClass: 255 });
  });
});

test('labels of a class that is ignored may be any', async () => {
  const labels = tensor([0, 255, 2], [3], 'uint8');
  checkLabels('fit', await labelFacts(labels, 255), 3);
  checkLabels('fit', await labelFacts(tensor([0, -1, 2]), -1), 3);
  const facts = await labelFacts(labels);
  expect(() => checkLabels('fit', facts, 3)).toThrow(/0 to 2; they go from 0 to 255/);
});

const t = () => tensor([[1, 0]]);
const p = () => tensor([[0.5, 0.5]]);

// biome-ignore format: a table
const refusals: readonly [what: string, call: () => unknown, kind: new (text: string) => Error, says: string | RegExp][] = [
  ['an unknown name', () => resolveLoss('cross_entropy'), ValueError, /unknown loss "cross_entropy"; there are categorical_crossentropy, .*mse/],
  ['a name that every object has', () => resolveLoss('constructor'), ValueError, /unknown loss "constructor"/],
  ['no name', () => resolveLoss(''), ValueError, /unknown loss ""/],
  ['a number', () => resolveLoss(3), ValueError, /unknown loss number 3/],
  ['nothing', () => resolveLoss(undefined), ValueError, /unknown loss undefined/],
  ['null', () => resolveLoss(null), ValueError, /unknown loss null/],
  ['a list', () => resolveLoss(['mse']), ValueError, /unknown loss a list/],
  ['targets that are no tensor', () => losses.huber([1] as never, p()), ValueError, /huber: yTrue must be a tensor, got a list/],
  ['predictions that are no tensor', () => losses.poisson(t(), 3 as never), ValueError, /poisson: yPred must be a tensor, got number 3/],
  ['integer predictions', () => losses.meanSquaredError(t(), tensor([[1, 2]], [1, 2], 'int32')), DTypeError, /meanSquaredError: yPred must be a float tensor, got int32/],
  ['targets of another length', () => losses.huber(tensor([[1, 2, 3]]), p()), ShapeError, /huber: yTrue \[1, 3\] does not fit yPred \[1, 2\]/],
  ['targets that would broadcast', () => losses.meanSquaredError(tensor([[1], [2]]), tensor([[1, 2], [3, 4]])), ShapeError, /yTrue \[2, 1\] does not fit yPred \[2, 2\]/],
  ['targets of as many values in other rows', () => losses.huber(tensor([[1, 2, 3], [4, 5, 6]]), tensor([[1, 2], [3, 4], [5, 6]])), ShapeError, /yTrue \[2, 3\] does not fit yPred \[3, 2\]/],
  ['integer classes for one-hot rows', () => losses.categoricalCrossentropy(tensor([0]), p()), ShapeError, /for integer classes use sparse_categorical_crossentropy/],
  ['one-hot rows for integer classes', () => losses.sparseCategoricalCrossentropy(t(), p()), ShapeError, /yTrue \[1, 2\] must hold one class for each of the rows \[1\]/],
  ['classes of other rows', () => losses.sparseCategoricalCrossentropy(tensor([[0, 1, 0], [1, 0, 1]]), tensor(new Float32Array(12), [3, 2, 2])), ShapeError, /yTrue \[2, 3\] must hold one class for each of the rows \[3, 2\]/],
  ['an unknown option', () => losses.huber(t(), p(), { alpha: 1 } as never), ValueError, 'huber: unknown option alpha; there are delta'],
  ['an option where there is none', () => losses.poisson(t(), p(), { fromLogits: true } as never), ValueError, /poisson: unknown option fromLogits/],
  ['options that are none', () => losses.huber(t(), p(), 3 as never), ValueError, /huber: options must be an object, got number 3/],
  ['null for options', () => losses.Huber(null as never), ValueError, /Huber: options must be an object, got null/],
  ['fromLogits of 1', () => losses.categoricalCrossentropy(t(), p(), { fromLogits: 1 as never }), ValueError, /categoricalCrossentropy: fromLogits must be true or false, got number 1/],
  ['labelSmoothing above 1', () => losses.BinaryCrossentropy({ labelSmoothing: 1.5 }), ValueError, /BinaryCrossentropy: labelSmoothing must be a number from 0 to 1, got 1.5/],
  ['labelSmoothing below 0', () => losses.binaryCrossentropy(t(), p(), { labelSmoothing: -0.1 }), ValueError, /labelSmoothing must be a number from 0 to 1, got -0.1/],
  ['labelSmoothing of NaN', () => losses.CategoricalCrossentropy({ labelSmoothing: NaN }), ValueError, /from 0 to 1, got NaN/],
  ['labelSmoothing of sparse classes', () => losses.SparseCategoricalCrossentropy({ labelSmoothing: 0.1 } as never), ValueError, /unknown option labelSmoothing; there are fromLogits, ignoreClass, axis/],
  ['an axis in words', () => losses.CategoricalCrossentropy({ axis: 'last' as never }), ValueError, /CategoricalCrossentropy: axis must be a whole number, got string "last"/],
  ['an axis outside', () => losses.categoricalCrossentropy(t(), p(), { axis: 2 }), ValueError, /axis 2 is outside a tensor of rank 2/],
  ['an axis outside, of binary', () => losses.binaryCrossentropy(t(), p(), { axis: -3 }), ValueError, /binaryCrossentropy: axis -3 is outside/],
  ['ignoreClass of a half', () => losses.SparseCategoricalCrossentropy({ ignoreClass: 0.5 }), ValueError, /ignoreClass must be a whole number, got 0.5/],
  ['delta below 0', () => losses.Huber({ delta: -1 }), ValueError, /Huber: delta must be a finite number of at least 0, got -1/],
  ['delta of infinity', () => losses.huber(t(), p(), { delta: Infinity }), ValueError, /delta must be a finite number/],
  ['gamma below 0', () => losses.BinaryFocalCrossentropy({ gamma: -1 }), ValueError, /gamma must be a finite number of at least 0, got -1/],
  ['alpha above 1', () => losses.BinaryFocalCrossentropy({ alpha: 2 }), ValueError, /alpha must be a number from 0 to 1, got 2/],
  ['applyClassBalancing in words', () => losses.BinaryFocalCrossentropy({ applyClassBalancing: 'yes' as never }), ValueError, /applyClassBalancing must be true or false, got string "yes"/],
  ['no alpha', () => losses.CategoricalFocalCrossentropy({ alpha: [] }), ValueError, /alpha must be a list of numbers, got an empty one/],
  ['an alpha that is no number', () => losses.CategoricalFocalCrossentropy({ alpha: [0.1, NaN] }), ValueError, /each of alpha must be a finite number, got NaN/],
  ['axes of dice that are none', () => losses.Dice({ axis: [0.5] }), ValueError, /Dice: each of axis must be a whole number, got 0.5/],
  ['an axis of dice outside', () => losses.dice(t(), p(), { axis: 5 }), ValueError, /axis 5 is outside/],
  ['beta of NaN', () => losses.Tversky({ beta: NaN }), ValueError, /Tversky: beta must be a finite number, got NaN/],
  ['an unknown reduction', () => losses.Hinge({ reduction: 'average' as never }), ValueError, /Hinge: reduction must be one of sum_over_batch_size, mean_with_sample_weight, sum, none, got string "average"/],
  ['an empty name', () => losses.Hinge({ name: '' }), ValueError, /Hinge: name must be a string with something in it/],
  ['a name that is none', () => losses.Hinge({ name: 3 as never }), ValueError, /Hinge: name must be a string with something in it, got number 3/],
];

test.each(refusals)('%s is refused', (_, call, kind, says) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(says);
});
