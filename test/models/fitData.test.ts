// What `fit`, `evaluate` and `predict` take beside plain arrays, and what samples count: the same numbers whichever way the data comes.
import { describe, expect, test, vi } from 'vitest';
import * as w from 'wgslgrad';
import type { Batch } from '../../src/models/source.ts';
import { expectClose, onEachBackend, startOver, tinyData, tinyModel, valuesOf } from './support.ts';

const COUNT = 10;
const SIZE = 4;
const { x, y, labels } = tinyData(COUNT);

/** The samples as batches of 4, 4 and 2. */
function batches(weights?: Float32Array): Batch[] {
  return [0, SIZE, 2 * SIZE].map((start) => {
    const end = Math.min(start + SIZE, COUNT);
    const xs = w.tensor(x.slice(start * 2, end * 2), [end - start, 2]);
    const ys = w.tensor(y.slice(start * 3, end * 3), [end - start, 3]);
    return weights ? [xs, ys, weights.slice(start, end)] : [xs, ys];
  });
}

function compiled(options: Partial<w.CompileOptions> = {}): w.Sequential {
  startOver(3);
  const model = tinyModel();
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'], ...options });
  return model;
}

const quiet = { verbose: 0 } as const;

/** The weights after training on arrays in their order. */
async function trainedOnArrays(epochs = 2, extra: w.FitOptions = {}): Promise<number[][]> {
  const model = compiled();
  await model.fit(x, y, { ...quiet, batchSize: SIZE, shuffle: false, epochs, ...extra });
  return valuesOf(model);
}

