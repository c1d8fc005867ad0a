// Predictions keep what they recorded from call to call. That must save work, and must never be seen otherwise.
import { expect, test } from 'vitest';
import { type Compiled, compileWithin } from '../../src/compile/compile.ts';
import * as w from '../../src/index.ts';
import { expectAllBack, held, settledMemory } from '../support/settled.ts';
import { expectClose, onEachBackend, start, wave } from './support.ts';

const SAMPLES = 10;
const BATCH = 4;

function network(): w.Sequential {
  return new w.Sequential([
    w.Conv2D(4, [3, 3], { inputShape: [6, 6, 2] }),
    w.BatchNormalization(),
    w.ReLU(),
    w.Flatten(),
    w.Dense(3),
  ]);
}

const images = (count = SAMPLES) => w.tensor(wave(count * 72), [count, 6, 6, 2]);

async function valuesOf(result: Promise<w.Tensor>): Promise<number[]> {
  return [...(await (await result).data())];
}

/** What the layers give one after another, without any recording. */
async function eager(model: w.Sequential, x: w.Tensor): Promise<number[]> {
  return [...(await model.layers.reduce((value, layer) => layer.run([value], {})[0]!, x).data())];
}

onEachBackend((place) => {
  const predict = (model: w.Sequential, x: w.Tensor) => valuesOf(model.predict(x, { batchSize: BATCH, verbose: 0 }));

  test('whole batches and the smaller last one, again and again', async () => {
    const model = network();
    const x = images();
    const expected = await eager(model, x);
    for (let i = 0; i < 3; i++) expectClose(await predict(model, x), expected, place);
    expectClose(await predict(model, images(3)), expected.slice(0, 9), place);
  });

  test('what changes between two calls is seen: weights, statistics, what is trained, layers added', async () => {
    const model = network();
    const x = images();
    const seen = [await predict(model, x)];
    const judge = async () => {
      const now = await predict(model, x);
      expectClose(now, await eager(model, x), place);
      for (const before of seen) expect(now).not.toEqual(before);
      seen.push(now);
    };
    model.setWeights(model.getWeights().map((weight) => weight.mul(0.5).add(0.1)));
    await judge();
    model.compile({ optimizer: w.optimizers.SGD({ learningRate: 0.1 }), loss: 'mean_squared_error' });
    await model.fit(x, w.zeros([SAMPLES, 3]), { verbose: 0 });
    await judge();
    model.layers[0]!.trainable = false;
    await model.fit(x, w.ones([SAMPLES, 3]), { verbose: 0 });
    await judge();
    await model.trainOnBatch(x, w.zeros([SAMPLES, 3]));
    await judge();
    model.add(w.Activation('tanh'));
    await judge();
  });

  test('calls at the same time do not see each other', async () => {
    const model = network();
    const inputs = [1, 2, 3, 4].map((factor) => images().mul(factor));
    const alone: number[][] = [];
    for (const x of inputs) alone.push(await predict(model, x));
    expect(await Promise.all(inputs.map((x) => predict(model, x)))).toEqual(alone);
  });

  test('calls hold no more memory than the first did', async () => {
    const model = network();
    const x = images();
    (await model.predict(x, { batchSize: BATCH, verbose: 0 })).dispose();
    const before = await settledMemory();
    for (let i = 0; i < 5; i++) (await model.predict(x, { batchSize: BATCH, verbose: 0 })).dispose();
    expect(held(w.memory())).toEqual(held(before));
  });

  test('a model that is lost gives everything back', async () => {
    const before = await settledMemory();
    await (async () => {
      (await network().predict(images(), { batchSize: BATCH, verbose: 0 })).dispose();
    })();
    await expectAllBack(before);
  });

  test('what is not used for long makes room, and is recorded again', async () => {
    let traced = 0;
    const double: Compiled<[w.Tensor], w.Tensor> = compileWithin(1, (x: w.Tensor) => {
      traced++;
      return x.mul(2).add(x);
    });
    const run = async (size: number) => [...(await (await double(w.ones([size]))).data())];
    for (const size of [3, 4, 4, 3]) expect(await run(size)).toEqual(new Array(size).fill(3));
    expect(traced).toBe(3);
    const sizes = [3, 4, 5, 3, 4, 5];
    expect(await Promise.all(sizes.map(run))).toEqual(sizes.map((size) => new Array(size).fill(3)));
    // what is dropped while it is waited for is not used
    const waiting = run(6);
    double.dispose();
    expect(await waiting).toEqual(new Array(6).fill(3));
    expect(traced).toBeGreaterThan(3);
    const counted = traced;
    const [again] = [run(7), double.dispose()];
    await again;
    expect(traced).toBe(counted + 2);
    double.dispose();
  });
});

test('a recording outlives its backend without harm', async () => {
  for (const backend of ['cpu', 'webgpu'] as const) {
    await start(backend === 'cpu' ? 'cpu float32' : 'webgpu');
    const model = network();
    const first = await valuesOf(model.predict(images(), { verbose: 0 }));
    expect(first).toHaveLength(3 * SAMPLES);
    await w.close();
    model.compile({ optimizer: 'sgd', loss: 'mean_squared_error' });
  }
});
