// What transfer learning does to models after they were made: one base in several models, layers frozen and freed between steps, features kept
// while something changes. Nothing that was recorded or computed before may answer for it.
import { expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { onEachBackend, start, startOver, valuesOf, wave } from './support.ts';

const numbers = async (x: w.Tensor) => Array.from(await x.data());
const x = () => w.tensor(wave(8 * 36), [8, 6, 6, 1]);
const y = () => w.toCategorical([0, 1, 0, 1, 1, 0, 1, 0], 2);
const quiet = { verbose: 0, shuffle: false } as const;

function compiled<M extends w.Model>(model: M): M {
  model.compile({ optimizer: w.optimizers.SGD({ learningRate: 0.1 }), loss: 'categorical_crossentropy' });
  return model;
}

const head = () => [w.Flatten(), w.Dense(2, { activation: 'softmax' })];

function base(name = 'base'): w.Model {
  const input = w.Input({ shape: [6, 6, 1] });
  const inner = w.Activation('relu', { name: 'act' }).apply(w.Conv2D(3, 3, { name: 'conv' }).apply(input));
  return new w.Model({ inputs: input, outputs: w.BatchNormalization({ name: 'norm' }).apply(inner), name });
}

onEachBackend(() => {
  test('a base in two models shows its inner values in each of them', async () => {
    startOver(3);
    const shared = base();
    const models = [0, 1].map(() => new w.Sequential([shared, ...head()]));
    const outputs = models.map(({ inputs, output }) => {
      const both = new w.Model({ inputs, outputs: [shared.getLayer('act').output, output] });
      return both.run([x()], {});
    });
    for (const [i, [inside, out]] of outputs.entries()) {
      expect(await numbers(out!)).toEqual(await numbers(models[i]!.apply(x())));
      expect(await numbers(inside!)).toEqual(await numbers(outputs[0]![0]!));
    }
  });

  test('two models that share layers train them in turns', async () => {
    startOver(4);
    const shared = base();
    const models = [0, 1].map(() => compiled(new w.Sequential([shared, ...head()])));
    const kernel = shared.weights[0]!;
    let before = await numbers(kernel.variable);
    for (const step of [0, 1, 2, 3]) {
      const model = models[step % 2]!;
      const expected = await numbers(gradientStep(model, kernel));
      if (step < 2) await model.fit(x(), y(), { ...quiet, batchSize: 8 });
      else await model.trainOnBatch(x(), y());
      const after = await numbers(kernel.variable);
      expect(after).not.toEqual(before);
      after.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 5);
      });
      before = after;
    }
  });

  test('steps on single batches see that a normalisation without gamma and beta is frozen and freed', async () => {
    startOver(5);
    const norm = w.BatchNormalization({ center: false, scale: false, inputShape: [6, 6, 1] });
    const model = compiled(new w.Sequential([norm, ...head()]));
    const mean = async () => (await numbers(norm.weights[0]!.variable))[0]!;
    const step = async (trainable: boolean) => {
      norm.trainable = trainable;
      const before = await mean();
      await model.trainOnBatch(x(), y());
      return (await mean()) !== before;
    };
    expect([await step(true), await step(false), await step(true)]).toEqual([true, false, true]);
  });

  const runs = async (make: () => w.Model, options: w.FitOptions | ((model: w.Model) => w.FitOptions) = {}) => {
    const found = [];
    for (const cacheFeatures of [false, true]) {
      startOver(6);
      const model = make();
      const given = typeof options === 'function' ? options(model) : options;
      const { history } = await model.fit(x(), y(), { ...quiet, epochs: 3, batchSize: 4, ...given, cacheFeatures });
      found.push([...Object.values(history).flat(), ...(await valuesOf(model)).flat()]);
    }
    const [whole, cached] = found as [number[], number[]];
    expect(cached).toHaveLength(whole.length);
    cached.forEach((value, i) => {
      expect(value, `number ${i}`).toBeCloseTo(whole[i]!, 4);
    });
  };

  const frozen = (options: object = {}) => w.Conv2D(3, 3, { inputShape: [6, 6, 1], trainable: false, ...options });

  test('cached features: uses that are pinned to inference stay so behind them', () =>
    runs(() => {
      const input = w.Input({ shape: [6, 6, 1] });
      const normalized = w.BatchNormalization().apply(frozen().apply(input), { training: false });
      const output = head().reduce((value, layer) => layer.apply(value), normalized);
      return compiled(new w.Model({ inputs: input, outputs: output }));
    }));

  test('cached features: a pinned base with dropout is cached', () =>
    runs(() => {
      const dropping = new w.Sequential([frozen(), w.Dropout(0.5)]);
      dropping.trainable = false;
      const input = w.Input({ shape: [6, 6, 1] });
      const output = head().reduce((value, layer) => layer.apply(value), dropping.apply(input, { training: false }));
      return compiled(new w.Model({ inputs: input, outputs: output }));
    }));

  test('cached features: weights that a callback changes are seen by the next epoch, and by its validation', () =>
    runs(
      () => compiled(new w.Sequential([frozen(), ...head()])),
      (model) => ({
        validationSplit: 0.25,
        callbacks: [
          {
            onEpochBegin() {
              const weights = model.getWeights();
              model.setWeights(weights.map((weight, i) => (i === 0 ? w.mul(weight, 1.5) : weight)));
            },
          },
        ],
      }),
    ));

  test('cached features: what a function of the user reads counts too', () => {
    let scale = w.variable([1]);
    return runs(
      () => {
        scale = w.variable([1]);
        return compiled(new w.Sequential([frozen({ activation: (t: w.Tensor) => w.mul(t, scale) }), ...head()]));
      },
      { callbacks: [{ onEpochEnd: () => void scale.assign(w.add(scale, 1)) }] },
    );
  });
});