onEachBackend((place) => {
  test.each<[string, () => w.BatchData]>([
    ['a function that gives a generator', () => () => batches().values()],
    ['an iterable that starts over', () => ({ [Symbol.iterator]: () => batches().values() })],
    [
      'an asynchronous iterable',
      () => ({
        async *[Symbol.asyncIterator]() {
          yield* batches();
        },
      }),
    ],
    ['an indexed data set', () => ({ length: 3, get: (i: number) => batches()[i]! })],
    ['an indexed data set that loads', () => ({ length: 3, get: async (i: number) => batches()[i]! })],
  ])('%s trains as arrays do', async (_, data) => {
    const model = compiled();
    const { history, params } = await model.fit(data(), { ...quiet, shuffle: false, epochs: 2 });
    expect(await valuesOf(model)).toEqual(await trainedOnArrays());
    expect(history.loss).toHaveLength(2);
    expect([null, 3]).toContain(params.steps);
  });

  test('a generator is read once: with stepsPerEpoch each epoch takes up where the one before ended', async () => {
    const model = compiled();
    function* twice(): Generator<Batch> {
      yield* batches();
      yield* batches();
    }
    const { history } = await model.fit(twice(), { ...quiet, epochs: 3, stepsPerEpoch: 2 });
    expect(history.loss).toHaveLength(3);
    expect(await valuesOf(model)).toEqual(await trainedOnArrays(2));
  });

  test('arrays with stepsPerEpoch go on from epoch to epoch, and start over when all were used', async () => {
    const model = compiled();
    const options = { ...quiet, shuffle: false, epochs: 3, stepsPerEpoch: 2, batchSize: SIZE } as const;
    const { history, params } = await model.fit(x, y, options);
    expect(params.steps).toBe(2);
    expect(history.loss).toHaveLength(3);
    expect(await valuesOf(model)).toEqual(await trainedOnArrays(2));
  });

  test('data that runs out ends training with a warning', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const model = compiled();
    const { history } = await model.fit(batches().values(), { ...quiet, epochs: 5, stepsPerEpoch: 2 });
    expect(history.loss).toHaveLength(2);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/ran out after 1 of 2 steps; training ends/)]]);
    warn.mockRestore();
  });

  test('an indexed data set changes the order of its batches, and hears of the end of each epoch', async () => {
    const orders: number[][] = [[]];
    const model = compiled();
    const data = {
      length: 3,
      get(i: number) {
        orders.at(-1)!.push(i);
        return batches()[i]!;
      },
      onEpochEnd() {
        orders.push([]);
      },
    };
    await model.fit(data, { ...quiet, epochs: 6 });
    expect(orders.pop()).toEqual([]);
    expect(orders).toHaveLength(6);
    for (const order of orders) expect([...order].sort()).toEqual([0, 1, 2]);
    expect(new Set(orders.map(String)).size).toBeGreaterThan(1);
  });

  test('shuffle "batch" keeps the samples of a batch together', async () => {
    const seen: number[][] = [];
    const model = new w.Sequential([w.Dense(1, { inputShape: [1], kernelInitializer: 'zeros', useBias: false })]);
    // with a learning rate of 0 the loss of a batch is the mean of its targets
    model.compile({ optimizer: w.optimizers.SGD({ learningRate: 0 }), loss: 'mae' });
    let before = 0;
    const onTrainBatchEnd = (batch: number, { loss }: w.Logs) => {
      const total = loss! * (batch + 1) * 2;
      seen.push([Math.round(total - before)]);
      before = total;
    };
    const onEpochBegin = () => {
      before = 0;
    };
    const ys = Float32Array.of(1, 2, 10, 20, 100, 200);
    await model.fit(new Float32Array(6), ys, {
      ...quiet,
      batchSize: 2,
      epochs: 3,
      shuffle: 'batch',
      callbacks: [{ onTrainBatchEnd, onEpochBegin }],
    });
    expect(seen).toEqual([[3], [30], [300], [3], [30], [300], [3], [30], [300]]);
  });

  const weights = Float32Array.from({ length: COUNT }, (_, i) => [2, 0, 0.5, 1, 3][i % 5]!);

  test('sample weights multiply the losses, whose sum is divided by the number of samples', async () => {
    const model = compiled({ weightedMetrics: ['accuracy'], metrics: [] });
    const p = Array.from(await (await model.predict(x, quiet)).data());
    const losses = Array.from(labels, (label, i) => -Math.log(p[i * 3 + label]!));
    const right = Array.from(labels, (label, i) => {
      const row = p.slice(i * 3, i * 3 + 3);
      return Number(row.indexOf(Math.max(...row)) === label);
    });
    const sum = (of: (i: number) => number) => Array.from(labels, (_, i) => of(i)).reduce((a, b) => a + b);
    const expected = [
      sum((i) => losses[i]! * weights[i]!) / COUNT,
      sum((i) => right[i]! * weights[i]!) / sum((i) => weights[i]!),
    ];
    for (const batchSize of [SIZE, COUNT]) {
      expectClose(await model.evaluate(x, y, { ...quiet, batchSize, sampleWeight: weights }), expected, place);
    }
    expectClose(await model.evaluate(() => batches(weights).values(), quiet), expected, place);
    expectClose(await model.testOnBatch(x, y, { sampleWeight: weights }), expected, place);
  });

  test('weights of 0 and 1 train as the samples alone do, with the loss scaled', async () => {
    const mask = Float32Array.from({ length: COUNT }, (_, i) => (i < 6 ? 1 : 0));
    const sgd = () => w.optimizers.SGD({ learningRate: 0.5 });
    const weighted = compiled({ optimizer: sgd() });
    await weighted.fit(x, y, { ...quiet, batchSize: COUNT, shuffle: false, sampleWeight: mask });
    const alone = compiled({ optimizer: w.optimizers.SGD({ learningRate: 0.3 }) });
    await alone.fit(x.slice(0, 12), y.slice(0, 18), { ...quiet, batchSize: 6, shuffle: false });
    const [a, b] = [await valuesOf(weighted), await valuesOf(alone)];
    a.forEach((values, i) => {
      values.forEach((value, j) => {
        expect(value).toBeCloseTo(b[i]![j]!, 5);
      });
    });
  });

  test.each<[string, () => w.ArrayLikeData, string]>([
    ['one-hot rows', () => y, 'categorical_crossentropy'],
    ['class numbers', () => labels, 'sparse_categorical_crossentropy'],
    ['a column of class numbers', () => w.tensor(labels, [COUNT, 1]), 'sparse_categorical_crossentropy'],
  ])('class weights of %s are sample weights', async (_, targets, loss) => {
    const classWeight = { 0: 2, 2: 0.25 };
    const sampleWeight = Float32Array.from(labels, (label) => [2, 1, 0.25][label]!);
    const run = async (options: w.FitOptions) => {
      const model = compiled({ loss, metrics: [], weightedMetrics: ['accuracy'] });
      const { history } = await model.fit(x, targets(), { ...quiet, batchSize: SIZE, epochs: 2, ...options });
      return { history, values: await valuesOf(model) };
    };
    expect(await run({ classWeight })).toEqual(await run({ sampleWeight }));
    expect((await run({ classWeight })).values).not.toEqual((await run({})).values);
  });

  test('classes that are not named count 1: also the last, and of one output', async () => {
    const model = new w.Sequential([
      w.Dense(1, { activation: 'sigmoid', inputShape: [1], kernelInitializer: 'zeros' }),
    ]);
    model.compile({ optimizer: w.optimizers.SGD({ learningRate: 0 }), loss: 'binary_crossentropy' });
    const [xs, ys] = [new Float32Array(4), Float32Array.of(0, 1, 0, 1)];
    const expected = [Math.LN2 * 2];
    for (const classWeight of [{ 0: 3 }, new Map([[0, 3]])]) {
      expectClose((await model.fit(xs, ys, { ...quiet, classWeight })).history.loss!, expected, place);
      expectClose([Number(await model.trainOnBatch(xs, ys, { classWeight }))], expected, place);
    }
    const sampleWeight = Float32Array.from(labels, (label) => (label === 0 ? 3 : 1));
    const sparse = () => compiled({ loss: 'sparse_categorical_crossentropy', metrics: [] });
    const byClass = await sparse().trainOnBatch(x, labels, { classWeight: { 0: 3 } });
    expect(byClass).toEqual(await sparse().trainOnBatch(x, labels, { sampleWeight }));
  });

  test('validation data that has run out is not a loss of 0', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const model = compiled();
    const { history } = await model.fit(x, y, { ...quiet, epochs: 2, validationData: batches().values() });
    expect(history.val_loss).toHaveLength(1);
    expect(warn.mock.calls).toEqual([['fit: the validation data ran out; epoch 2 is not validated']]);
    warn.mockRestore();
    await expect(model.evaluate([].values(), quiet)).rejects.toThrow(/evaluate: the data has no batches/);
  });

  test('class weights are not for validation', async () => {
    const model = compiled({ optimizer: w.optimizers.SGD({ learningRate: 0 }) });
    const options = { ...quiet, validationData: [x, y], classWeight: { 0: 5, 1: 5, 2: 5 } } as const;
    const { history } = await model.fit(x, y, options);
    expect(history.loss![0]).toBeCloseTo(5 * history.val_loss![0]!, 5);
  });

  test('validation takes weights, batches and a number of steps', async () => {
    const model = compiled({ optimizer: w.optimizers.SGD({ learningRate: 0 }) });
    const first = (count: number, sampleWeight?: Float32Array) =>
      model.evaluate(x.slice(0, count * 2), y.slice(0, count * 3), {
        ...quiet,
        batchSize: SIZE,
        ...(sampleWeight && { sampleWeight: sampleWeight.slice(0, count) }),
      });
    const validated = async (options: w.FitOptions) => {
      const { history } = await model.fit(x, y, { ...quiet, batchSize: SIZE, ...options });
      return [history.val_loss![0]!, history.val_accuracy![0]!];
    };
    expectClose(await validated({ validationData: [x, y, weights] }), await first(COUNT, weights), place);
    expectClose(await validated({ validationData: () => batches().values() }), await first(COUNT), place);
    expectClose(await validated({ validationData: [x, y], validationSteps: 2 }), await first(8), place);
    expectClose(
      await validated({ validationData: () => batches().values(), validationSteps: 2 }),
      await first(8),
      place,
    );
  });

  test('evaluate and predict stop after `steps`; predict takes batches without targets', async () => {
    const model = compiled();
    const whole = Array.from(await (await model.predict(x, quiet)).data());
    const some = await model.predict(x, { ...quiet, batchSize: SIZE, steps: 2 });
    expect(some.shape).toEqual([8, 3]);
    expect(Array.from(await some.data())).toEqual(whole.slice(0, 24));
    const streamed = await model.predict(
      () =>
        batches()
          .map(([xs]) => [xs] as const)
          .values(),
      quiet,
    );
    expect(Array.from(await streamed.data())).toEqual(whole);
    expect(await model.evaluate(x, y, { ...quiet, batchSize: SIZE, steps: 2 })).toEqual(
      await model.evaluate(x.slice(0, 16), y.slice(0, 24), { ...quiet, batchSize: SIZE }),
    );
  });

  test('trainOnBatch takes weights and answers by name', async () => {
    const run = async (options: w.TrainOnBatchOptions) => {
      const model = compiled();
      const found: unknown = await model.trainOnBatch(x, y, options);
      return { found, values: await valuesOf(model) };
    };
    const byClass = await run({ classWeight: { 1: 3 }, returnDict: true });
    const bySample = await run({ sampleWeight: Float32Array.from(labels, (label) => (label === 1 ? 3 : 1)) });
    expect(byClass.values).toEqual(bySample.values);
    expect(Object.entries(byClass.found as w.Logs)).toEqual([
      ['loss', (bySample.found as number[])[0]],
      ['accuracy', (bySample.found as number[])[1]],
    ]);
  });

  test('hooks are called in their order, validation and prediction too', async () => {
    const calls: string[] = [];
    const hook = (name: string) => (value?: unknown) => {
      calls.push(typeof value === 'number' ? `${name} ${value}` : name);
    };
    const names = ['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onTrainBatchBegin', 'onTrainBatchEnd'];
    const others = ['Test', 'Predict'].flatMap((of) =>
      ['Begin', 'End', 'BatchBegin', 'BatchEnd'].map((at) => `on${of}${at}`),
    );
    const callback: w.Callback = Object.fromEntries([...names, ...others].map((name) => [name, hook(name)]));
    const model = compiled();
    await model.fit(x.slice(0, 4), y.slice(0, 6), {
      ...quiet,
      validationData: [x.slice(0, 4), y.slice(0, 6)],
      callbacks: [callback],
    });
    await model.predict(x.slice(0, 4), { ...quiet, callbacks: [callback] });
    expect(calls).toEqual([
      'onTrainBegin',
      'onEpochBegin 0',
      'onTrainBatchBegin 0',
      'onTrainBatchEnd 0',
      'onTestBegin',
      'onTestBatchBegin 0',
      'onTestBatchEnd 0',
      'onTestEnd',
      'onEpochEnd 0',
      'onTrainEnd',
      'onPredictBegin',
      'onPredictBatchBegin 0',
      'onPredictBatchEnd 0',
      'onPredictEnd',
    ]);
  });
});

