import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';

const linear = () => {
  const model = new w.Sequential([w.Dense(1, { inputShape: [1], kernelInitializer: 'zeros' })]);
  model.compile({ optimizer: w.optimizers.SGD({ learningRate: 0.1 }), loss: 'mse' });
  return model;
};

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend, seed: 4 }));
  afterAll(() => w.close());

  // section 16 of the specification: w = 1, gradients 0.1, -0.2, 0.3
  test.each([
    ['SGD', () => w.optimizers.SGD(), [0.999, 1.001, 0.998]],
    ['SGD with momentum', () => w.optimizers.SGD({ momentum: 0.9 }), [0.999, 1.0001, 0.99809]],
    ['SGD with Nesterov', () => w.optimizers.SGD({ momentum: 0.9, nesterov: true }), [0.9981, 1.00109, 0.996281]],
    ['Adam', () => w.optimizers.Adam(), [0.999000032, 0.99936613, 0.999022892]],
  ] as const)('%s takes the steps of the specification', async (_, make, expected) => {
    const v = w.variable([1]);
    const optimizer = make();
    for (const [i, g] of [0.1, -0.2, 0.3].entries()) {
      optimizer.apply([[w.tensor([g]), v]]);
      expect(await v.item()).toBeCloseTo(expected[i]!, 6);
    }
  });

  test('losses have the values of the specification', async () => {
    const p = w.tensor([
      [0.7, 0.2, 0.1],
      [0.1, 0.3, 0.6],
    ]);
    const t = w.toCategorical([0, 1], 3);
    const close = async (found: w.Tensor, ...expected: number[]) => {
      Array.from(await found.data()).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 5);
      });
    };
    await close(w.losses.categoricalCrossentropy(t, p), 0.3566749, 1.2039728);
    await close(w.losses.sparseCategoricalCrossentropy(w.tensor([0, 1], [2], 'int32'), p), 0.3566749, 1.2039728);
    await close(w.mean(w.losses.categoricalCrossentropy(t, p, { labelSmoothing: 0.1 })), 0.8403928);
    const z = w.tensor([
      [2, 1, -1],
      [0, 3, 1],
    ]);
    await close(w.losses.categoricalCrossentropy(t, z, { fromLogits: true }), 0.3490122, 0.169846);
    const slope = w.grad((logits: w.Tensor) =>
      w.mean(w.losses.categoricalCrossentropy(t, logits, { fromLogits: true })),
    )(z);
    await close(slope, -0.1473077, 0.1297482, 0.0175595, 0.021005, -0.0781026, 0.0570976);
    const b = w.tensor([[0.9, 0.2, 0.6]]);
    await close(w.losses.binaryCrossentropy(w.tensor([[1, 0, 0]]), b), 0.4149316);
    await close(w.losses.binaryCrossentropy(w.tensor([[1, 0, 0]]), b, { labelSmoothing: 0.2 }), 0.5208667);
    await close(w.losses.categoricalCrossentropy(w.tensor([[1, 0]]), w.tensor([[0, 1]])), 16.118096);
  });

  test('behind a softmax the loss comes from the logits, exact where probabilities round to 0', async () => {
    const model = new w.Sequential([w.Dense(2, { activation: 'softmax', inputShape: [1], useBias: false })]);
    model.compile({ loss: 'categorical_crossentropy' });
    model.setWeights([w.tensor([[100, -100]])]);
    expect(await model.evaluate(w.tensor([[1]]), w.tensor([[0, 1]]), { verbose: 0 })).toBeCloseTo(200, 3);
  });

  test('a smaller last batch counts with its size', async () => {
    const model = linear();
    const [x, y] = [w.tensor([[1], [1], [1], [1], [1]]), w.tensor([[1], [1], [1], [1], [6]])];
    const { history } = await model.fit(x, y, { batchSize: 4, shuffle: false, verbose: 0 });
    // w = b = 0: loss 1, gradients -2; then the prediction is 0.4 and the last sample has (6 - 0.4)^2
    expect(history.loss![0]).toBeCloseTo((4 * 1 + 5.6 ** 2) / 5, 4);
  });

  test('validation_split takes the last samples, before shuffling', async () => {
    const model = linear();
    model.optimizer.learningRate = 0;
    const [x, y] = [w.zeros([10, 1]), w.reshape(w.arange(10, undefined, 1, 'float32'), [10, 1])];
    const { history, params } = await model.fit(x, y, { validationSplit: 0.2, verbose: 0 });
    expect(history.val_loss![0]).toBeCloseTo((64 + 81) / 2, 3);
    expect(params.steps).toBe(1);
  });

  test('the learning rate changes inside a recorded step', async () => {
    const model = linear();
    const [x, y] = [w.ones([4, 1]), w.ones([4, 1])];
    const losses = (
      await model.fit(x, y, {
        epochs: 3,
        verbose: 0,
        callbacks: [
          {
            onEpochBegin(epoch) {
              model.optimizer.learningRate = epoch === 1 ? 0 : 0.1;
            },
          },
        ],
      })
    ).history.loss!;
    expect(losses[0]).toBeCloseTo(1, 5);
    expect(losses[1]).toBeCloseTo(0.36, 5);
    expect(losses[2]).toBeCloseTo(0.36, 5);
  });

  test('evaluate answers in Keras’ forms, and predict is the model', async () => {
    const model = linear();
    const [x, y] = [w.tensor([[1], [2], [3]]), w.tensor([[0], [1], [2]])];
    expect(await model.evaluate(x, y, { verbose: 0 })).toBeCloseTo(5 / 3, 5);
    model.compile({ loss: 'mse', metrics: ['mae'] });
    expect(await model.evaluate(x, y, { verbose: 0, batchSize: 2 })).toEqual([
      expect.closeTo(5 / 3, 5),
      expect.closeTo(1, 5),
    ]);
    expect(await model.evaluate(x, y, { verbose: 0, returnDict: true })).toEqual({
      loss: expect.closeTo(5 / 3, 5),
      mae: expect.closeTo(1, 5),
    });
    model.setWeights([new Float32Array([2]), new Float32Array([1])]);
    expect(await (await model.predict(x, { batchSize: 2 })).array()).toEqual([[3], [5], [7]]);
    expect(await model.apply(x).array()).toEqual([[3], [5], [7]]);
  });

  test('setWeights puts arrays in their place: no first values are drawn for it, and no copy stays', async () => {
    let drawn = 0;
    const kernelInitializer = (shape: readonly number[]) => {
      drawn++;
      return new Float32Array(shape.reduce((a, b) => a * b, 1));
    };
    const model = new w.Sequential([w.Dense(64, { inputShape: [64], useBias: false, kernelInitializer })]);
    const { bytes, pooledBytes } = w.memory();
    const values = Float32Array.from({ length: 64 * 64 }, (_, i) => i);
    model.setWeights([values]);
    const { bytes: held, pooledBytes: pooled } = w.memory();
    expect(drawn).toBe(0);
    expect(held + pooled).toBeLessThanOrEqual(bytes + pooledBytes + values.byteLength);
    expect(await model.weights[0]!.variable.data()).toEqual(values);
    model.setWeights([new Uint8Array(64 * 64).fill(3)]);
    expect(await model.weights[0]!.variable.data()).toEqual(new Float32Array(64 * 64).fill(3));
    for (const wrong of [new BigInt64Array(64 * 64), new DataView(new ArrayBuffer(16))])
      expect(() => Reflect.apply(model.setWeights, model, [[wrong]])).toThrow(/setWeights: .*kernel/);
  });

  test('accuracy means what the shapes say', async () => {
    const value = async (t: w.Tensor, p: w.Tensor) => w.mean(w.metrics.accuracy(t, p)).item();
    expect(await value(w.tensor([[1], [0]]), w.tensor([[0.6], [0.5]]))).toBe(1);
    expect(
      await value(
        w.tensor([
          [0, 1],
          [1, 0],
        ]),
        w.tensor([
          [0.2, 0.8],
          [0.4, 0.6],
        ]),
      ),
    ).toBe(0.5);
    expect(
      await value(
        w.tensor([[1], [1]], [2, 1], 'int32'),
        w.tensor([
          [0.2, 0.8],
          [0.4, 0.6],
        ]),
      ),
    ).toBe(1);
  });

  test('callbacks come in order and stopTraining ends after the current batch', async () => {
    const model = linear();
    const calls: string[] = [];
    const { history } = await model.fit(w.ones([6, 1]), w.ones([6, 1]), {
      batchSize: 2,
      epochs: 5,
      verbose: 0,
      callbacks: [
        {
          onTrainBegin: () => void calls.push('begin'),
          onEpochBegin: (epoch) => void calls.push(`epoch ${epoch}`),
          onTrainBatchEnd(batch) {
            calls.push(`batch ${batch}`);
            model.stopTraining = batch === 1;
          },
          onEpochEnd: (epoch) => void calls.push(`end ${epoch}`),
          onTrainEnd: () => void calls.push('done'),
        },
      ],
    });
    expect(calls).toEqual(['begin', 'epoch 0', 'batch 0', 'batch 1', 'end 0', 'done']);
    expect(history.loss).toHaveLength(1);
  });

  test('frozen layers stay as they are, and penalties are part of the loss', async () => {
    const model = new w.Sequential([
      w.Dense(2, { inputShape: [1], kernelInitializer: 'ones', kernelRegularizer: w.regularizers.L2({ l2: 0.5 }) }),
      w.Dense(1, { kernelInitializer: 'ones', trainable: false }),
    ]);
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    expect(await model.evaluate(w.ones([1, 1]), w.tensor([[2]]), { verbose: 0 })).toBeCloseTo(1, 5);
    await model.fit(w.ones([4, 1]), w.zeros([4, 1]), { verbose: 0 });
    const [first, , frozen] = model.getWeights();
    expect(await frozen!.array()).toEqual([[1], [1]]);
    expect(await first!.array()).not.toEqual([[1, 1]]);
  });

  const fits = (x: unknown, y: unknown, options = {}) =>
    linear().fit(x as w.Tensor, y as w.Tensor, { verbose: 0, ...options });
  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['x and y of different length', () => fits(w.ones([3, 1]), w.ones([2, 1])), /x has 3 samples.*y has 2/],
    ['no data', () => fits(w.zeros([0, 1]), w.zeros([0, 1])), /fit: x is empty/],
    ['a missing y', () => fits(w.ones([2, 1]), undefined), /fit: y is missing/],
    ['another input shape', () => fits(w.ones([2, 3]), w.ones([2, 1])), /takes inputs \[None, 1\], got \[2, 3\]/],
    [
      'a batch size of 0',
      () => fits(w.ones([2, 1]), w.ones([2, 1]), { batchSize: 0 }),
      /batchSize must be a whole number of at least 1, got 0/,
    ],
    [
      'epochs of NaN',
      () => fits(w.ones([2, 1]), w.ones([2, 1]), { epochs: NaN }),
      /epochs must be a whole number.*got NaN/,
    ],
    [
      'a split that leaves nothing',
      () => fits(w.ones([2, 1]), w.ones([2, 1]), { validationSplit: 0.9 }),
      /leaves 0 to train on/,
    ],
    ['an unknown option', () => fits(w.ones([2, 1]), w.ones([2, 1]), { batch_size: 3 }), /unknown option batch_size/],
  ])('fit refuses %s, and works afterwards', async (_, call, says) => {
    const before = w.memory().buffers;
    await expect(call()).rejects.toThrow(says);
    expect(w.memory().buffers).toBeLessThanOrEqual(before + 4);
    await fits(w.ones([2, 1]), w.ones([2, 1]));
  });

  test('labels out of range are refused before any training', async () => {
    const model = new w.Sequential([w.Dense(3, { activation: 'softmax', inputShape: [1] })]);
    model.compile({ loss: 'sparse_categorical_crossentropy' });
    await expect(model.fit(w.ones([2, 1]), w.tensor([0, 3], [2], 'int32'), { verbose: 0 })).rejects.toThrow(
      w.ValueError,
    );
    expect(() => w.toCategorical([0, 4], 3)).toThrow(/labels must lie from 0 to 2; they go from 0 to 4/);
    if (backend === 'webgpu') {
      const y = w.toCategorical(w.tensor([0, 4], [2], 'int32'), 3);
      model.compile({ loss: 'categorical_crossentropy' });
      await expect(model.fit(w.ones([2, 1]), y, { verbose: 0 })).rejects.toThrow(/0 to 2; they go from 0 to 4/);
    }
  });
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));