test('features of layers that add to the loss are not cached', async () => {
  await start('cpu float32');
  const layer = w.Conv2D(3, 3, { inputShape: [6, 6, 1], trainable: false, activityRegularizer: 'l2', name: 'paying' });
  const model = compiled(new w.Sequential([layer, ...head()]));
  await expect(model.fit(x(), y(), { ...quiet, cacheFeatures: true })).rejects.toThrow(/paying .* adds to the loss/);
  await w.close();
});

test('an input that nothing needs is a layer, where Keras has it', () => {
  const [a, b] = ['a', 'b'].map((name) => w.Input({ shape: [2], name }));
  const hidden = w.Dense(3, { name: 'hidden' }).apply(a!);
  const model = new w.Model({ inputs: [b!, a!], outputs: w.Dense(1, { name: 'end' }).apply(hidden) });
  expect(model.layers.map(({ name }) => name)).toEqual(['a', 'hidden', 'b', 'end']);
});

test('two outputs of one layer have names and keys of their own', async () => {
  await start('cpu float32');
  const [a, b] = ['a', 'b'].map((name) => w.Input({ shape: [2], name }));
  const layer = w.Dense(1, { name: 'out' });
  const model = new w.Model({ inputs: [a!, b!], outputs: [layer.apply(a!), layer.apply(b!)] });
  expect(model.outputNames).toEqual(['out', 'out_1']);
  model.compile({ loss: { out: 'mse', out_1: 'mae' } });
  const { history } = await model.fit([w.ones([2, 2]), w.zeros([2, 2])], [w.zeros([2, 1]), w.ones([2, 1])], quiet);
  expect(Object.keys(history)).toEqual(['loss', 'out_loss', 'out_1_loss']);
  expect(history.loss![0]).toBeCloseTo(history.out_loss![0]! + history.out_1_loss![0]!, 5);
  await w.close();
});

test.each<[string, () => unknown, RegExp]>([
  [
    'a model in itself',
    () => {
      const model = new w.Sequential([w.Dense(1)], { name: 'snake' });
      model.add(model);
    },
    /snake: cannot be a layer of itself, as it would be in snake/,
  ],
  [
    'a model in a model in itself',
    () => {
      const inner = new w.Sequential([w.Dense(1)], { name: 'inner' });
      inner.add(new w.Sequential([inner], { name: 'outer' }));
    },
    /inner: cannot be a layer of itself, as it would be in outer/,
  ],
  [
    'a value of two models at once',
    () => {
      const [one, other] = [base('one'), base('other')];
      const model = new w.Sequential([one, w.Flatten()]);
      const sum = w.Add().apply([one.getLayer('act').output, other.getLayer('act').output]);
      return new w.Model({ inputs: model.inputs, outputs: sum });
    },
    /the graph is disconnected/,
  ],
])('%s is refused', (_, make, says) => {
  expect(make).toThrow(says);
});

/** What a step of plain descent makes of one weight. */
function gradientStep(model: w.Model, { variable }: { readonly variable: w.Tensor }): w.Tensor {
  const held = [...new Set(model.weights)].map((weight) => [weight, w.add(weight.variable, 0)] as const);
  const loss = w.losses.categoricalCrossentropy(y(), model.apply(x(), { training: true })).mean();
  loss.backward();
  const gradient = Reflect.get(variable, 'grad') as w.Tensor;
  const stepped = w.sub(variable, w.mul(gradient, 0.1));
  // batch statistics have moved: nobody is to know
  for (const [weight, value] of held) weight.variable.assign(value);
  return stepped;
}
