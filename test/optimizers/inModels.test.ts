// Optimizers inside a model: recorded by fit, where kernels hand work to each other, and step by step.
import { expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { onEachBackend, startOver, tinyData, tinyModel, valuesOf } from '../models/support.ts';

const { Adam, AdamW, SGD, Nadam } = w.optimizers;

const everything = {
  ...{ learningRate: 0.05, weightDecay: 0.1, globalClipnorm: 0.1, useEma: true, emaMomentum: 0.5 },
  ...{ emaOverwriteFrequency: 2, gradientAccumulationSteps: 2 },
};

// biome-ignore format: a table
const table: readonly (readonly [title: string, optimizer: () => string | w.optimizers.Optimizer, slots: number])[] = [
  ['sgd', () => 'sgd', 0],
  ['adam', () => 'adam', 2],
  ['adamw', () => 'adamw', 2],
  ['rmsprop', () => 'rmsprop', 1],
  ['adagrad', () => 'adagrad', 1],
  ['adamax', () => 'adamax', 2],
  ['nadam', () => 'nadam', 2],
  ['Adam with everything', () => Adam(everything), 4],
  ['Nadam with everything', () => Nadam(everything), 4],
  ['SGD along a schedule', () => SGD({ learningRate: w.schedules.CosineDecay({ initialLearningRate: 0.5, decaySteps: 6 }) }), 0],
];

onEachBackend((place) => {
  const compiled = (optimizer: string | w.optimizers.Optimizer) => {
    startOver();
    const model = tinyModel();
    model.compile({ optimizer, loss: 'categorical_crossentropy', metrics: ['accuracy'] });
    return model;
  };

  test.each(table)('%s moves a model as far in fit as step by step', async (title, optimizer, slots) => {
    const { x, y } = tinyData(12);
    const [X, Y] = [w.tensor(x, [12, 2]), w.tensor(y, [12, 3])];
    const fitted = compiled(optimizer());
    const before = await valuesOf(fitted);
    await fitted.fit(X, Y, { epochs: 2, batchSize: 4, shuffle: false, verbose: 0 });

    const stepped = compiled(optimizer());
    for (let step = 0; step < 6; step++) {
      const batch = [w.slice(X, [4 * (step % 3), 0], [4, 2]), w.slice(Y, [4 * (step % 3), 0], [4, 3])] as const;
      await stepped.trainOnBatch(...batch);
    }
    // what fit does at its end
    stepped.optimizer.finalizeVariableValues();
    const [found, expected] = [await valuesOf(fitted), await valuesOf(stepped)];
    expect(found).not.toEqual(before);
    const off = found.flatMap((values, i) => values.map((value, at) => Math.abs(value - expected[i]![at]!)));
    // sums in another order; what Adam divides by a tiny root may be moved by a few of its digits
    expect(Math.max(...off)).toBeLessThan(place === 'cpu float64' ? 1e-12 : 2e-5);

    const scheduled = title.includes('schedule');
    const numbers = (scheduled ? 1 : 2) + (title.startsWith('nadam') || title.startsWith('Nadam') ? 1 : 0);
    expect(fitted.optimizer.stateSize).toBe(numbers + slots * fitted.countParams());
    expect(await fitted.optimizer.variables[0]!.value.item()).toBe(6);
    if (scheduled) expect(await fitted.optimizer.currentLearningRate()).toBeCloseTo(0, 7);
  });

  test('biases are kept from decaying by their name', async () => {
    const optimizer = AdamW({ learningRate: 0.5, weightDecay: 0.5 });
    optimizer.excludeFromWeightDecay({ names: ['bias'] });
    const model = compiled(optimizer);
    model.setWeights(model.getWeights().map((weight) => w.ones(weight.shape)));
    // nothing to learn: the slopes are 0, and kernels fall by half of half
    optimizer.apply(model.trainableWeights.map(({ variable }) => [w.zeros(variable.shape), variable] as const));
    const values = await valuesOf(model);
    expect(values.map((list) => list[0])).toEqual([0.75, 1, 0.75, 1]);
  });

  test('an optimizer is for one model, and for those that share its weights', async () => {
    const { x, y } = tinyData(4);
    const optimizer = Adam();
    const [first, second] = [compiled(optimizer), compiled(optimizer)];
    await first.trainOnBatch(x, y);
    const refused = new RegExp(`the Adam of ${second.name} trains ${first.name} already; give each model`);
    const before = await valuesOf(second);
    await expect(second.trainOnBatch(x, y)).rejects.toThrow(refused);
    await expect(second.fit(x, y, { verbose: 0 })).rejects.toThrow(refused);
    expect(await valuesOf(second)).toEqual(before);
    // nothing of it is needed for looking
    await second.evaluate(x, y, { verbose: 0 });
    await first.fit(x, y, { verbose: 0 });
    const whole = new w.Sequential([first, w.Dense(3, { activation: 'softmax' })]);
    whole.compile({ optimizer, loss: 'categorical_crossentropy' });
    await whole.fit(x, y, { verbose: 0 });
    expect(await optimizer.currentIterations()).toBe(3);
  });
});
