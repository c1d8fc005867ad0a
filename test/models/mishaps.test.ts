// What goes wrong in the middle of training, and what a program gives by mistake: each ends at once, and says why.
import { beforeEach, describe, expect, test, vi } from 'vitest';
import * as w from 'wgslgrad';
import type { Batch } from '../../src/models/source.ts';
import { printed, start, startOver, tinyData, tinyModel, valuesOf } from './support.ts';

const quiet = { verbose: 0 } as const;
const { x, y, labels } = tinyData(8);

function compiled(loss: string | w.losses.Loss = 'categorical_crossentropy'): w.Sequential {
  const model = tinyModel();
  model.compile({ optimizer: 'sgd', loss, metrics: ['accuracy'] });
  return model;
}

const batch = (): Batch => [w.tensor(x, [8, 2]), w.tensor(y, [8, 3])];

beforeEach(() => start('cpu float32'));

describe('while fit runs', () => {
  const during = (change: (model: w.Sequential) => unknown, epochs = 2) => {
    const model = compiled();
    return model.fit(x, y, { ...quiet, epochs, callbacks: [{ onEpochEnd: () => void change(model) }] });
  };

  test.each<[string, () => Promise<unknown>, new (message?: string) => Error, RegExp]>([
    [
      'the model is compiled',
      () => during((model) => model.compile({ loss: 'mse' })),
      w.ValueError,
      /^compile: sequential\w* is busy with fit; wait for it to end$/,
    ],
    ['a layer is added', () => during((model) => model.add(w.Dense(3))), w.ValueError, /^add: .* is busy with fit/],
    [
      'a weight is disposed of',
      () => during((model) => model.layers[0]!.weights[0]!.variable.dispose()),
      w.BackendError,
      /a tensor that a recorded step works with was disposed of/,
    ],
    [
      'the data is disposed of',
      () => {
        const [xs, ys] = [w.tensor(x, [8, 2]), w.tensor(y, [8, 3])];
        const callbacks = [{ onEpochEnd: () => xs.dispose() }];
        return compiled().fit(xs, ys, { ...quiet, epochs: 2, callbacks });
      },
      w.BackendError,
      /was disposed of, or moved, before its end/,
    ],
    [
      'another fit is asked for',
      () => {
        const model = compiled();
        const callbacks = [{ onEpochEnd: async () => void (await model.fit(x, y, quiet)) }];
        return model.fit(x, y, { ...quiet, callbacks });
      },
      w.ValueError,
      /^fit: sequential\w* is busy with fit/,
    ],
  ])('%s', async (_, run, kind, says) => {
    await expect(run()).rejects.toThrow(kind);
    await expect(run()).rejects.toThrow(says);
  });

  test('a model that shares a layer waits, one that shares an input does not', async () => {
    const input = w.Input({ shape: [2] });
    const shared = w.Dense(4, { name: 'shared' });
    const make = (first: w.Layer) => {
      const model = new w.Model({ inputs: input, outputs: w.Dense(3).apply(first.apply(input)) });
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      return model;
    };
    const [a, b, c] = [make(shared), make(shared), make(w.Dense(4))];
    const runs = await Promise.allSettled([a, b, c].map((model) => model.fit(x, y, quiet)));
    expect(runs.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(String((runs[1] as PromiseRejectedResult).reason)).toMatch(/fit: shared is busy with fit/);
    await b.fit(x, y, quiet);
  });

  test('a failure in any hook leaves a model that trains again', async () => {
    for (const hook of [
      'onTrainBegin',
      'onTrainBatchBegin',
      'onTrainBatchEnd',
      'onTestEnd',
      'onEpochEnd',
      'onTrainEnd',
    ]) {
      const model = compiled();
      const callbacks = [{ [hook]: () => Promise.reject(new Error(`in ${hook}`)) }];
      const options = { ...quiet, validationData: [x, y], callbacks } as const;
      await expect(model.fit(x, y, options)).rejects.toThrow(`in ${hook}`);
      expect((await model.fit(x, y, quiet)).epoch).toEqual([0]);
    }
  });
});

describe('a loss that is no number', () => {
  test('is worth one warning, whatever it came from', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const nothing = new Float32Array(24).fill(Number.NaN);
    await compiled().fit(x, nothing, { ...quiet, epochs: 3 });
    await compiled().fit(x, y, { ...quiet, sampleWeight: new Float32Array(8).fill(Infinity) });
    const texts = warn.mock.calls.map(([text]) => String(text));
    warn.mockRestore();
    expect(texts).toEqual([
      'fit: the loss is NaN after epoch 1; look for numbers in x, y and sampleWeight that are not finite, or lower the learning rate',
      expect.stringMatching(/^fit: the loss is (?:Infinity|NaN) after epoch 1;/),
    ]);
  });

  test('a text that a callback puts beside it is printed as it is', async () => {
    const text = await printed(() =>
      compiled().fit(x, y, {
        verbose: 2,
        callbacks: [{ onEpochEnd: (_, logs) => void Object.assign(logs, { note: 'ok' }) }],
      }),
    );
    expect(text).toMatch(/ - note: ok\n$/);
  });
});

