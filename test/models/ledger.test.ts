// What a training step asks of the GPU. The counts depend on no machine: each bound is what is reached today.
import { expect, test } from 'vitest';
import { type Ledger, openLedger } from '../../bench/ledger.ts';
import * as w from '../../src/index.ts';
import { describeGpu } from '../setup/adapters.ts';

const STEPS = 40;
const BATCH = 32;

/** The second epoch of R1, in which everything has been made. */
async function steadyEpoch(): Promise<Ledger> {
  await w.init({ backend: 'webgpu', seed: 1 });
  const model = r1();
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  const x = w.randomUniform([STEPS * BATCH, 28, 28, 1]);
  const y = w.oneHot(w.cast(w.randomUniform([STEPS * BATCH], 0, 10), 'int32'), 10);
  const ledger = openLedger();
  const counted: Ledger[] = [];
  const onEpochEnd = () => {
    counted.push(ledger.read());
    ledger.reset();
  };
  await model.fit(x, y, { batchSize: BATCH, epochs: 2, verbose: 0, callbacks: [{ onEpochEnd }] });
  ledger.close();
  await w.close();
  return counted[1]!;
}

function r1(): w.Sequential {
  return new w.Sequential([
    w.Conv2D(32, [3, 3], { activation: 'relu', inputShape: [28, 28, 1] }),
    w.MaxPooling2D([2, 2]),
    w.Flatten(),
    w.Dense(10, { activation: 'softmax' }),
  ]);
}

function blocks(): w.Sequential {
  return new w.Sequential([
    w.Conv2D(16, 3, { padding: 'same', inputShape: [16, 16, 3] }),
    w.BatchNormalization(),
    w.Activation('relu'),
    w.MaxPooling2D(2),
    w.Conv2D(32, 3, { padding: 'same', activation: 'relu', strides: 2 }),
    w.AveragePooling2D(2),
    w.DepthwiseConv2D(3, { padding: 'same' }),
    w.Dropout(0.3),
    w.Flatten(),
    w.Dense(64, { activation: 'relu' }),
    w.Dense(10, { activation: 'softmax' }),
  ]);
}

function linear(): w.Sequential {
  return new w.Sequential([w.Flatten({ inputShape: [4, 4, 1] }), w.Dense(10, { activation: 'softmax' })]);
}

/** Pipelines that are made for batches of these sizes, one after another: each is trained on and predicted. */
async function pipelinesFor(model: w.Sequential, metric: string, sizes: readonly number[]): Promise<number[]> {
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: [metric] });
  const input = (model.inputShape ?? []).map(Number);
  const made: number[] = [];
  const ledger = openLedger();
  for (const size of sizes) {
    const x = w.randomUniform([size, ...input]);
    const y = w.oneHot(w.cast(w.randomUniform([size], 0, 10), 'int32'), 10);
    ledger.reset();
    await model.fit(x, y, { batchSize: size, verbose: 0 });
    await model.predict(x, { batchSize: size, verbose: 0 });
    made.push(ledger.read().pipelines);
  }
  ledger.close();
  return made;
}

describeGpu('a training step of R1', () => {
  test('asks for no more than it needs', async () => {
    const epoch = await steadyEpoch();
    console.log('an epoch of', STEPS, 'steps:', JSON.stringify(epoch));
    // images and pool · logits · classifier · dense layer · kernel of the convolution · Adam
    expect(epoch.dispatches).toBe(6 * STEPS);
    // nothing is made in the steady state
    expect([epoch.buffers, epoch.bindGroups, epoch.pipelines]).toEqual([0, 0, 0]);
    // a look every ten steps, and one at the end
    expect(epoch.readBacks).toBeLessThanOrEqual(STEPS / 10 + 1);
    // the order of the samples, the cursor, and the totals
    expect(epoch.uploads).toBe(3);
    expect(epoch.uploadedBytes).toBeLessThan(4 * STEPS * BATCH + 1024);
    // the looks, and the uploads before the first step
    expect(epoch.submits / STEPS).toBeLessThan(0.2);
    // beside the data set, which two kernels find their images in and bind whole: 9 MB together for one of 320 digits
    const dataSet = 4 * STEPS * BATCH * (28 * 28 * 2 + 10 + 3);
    expect(epoch.bytesBound / STEPS - dataSet).toBeLessThan(7e6);
  });
});

describeGpu('a batch of another size', () => {
  test.each([
    ['R1', r1, 'accuracy', 0],
    // whose sums go along the batch
    ['the area under a curve', linear, 'auc', 0],
    // into how many parts the sums over pixels are cut is Adam's business, which adds them up
    ['a deeper net', blocks, 'accuracy', 1],
  ])('compiles next to nothing: %s', async (_, make, metric, most) => {
    await w.init({ backend: 'webgpu', seed: 1 });
    const [first, ...later] = await pipelinesFor(make(), metric, [32, 26, 19, 40]);
    await w.close();
    expect(first).toBeGreaterThan(8);
    for (const count of later) expect(count).toBeLessThanOrEqual(most);
  });
});
