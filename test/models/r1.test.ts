// The reference program R1: its shapes, counts and text, and the proof that the GPU trains as the float64 oracle does.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { threefry } from '../../src/tensor/random.ts';
import { describeGpu } from '../setup/adapters.ts';
import { settledMemory } from '../support/settled.ts';

beforeEach(() => w.clearSession());

function makeR1(): w.Sequential {
  const model = new w.Sequential([
    w.Conv2D(32, [3, 3], { activation: 'relu', inputShape: [28, 28, 1] }),
    w.MaxPooling2D([2, 2]),
    w.Flatten(),
    w.Dense(10, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  return model;
}

/** Images of one bright bar whose row tells the class, with noise: easy enough to learn, the same everywhere. */
function bars(count: number): { x: Float32Array; y: number[] } {
  const y = Array.from({ length: count }, (_, n) => threefry([1, 2], [n, 0])[0] % 10);
  const x = Float32Array.from({ length: count * 784 }, (_, i) => {
    const noise = (threefry([3, 4], [i, 0])[0] >>> 8) * 2 ** -26;
    const row = Math.floor((i % 784) / 28);
    return Math.floor(row / 2.8) === y[Math.floor(i / 784)] ? 1 - noise : noise;
  });
  return { x, y };
}

/** Loss after each of the first batches of one epoch, and all weights at the end. */
async function lossesOf(
  init: w.InitOptions,
  batches: number,
  seed = 9,
): Promise<{ losses: number[]; weights: number[] }> {
  await w.init({ ...init, seed });
  w.clearSession();
  const { x, y } = bars(batches * 32 + 5);
  const model = makeR1();
  const losses: number[] = [];
  let before = 0;
  await model.fit(w.tensor(x, [-1, 28, 28, 1]), w.toCategorical(y, 10), {
    verbose: 0,
    callbacks: [
      {
        // the running mean, taken apart into the loss of each batch
        onTrainBatchEnd(batch, { loss }) {
          if (batch >= batches) return;
          losses.push(loss! * (batch + 1) - before);
          before = loss! * (batch + 1);
        },
      },
    ],
  });
  const weights = (await Promise.all(model.getWeights().map(async (t) => Array.from(await t.data())))).flat();
  await w.close();
  return { losses, weights };
}

test('the summary of R1 is Keras’ to the character, before any backend runs', () => {
  const lines: string[] = [];
  makeR1().summary({ terminalColumns: 80, printFn: (text) => lines.push(text) });
  const text = lines.join('\n');
  expect(text).toContain('│ conv2d (Conv2D)                 │ (None, 26, 26, 32)     │           320 │');
  expect(text).toContain('│ max_pooling2d (MaxPooling2D)    │ (None, 13, 13, 32)     │             0 │');
  expect(text).toContain('│ flatten (Flatten)               │ (None, 5408)           │             0 │');
  expect(text).toContain('│ dense (Dense)                   │ (None, 10)             │        54,090 │');
  expect(text).toContain(' Total params: 54,410 (212.54 KB)');
});

test('weights have Keras’ names, shapes and glorot limits', async () => {
  await w.init({ backend: 'cpu', seed: 1 });
  const model = makeR1();
  expect(model.weights.map(({ name, shape }) => [name, shape])).toEqual([
    ['conv2d/kernel', [3, 3, 1, 32]],
    ['conv2d/bias', [32]],
    ['dense/kernel', [5408, 10]],
    ['dense/bias', [10]],
  ]);
  const largest = async (i: number) => Math.max(...Array.from(await model.getWeights()[i]!.data(), Math.abs));
  expect(await largest(0)).toBeLessThanOrEqual(0.1421339);
  expect(await largest(2)).toBeGreaterThan(0.0332);
  expect(await largest(2)).toBeLessThanOrEqual(0.033278);
  expect(await largest(1)).toBe(0);
  expect(model.getLayer('dense')).toBe(model.layers[3]);
  expect(model.getLayer(0).name).toBe('conv2d');
  await w.close();
});

describeGpu('training on the GPU', () => {
  test('gives the float64 CPU’s losses for 40 steps', async () => {
    const oracle = await lossesOf({ backend: 'cpu', dtype: 'float64' }, 40);
    const gpu = await lossesOf({ backend: 'webgpu' }, 40);
    expect(gpu.losses).toHaveLength(40);
    gpu.losses.forEach((loss, i) => {
      expect(Math.abs(loss - oracle.losses[i]!)).toBeLessThan(1e-4);
    });
    expect(oracle.losses[39]).toBeLessThan(0.7 * oracle.losses[0]!);
  });
});

function deterministic(backend: 'cpu' | 'webgpu') {
  test('the same seed trains bit-identical weights, another seed others', async () => {
    const first = await lossesOf({ backend }, 6);
    const again = await lossesOf({ backend }, 6);
    const other = await lossesOf({ backend }, 6, 10);
    expect(again).toEqual(first);
    expect(other.weights).not.toEqual(first.weights);
  });
}

describe('on the CPU', () => deterministic('cpu'));
describeGpu('on the GPU', () => deterministic('webgpu'));

function leaks(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend, seed: 3 }));
  afterAll(() => w.close());

  test('200 steps of fit, and fits that are stopped or fail, leave memory where it was', async () => {
    const model = new w.Sequential([
      w.Dense(6, { activation: 'relu', inputShape: [4] }),
      w.Dense(3, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] });
    const x = w.randomNormal([130, 4]);
    const y = w.tensor(Int32Array.from({ length: 130 }, (_, i) => i % 3));
    const use = async () => {
      await model.fit(x, y, { epochs: 10, batchSize: 8, validationSplit: 0.2, verbose: 0 });
      await model.evaluate(x, y, { verbose: 0 });
      (await model.predict(x)).dispose();
      await model.trainOnBatch(x, y);
      await model.fit(x, y, {
        epochs: 3,
        verbose: 0,
        callbacks: [
          {
            onEpochEnd() {
              model.stopTraining = true;
            },
          },
        ],
      });
      const failing = { onEpochEnd: () => Promise.reject(new Error('callback')) };
      await expect(model.fit(x, y, { verbose: 0, callbacks: [failing] })).rejects.toThrow('callback');
    };
    await use();
    const { tensors, buffers, bytes } = await settledMemory();
    await use();
    expect(w.memory()).toMatchObject({ tensors, buffers, bytes });
  });
}

describe('memory on the CPU', () => leaks('cpu'));
describeGpu('memory on the GPU', () => leaks('webgpu'));