describe('on the CPU', () => {
  onEachBackend(() => {
    const sorted = Int32Array.from({ length: 12 }, (_, i) => Math.floor(i / 4));
    const xs = new Float32Array(24);

    test('a validation split of samples sorted by class is worth a warning', async () => {
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      const warnings = async (targets: w.ArrayLikeData, loss: string, options: w.FitOptions) => {
        warn.mockClear();
        await compiled({ loss }).fit(xs, targets, { ...quiet, ...options });
        return warn.mock.calls.map(([text]) => String(text));
      };
      const sparse = 'sparse_categorical_crossentropy';
      expect(await warnings(sorted, sparse, { validationSplit: 0.34 })).toEqual([
        expect.stringMatching(/nothing to train on for 2\. /),
      ]);
      expect(
        await warnings(w.toCategorical(sorted, 3), 'categorical_crossentropy', { validationSplit: 0.34 }),
      ).toHaveLength(1);
      const mixed = sorted.map((_, i) => i % 3);
      expect(await warnings(mixed, sparse, { validationSplit: 0.34 })).toEqual([]);
      expect(await warnings(sorted, sparse, { validationData: [xs, sorted] })).toEqual([]);
      warn.mockRestore();
    });

    const fitting = (data: unknown, options: object) => () =>
      Reflect.apply(compiled().fit, compiled(), [data, options]) as Promise<unknown>;
    const arrays = (options: object) => () => compiled().fit(x, y, { ...quiet, ...options });
    test.each<[string, () => Promise<unknown>, RegExp]>([
      ['both kinds of weights', arrays({ classWeight: { 0: 1 }, sampleWeight: weights10() }), /cannot be combined/],
      [
        'weights of another length',
        arrays({ sampleWeight: new Float32Array(3) }),
        /sampleWeight \[3\] must hold one number for each of the 10/,
      ],
      [
        'a list of class weights',
        arrays({ classWeight: [1, 2] }),
        /classWeight must be an object from class to weight, got a list/,
      ],
      [
        'class weights in a set',
        arrays({ classWeight: new Set([1]) }),
        /classWeight must be an object from class to weight/,
      ],
      ['a class that is none', arrays({ classWeight: { cat: 2 } }), /classWeight names class cat/],
      ['an absurd class', arrays({ classWeight: { 1e12: 2 } }), /classWeight names class 1000000000000/],
      [
        'a class weight that is no number',
        arrays({ classWeight: { 0: 'much' } }),
        /the classWeight of 0 must be a finite number/,
      ],
      ['a negative class weight', arrays({ classWeight: { 0: -1 } }), /of at least 0, got -1/],
      ['no steps', arrays({ stepsPerEpoch: 0 }), /stepsPerEpoch must be a whole number of at least 1, got 0/],
      ['half a step of validation', arrays({ validationSteps: 0.5 }), /validationSteps must be a whole number/],
      ['another shuffle', arrays({ shuffle: 'rows' }), /shuffle must be true, false or 'batch', got string "rows"/],
      [
        'validation without targets',
        arrays({ validationData: [x] }),
        /validationData must be \[x, y\], \[x, y, sampleWeight\] or/,
      ],
      ['validation by a number', arrays({ validationData: 3 }), /validationData must be .* got number 3/],
      [
        'a split of batches',
        fitting(() => batches().values(), { validationSplit: 0.5 }),
        /validationSplit is for arrays/,
      ],
      [
        'a batch size beside batches',
        fitting(() => batches().values(), { batchSize: 3 }),
        /batchSize is not for data that comes in batches/,
      ],
      [
        'weights beside batches',
        fitting(() => batches().values(), { sampleWeight: [1] }),
        /sampleWeight is not for data/,
      ],
      [
        'targets beside batches',
        () => Reflect.apply(compiled().fit, compiled(), [() => batches().values(), y, {}]),
        /y is not for data that/,
      ],
      ['an object that is no data', fitting({ rows: 3 }, {}), /x must be a tensor, .* got an object of rows/],
      ['a data set without batches', fitting({ length: 0, get() {} }, {}), /the data set has 0 batches/],
      ['an iterable without batches', fitting(() => [].values(), {}), /the data has no batches/],
      [
        'batches that are none',
        fitting(() => [3].values(), {}),
        /a batch must be \[x\], \[x, y\] or \[x, y, sampleWeight\], got number 3/,
      ],
      ['batches without targets', fitting(() => [[x]].values(), {}), /y is missing/],
      [
        'batches of other shapes',
        fitting(() => [[w.zeros([2, 5]), w.zeros([2, 3])]].values(), {}),
        /takes inputs \[None, 2\], got \[2, 5\]/,
      ],
      ['targets that do not fit', fitting(() => [[w.zeros([2, 2]), w.zeros([3, 3])]].values(), {}), /x has 2 samples/],
      ['a generator that fails', fitting(failing, {}), /the disk is full/],
      ['an unknown option', arrays({ batch_size: 3 }), /unknown option batch_size/],
    ])('%s is refused', async (_, run, says) => {
      await expect(run()).rejects.toThrow(says);
    });

    test('wrong classes in a stream are refused by the end of the epoch', async () => {
      const model = compiled({ loss: 'sparse_categorical_crossentropy' });
      const data = () => [[w.zeros([2, 2]), Int32Array.of(1, 3)] as const].values();
      await expect(model.fit(data, quiet)).rejects.toThrow(/labels must lie from 0 to 2/);
    });

    test('a stream that is left early is told so', async () => {
      let closed = false;
      function* endless(): Generator<Batch> {
        try {
          for (;;) yield* batches();
        } finally {
          closed = true;
        }
      }
      await compiled().fit(endless(), { ...quiet, stepsPerEpoch: 2 });
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(closed).toBe(true);
    });
  }, ['cpu float32']);
});

function weights10(): Float32Array {
  return new Float32Array(COUNT).fill(1);
}

function* failing(): Generator<Batch> {
  yield* batches().slice(0, 1);
  throw new Error('the disk is full');
}