test.each<[string, () => unknown, RegExp]>([
  ['no loss', () => Reflect.apply(linear().compile, linear(), [{}]), /compile: loss is missing, such as 'categ/],
  ['null for a loss', () => linear().compile({ loss: null }), /compile: loss is missing/],
  ['an unknown loss', () => linear().compile({ loss: 'no_such' }), /no_such/],
  ['an unknown optimizer', () => linear().compile({ loss: 'mse', optimizer: 'no_such' }), /no_such.*adam/s],
  ['an unknown metric', () => linear().compile({ loss: 'mse', metrics: ['no_such'] }), /no_such/],
  ['an unknown activation', () => w.Dense(1, { activation: 'no_such' }), /no_such.*relu/s],
  ['an unknown initializer', () => w.Dense(1, { kernelInitializer: 'no_such' }), /no_such/],
  ['an unknown layer option', () => w.Dense(1, { units: 2 } as never), /unknown option units/],
  ['negative units', () => w.Dense(-1), /units must be a whole number of at least 1, got -1/],
  ['filters of NaN', () => w.Conv2D(NaN, 3), /filters must be a whole number.*got NaN/],
  ['strides with dilation', () => w.Conv2D(1, 3, { strides: 2, dilationRate: 2 }), /cannot both be above 1/],
  ['a learning rate of NaN', () => w.optimizers.Adam({ learningRate: NaN }), /learningRate must be a finite number/],
  [
    'a kernel larger than the input',
    () => new w.Sequential([w.Conv2D(1, 5, { inputShape: [4, 4, 1] })]),
    /height needs 5, has 4/,
  ],
  ['no layer', () => new w.Sequential([3 as never]), /no layer/],
  [
    'two layers of one name',
    () => new w.Sequential([w.Flatten({ name: 'a' }), w.Flatten({ name: 'a' })]),
    /two layers are called a/,
  ],
])('%s is refused', (_, call, says) => {
  expect(call).toThrow(says);
});
