// Regularizers and constraints: their formulas, their names, and what a layer does with them.
import { describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { resolveConstraint } from '../../src/constraints/constraints.ts';
import { Weight } from '../../src/layers/layer.ts';
import { resolveRegularizer } from '../../src/regularizers/regularizers.ts';
import { expectClose, onEachBackend } from '../models/support.ts';

const { constraints, regularizers } = w;
const matrix = () =>
  w.tensor([
    [3, -1],
    [4, 0],
  ]);

onEachBackend((place) => {
  // biome-ignore format: a table
  test.each<[string, () => w.Tensor, number[]]>([
    ['L1', () => regularizers.L1({ l1: 0.5 })(matrix()), [4]],
    ['l1 by name', () => resolveRegularizer('x', 'l1')!(matrix()), [0.08]],
    ['L2 has no half', () => regularizers.L2(0.5)(matrix()), [13]],
    ['l2 by name', () => resolveRegularizer('x', 'L2')!(matrix()), [0.26]],
    ['L1L2', () => regularizers.L1L2({ l1: 0.5, l2: 0.25 })(matrix()), [10.5]],
    ['l1_l2 by name is nothing', () => resolveRegularizer('x', 'l1_l2')!(matrix()), [0]],
    ['MaxNorm leaves short columns alone', () => constraints.MaxNorm(2)(matrix()), [1.2, -1, 1.6, 0]],
    ['MaxNorm by name has 2', () => resolveConstraint('x', 'max_norm')!(matrix()), [1.2, -1, 1.6, 0]],
    ['MaxNorm of rows', () => constraints.MaxNorm({ maxValue: 2, axis: 1 })(matrix()), [6 / Math.sqrt(10), -2 / Math.sqrt(10), 2, 0]],
    ['MaxNorm of all', () => constraints.MaxNorm({ maxValue: 1, axis: [0, 1] })(matrix()), [3, -1, 4, 0].map((v) => v / Math.sqrt(26))],
    ['MaxNorm of nothing', () => constraints.MaxNorm()(w.zeros([2, 1])), [0, 0]],
    ['MinMaxNorm', () => constraints.MinMaxNorm({ minValue: 1.5 , maxValue: 2 })(matrix()), [1.2, -1.5, 1.6, 0]],
    ['MinMaxNorm, half of the way', () => resolveConstraint('x', { class_name: 'MinMaxNorm', config: { min_value: 1.5, max_value: 2, rate: 0.5 } })!(matrix()), [2.1, -1.25, 2.8, 0]],
    ['minMaxNorm by name', () => resolveConstraint('x', 'minMaxNorm')!(matrix()), [0.6, -1, 0.8, 0]],
    ['NonNeg', () => constraints.NonNeg()(matrix()), [3, 0, 4, 0]],
    ['nonNeg by name', () => resolveConstraint('x', 'nonNeg')!(matrix()), [3, 0, 4, 0]],
    ['UnitNorm', () => constraints.UnitNorm()(matrix()), [0.6, -1, 0.8, 0]],
    ['UnitNorm by its class', () => resolveConstraint('x', { class_name: 'UnitNorm', config: { axis: 1 } })!(matrix()), [3 / Math.sqrt(10), -1 / Math.sqrt(10), 1, 0]],
  ])('%s', async (_, make, expected) => {
    // Keras adds 1e-7 to each length
    const found = await make().data();
    expected.forEach((value, i) => {
      expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(2e-7 * Math.max(1, Math.abs(value)) * 2);
    });
  });

  test('activityRegularizer adds its penalty by the batch size, in training and out of it', async () => {
    const found: w.Tensor[] = [];
    const model = new w.Sequential([
      w.Dense(2, { kernelInitializer: 'ones', activityRegularizer: regularizers.L2(1), inputDim: 1 }),
      w.ReLU({ activityRegularizer: 'l1' }),
    ]);
    const x = w.tensor([[1], [2], [-3]]);
    for (const training of [true, false]) model.apply(x, { training, addLoss: (penalty) => void found.push(penalty) });
    model.apply(x);
    const values = await Promise.all(found.map((penalty) => penalty.item()));
    const once = [(2 * (1 + 4 + 9)) / 3, (0.01 * (2 + 4)) / 3];
    expectClose(values, [...once, ...once], place);
  });

  test('ActivityRegularization is such a penalty with a place of its own', async () => {
    const found: w.Tensor[] = [];
    const layer = w.ActivityRegularization({ l1: 0.5, l2: 0.25 });
    const x = w.tensor([[1], [2], [-3]]);
    expect(layer.apply(x, { addLoss: (penalty) => void found.push(penalty) })).toBe(x);
    expectClose([await found[0]!.item()], [(0.5 * 6 + 0.25 * 14) / 3], place);
    expect(w.Identity().apply(x)).toBe(x);
  });

  test('it is part of the loss that fit minimises and that evaluate reports', async () => {
    const model = new w.Sequential([
      w.Dense(1, { kernelInitializer: 'ones', useBias: false, activityRegularizer: regularizers.L2(1), inputDim: 1 }),
    ]);
    model.compile({ optimizer: w.optimizers.SGD({ learningRate: 0.01 }), loss: 'mse' });
    const x = w.tensor([[1], [3]]);
    expectClose([Number(await model.evaluate(x, x, { verbose: 0 }))], [5], place);
    const { history } = await model.fit(x, x, { batchSize: 2, verbose: 0 });
    expectClose(history.loss!, [5], place);
    // the slope of the penalty alone, w = 1: 2 w (1 + 9) / 2
    expectClose(await model.getWeights()[0]!.data(), [0.9], place);
  });

  test('constraints hold after each update of fit', async () => {
    const constrained = async (kernelConstraint: string | null) => {
      const model = new w.Sequential([w.Dense(2, { kernelInitializer: 'ones', kernelConstraint, inputDim: 2 })]);
      model.compile({ optimizer: w.optimizers.SGD({ learningRate: 0.5 }), loss: 'mse' });
      const y = w.tensor([
        [-2, 3],
        [-1, 1],
      ]);
      await model.fit(matrix(), y, { batchSize: 1, shuffle: false, verbose: 0 });
      return Array.from(await model.getWeights()[0]!.data());
    };
    expect(Math.min(...(await constrained(null)))).toBeLessThan(0);
    expect(Math.min(...(await constrained('non_neg')))).toBe(0);
    const [a, b, c, d] = (await constrained('unit_norm')) as [number, number, number, number];
    // Keras adds 1e-7 to each length
    for (const length of [Math.hypot(a, c), Math.hypot(b, d)]) expect(Math.abs(length - 1)).toBeLessThan(1e-6);
  });
});

describe('what a layer’s weights carry', () => {
  const bound = constraints.NonNeg();
  const roles: readonly (readonly [string, w.Layer, number[], string[]])[] = [
    ['Conv2D', w.Conv2D(1, 1, { kernelConstraint: bound, biasConstraint: bound }), [1, 2, 2, 1], ['kernel', 'bias']],
    ['Dense', w.Dense(1, { kernelConstraint: bound }), [1, 2], ['kernel']],
    ['DepthwiseConv2D', w.DepthwiseConv2D(1, { depthwiseConstraint: bound }), [1, 2, 2, 1], ['kernel']],
    [
      'SeparableConv2D',
      w.SeparableConv2D(1, 1, { depthwiseConstraint: bound, pointwiseConstraint: bound }),
      [1, 2, 2, 1],
      ['depthwise_kernel', 'pointwise_kernel'],
    ],
    [
      'BatchNormalization',
      w.BatchNormalization({ gammaConstraint: bound, betaConstraint: bound }),
      [1, 2],
      ['gamma', 'beta'],
    ],
    ['PReLU', w.PReLU({ alphaConstraint: bound }), [1, 2], ['alpha']],
  ];
  test.each(roles)('%s: constraints reach their weights and no others', (_, layer, shape, names) => {
    layer.build(shape);
    const held = layer.weights.filter(({ constraint }) => constraint === bound);
    expect(held.map(({ name }) => name.split('/')[1])).toEqual(names);
    expect(
      layer.weights.filter(({ constraint }) => constraint !== bound).every(({ constraint }) => constraint === null),
    ).toBe(true);
  });

  test('a weight is trainable and free unless it says otherwise', () => {
    const options = { name: 'x', shape: [1], initializer: () => [0] };
    expect([new Weight(options).trainable, new Weight(options).constraint]).toEqual([true, null]);
    expect(new Weight({ ...options, trainable: false }).trainable).toBe(false);
  });

  test('penalties of weights that are trained are part of the loss; those of others are not', () => {
    const layer = w.BatchNormalization({ gammaRegularizer: 'l2', inputShape: [2] });
    layer.build([null, 2]);
    const penalised = (weights: readonly Weight[]) => weights.filter(({ regularizer }) => regularizer).length;
    expect(penalised(layer.trainableWeights)).toBe(1);
    layer.trainable = false;
    expect(penalised(layer.trainableWeights)).toBe(0);
  });
});