describe('data', () => {
  test('an async function that gives batches is read in every epoch', async () => {
    let opened = 0;
    const data = async () => {
      opened++;
      return [batch(), batch()];
    };
    const { params, history } = await compiled().fit(data, { ...quiet, epochs: 3 });
    expect(history.loss).toHaveLength(3);
    expect(params.steps).toBe(null);
    expect(opened).toBe(3);
  });

  test.each<[string, () => w.BatchData, RegExp]>([
    ['an async function that fails', () => async () => Promise.reject(new Error('no network')), /^no network$/],
    [
      'one that gives no batches',
      () => async () => 3 as never,
      /fit: x must be .* or an iterable of batches, got number 3/,
    ],
    [
      'promises in the place of batches',
      () => [Promise.resolve(batch())].values() as never,
      /a batch must be .* got a promise/,
    ],
    ['batches of four', () => [[...batch(), null, 1]].values() as never, /a batch must be .* got a list of 4/],
  ])('%s', async (_, data, says) => {
    await expect(compiled().fit(data(), quiet)).rejects.toThrow(says);
  });

  test('class weights of targets that are no classes', async () => {
    const model = new w.Sequential([w.Conv2D(3, 1, { activation: 'softmax', inputShape: [4, 4, 1] })]);
    model.compile({ loss: 'sparse_categorical_crossentropy' });
    const classWeight = { 0: 2 };
    const [images, maps] = [w.zeros([2, 4, 4, 1]), w.zeros([2, 4, 4])];
    const says = /classWeight needs one class for each sample, got targets \[2, 4, 4\]; give sampleWeight/;
    await expect(model.fit(images, maps, { ...quiet, classWeight })).rejects.toThrow(says);
    await expect(model.trainOnBatch(images, maps, { classWeight })).rejects.toThrow(says);
  });

  test('class weights round what is not whole, and count 1 for what is below 0, as in Keras', async () => {
    const run = async (options: object) => {
      w.setRandomSeed(1);
      const model = new w.Sequential([w.Dense(1, { inputShape: [1], kernelInitializer: 'ones' })]);
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      await model.fit([[1], [2], [3]], [1.2, -3, 0.4], { ...quiet, ...options });
      return valuesOf(model);
    };
    expect(await run({ classWeight: { 0: 5, 1: 3 } })).toEqual(await run({ sampleWeight: [3, 1, 5] }));
  });

  test('integer labels beside a categorical loss are told of the sparse one', async () => {
    await expect(compiled().fit(x, labels, quiet)).rejects.toThrow(/for integer classes use sparse_categorical/);
  });
});

describe('outputs that nobody judges', () => {
  const two = (options: Partial<w.CompileOptions> = {}) => {
    startOver();
    const input = w.Input({ shape: [2] });
    const outputs = ['a', 'b'].map((name) => w.Dense(3, { name }).apply(input));
    const model = new w.Model({ inputs: input, outputs });
    model.compile({ optimizer: 'sgd', loss: { a: 'mse' }, ...options });
    return model;
  };

  test('need no targets', async () => {
    const { history: expected } = await two().fit(x, [y, y], quiet);
    for (const ys of [{ a: y }, { a: y, b: null }, [y, null]] as w.Arrays[]) {
      expect((await two().fit(x, ys, quiet)).history).toEqual(expected);
      const validated = await two().fit(() => [[w.tensor(x, [8, 2]), ys] as const].values(), quiet);
      expect(validated.history.a_loss).toEqual(expected.a_loss);
    }
    expect(await two().trainOnBatch(x, { a: y })).toEqual(await two().trainOnBatch(x, [y, y]));
  });

  test('need them once they have metrics', async () => {
    await expect(two({ metrics: { b: ['mae'] } }).fit(x, { a: y }, quiet)).rejects.toThrow(/fit: y.b is missing/);
    await expect(two().fit(x, { b: y }, quiet)).rejects.toThrow(/fit: y.a is missing/);
  });
});

test('a loss that does not look at the predictions is refused', async () => {
  const says = /the loss depends on none of the trainable weights/;
  await expect(compiled((t) => t.mul(2)).fit(x, y, quiet)).rejects.toThrow(says);
  await expect(compiled((t) => t.mul(2)).trainOnBatch(x, y)).rejects.toThrow(says);
});

test('options by place of a layer that are none', () => {
  expect(() => Reflect.apply(w.Conv2D, null, [32, 3, 'relu'])).toThrow(
    /^Conv2D: options must be an object, got string "relu"$/,
  );
});

test('init knows its options', async () => {
  await expect(w.init({ backends: 'cpu' } as never)).rejects.toThrow(
    /init: unknown option backends; there are backend,/,
  );
});
