// Batches of a flow: by hand, by number, and recorded as `fit` records them. All draw the same pictures.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as w from 'wgslgrad';
import { currentBackend } from '../../../src/engine/runtime.ts';
import { Cleanup } from '../../../src/models/cleanup.ts';
import { openFeed } from '../../../src/models/feeds.ts';
import type { Batch, Source } from '../../../src/models/source.ts';
import { onEachBackend, startOver } from '../../models/support.ts';
import { expectAllBack, settledMemory } from '../../support/settled.ts';
import { floats } from '../../support/values.ts';

const COUNT = 11;
const SIZE = 5 * 4;
const x = Uint8Array.from(floats(COUNT * SIZE, 51, 0, 256));
/** The label of a sample is its number. */
const y = Int32Array.from({ length: COUNT }, (_, i) => i);
const sampleWeight = Float32Array.from(y, (i) => i / 10);
const inputShape = [5, 4, 1];
const options = { rotationRange: 30, widthShiftRange: 0.2, zoomRange: 0.3, horizontalFlip: true, rescale: 1 / 255 };
const pictures = () => w.tensor(x, [COUNT, 5, 4, 1]);

const generator = (more: w.ImageDataGeneratorOptions = {}) => new w.ImageDataGenerator({ ...options, ...more });
const flowOf = (more: w.FlowOptions = {}) => generator().flow(pictures(), y, { batchSize: 4, seed: 7, ...more });

const numbers = async (batch: w.FlowBatch) =>
  (await Promise.all([batch].flat().map((one) => one.data()))).map((values) => Array.from(values));

async function take(flow: w.Flow, count: number) {
  const found: number[][][] = [];
  for (let i = 0; i < count; i++) found.push(await numbers((await flow.next()).value));
  return found;
}

const asTensors = (_: Cleanup, [xs, ys, weights]: Batch) => ({
  xs: [xs as w.Tensor],
  ys: ys ? [ys as w.Tensor] : [],
  weights: weights ? [weights as w.Tensor] : [],
});

/** What the steps of so many passes over a source see. */
async function recorded(source: Source, passes: number, resumeAt?: readonly [passes: number, steps: number]) {
  const owned = new Cleanup();
  const found: number[][][] = [];
  try {
    const feed = await openFeed(owned, source, asTensors, ({ xs: [batch], ys, weights }) => [
      w.mul(batch!, 1),
      ...[...ys, ...weights].map((one) => w.clone(one)),
    ]);
    for (let pass = 0; pass < passes; pass++) {
      if (pass === 0 && resumeAt) await feed.resume(...resumeAt);
      else await feed.begin();
      while ((await feed.next()) > 0) {
        const outputs = await Promise.all(feed.outputs.map((view) => currentBackend().read(view)));
        found.push(outputs.map((values) => Array.from(values)));
      }
    }
    return found;
  } finally {
    owned.dispose();
  }
}

onEachBackend((place) => {
  beforeEach(() => startOver());

  test('length, sizes and what a batch is', async () => {
    const flow = flowOf();
    expect([flow.n, flow.batchSize, flow.length, flow.batchIndex]).toEqual([COUNT, 4, 3, 0]);
    const { value, done } = await flow.next();
    expect(done).toBe(false);
    expect(value.map(({ shape }) => shape)).toEqual([[4, 5, 4, 1], [4]]);
    expect(value[0].dtype).toBe(place === 'cpu float64' ? 'float64' : 'float32');
    expect(value[1].dtype).toBe('int32');
    const sizes: number[] = [];
    for await (const [xs] of flow) {
      sizes.push(xs.shape[0]!);
      if (sizes.length === 5) break;
    }
    expect(sizes).toEqual([4, 3, 4, 4, 3]);
    expect(flow.batchIndex).toBe(0);
    const alone = (await generator().flow(pictures()).next()).value;
    expect(alone.shape).toEqual([COUNT, 5, 4, 1]);
    const weighted = (await generator().flow(pictures(), y, { sampleWeight, batchSize: 2, seed: 1 }).next()).value;
    const [, labels, weights] = await numbers(weighted);
    weights!.forEach((weight, i) => {
      expect(weight).toBeCloseTo(labels![i]! / 10, 6);
    });
  });

  test('every epoch is an order of its own, and holds each sample once', async () => {
    const epochs = async (flow: w.Flow) => {
      const labels = (await take(flow, 6)).map(([, found]) => found!);
      return [labels.slice(0, 3).flat(), labels.slice(3).flat()];
    };
    const [first, second] = await epochs(flowOf());
    for (const epoch of [first!, second!]) expect(epoch.toSorted((a, b) => a - b)).toEqual(Array.from(y));
    expect(first).not.toEqual(second);
    expect(first).not.toEqual(Array.from(y));
    expect(await epochs(flowOf({ shuffle: false }))).toEqual([Array.from(y), Array.from(y)]);
  });

  test('the same seed gives the same batches to the bit; each epoch draws anew', async () => {
    const first = await take(flowOf({ shuffle: false }), 6);
    expect(await take(flowOf({ shuffle: false }), 6)).toEqual(first);
    expect(await take(flowOf({ shuffle: false, seed: 8 }), 6)).not.toEqual(first);
    expect(first[0]).not.toEqual(first[3]);
    const unseeded = () => take(generator().flow(pictures(), y, { batchSize: 4 }), 2);
    startOver(3);
    const one = await unseeded();
    expect(await unseeded()).not.toEqual(one);
    startOver(3);
    expect(await unseeded()).toEqual(one);
  });

  test('a batch by number is what iterating gives', async () => {
    const iterated = await take(flowOf(), 6);
    const flow = flowOf();
    const byNumber: number[][][] = [];
    for (const i of [2, 0, 1]) byNumber[i] = await numbers(await flow.get(i));
    expect(byNumber).toEqual(iterated.slice(0, 3));
    expect(await take(flow, 3)).toEqual(iterated.slice(0, 3));
    expect(await numbers(await flow.get(1))).toEqual(iterated[4]);
    await expect(flow.get(3)).rejects.toThrow('get: index 3 is outside: there are 3 batches');
  });

  test('reset goes on with a new epoch', async () => {
    const iterated = await take(flowOf(), 9);
    const flow = flowOf();
    flow.reset();
    expect(await take(flow, 1)).toEqual(iterated.slice(0, 1));
    flow.reset();
    expect(flow.batchIndex).toBe(0);
    expect(await take(flow, 3)).toEqual(iterated.slice(3, 6));
    flow.reset();
    expect(await take(flow, 1)).toEqual(iterated.slice(6, 7));
  });

  test('a recorded step sees what iterating gives', async () => {
    const flow = flowOf({ sampleWeight });
    const iterated = await take(flowOf({ sampleWeight }), 6);
    expect(flow.source().kind).toBe('resident');
    expect(await recorded(flow.source(), 2)).toEqual(iterated);
    // the flow has moved on
    expect(await take(flow, 1)).toEqual((await take(flowOf({ sampleWeight }), 7)).slice(6));
  });

  test('a run that was interrupted sees the rest', async () => {
    const iterated = await take(flowOf(), 9);
    expect(await recorded(flowOf().source(), 2, [1, 1])).toEqual(iterated.slice(4, 9));
  });

  test('what does not fit on the backend comes batch by batch, and is the same', async () => {
    const given = { batchSize: 4, seed: 7, inputShape, residentBytes: 100, sampleWeight };
    const flow = generator().flow(x, y, given);
    const iterated = await take(flowOf({ sampleWeight }), 6);
    const source = flow.source();
    expect(source.kind).toBe('streamed');
    expect(await recorded(source, 2)).toEqual(iterated);
    expect(generator().flow(x, y, { inputShape }).source().kind).toBe('resident');
    expect(await take(generator().flow(x, y, given), 6)).toEqual(iterated);
    // a resumed stream reads up to where it was
    expect(await recorded(generator().flow(x, y, given).source(), 1, [1, 1])).toEqual(iterated.slice(4, 6));
  });

  test('a batch taken by hand in between does not disturb a recorded run', async () => {
    const iterated = await take(flowOf(), 3);
    const flow = flowOf();
    const source = flow.source();
    const owned = new Cleanup();
    const feed = await openFeed(owned, source, asTensors, ({ xs: [batch] }) => [w.mul(batch!, 1)]);
    await feed.begin();
    for (const [expected] of iterated) {
      await feed.next();
      await flow.get(0);
      expect(Array.from(await currentBackend().read(feed.outputs[0]!))).toEqual(expected);
    }
    owned.dispose();
  });

  test('fit, evaluate and predict take it', async () => {
    const model = new w.Sequential([w.Flatten({ inputShape: [5, 4, 1] }), w.Dense(COUNT, { activation: 'softmax' })]);
    model.compile({ loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] });
    const history = await model.fit(flowOf(), { epochs: 2, verbose: 0, validationData: flowOf({ shuffle: false }) });
    expect(history.history.val_accuracy).toHaveLength(2);
    expect(history.params.steps).toBe(3);
    expect(await model.evaluate(flowOf(), { verbose: 0 })).toHaveLength(2);
    const predictions = await model.predict(generator().flow(pictures(), null, { shuffle: false }), { verbose: 0 });
    expect(predictions.shape).toEqual([COUNT, COUNT]);
  });

  test('a fit that nobody waited for is waited for', async () => {
    const whitening = new w.ImageDataGenerator({ zcaWhitening: true, featurewiseCenter: true });
    void whitening.fit(pictures());
    const found = await take(whitening.flow(pictures(), null, { shuffle: false }), 1);
    const patient = new w.ImageDataGenerator({ zcaWhitening: true, featurewiseCenter: true });
    await patient.fit(pictures());
    expect(found).toEqual(await take(patient.flow(pictures(), null, { shuffle: false }), 1));
    const model = new w.Sequential([w.Flatten({ inputShape: [5, 4, 1] }), w.Dense(1)]);
    model.compile({ loss: 'mse' });
    const hasty = new w.ImageDataGenerator({ zcaWhitening: true, featurewiseCenter: true });
    void hasty.fit(pictures());
    const history = await model.fit(hasty.flow(pictures(), Float32Array.from(y)), { verbose: 0 });
    expect(history.history.loss![0]).toBeGreaterThan(0);
  });

  test('batches by hand leave nothing behind', async () => {
    const data = pictures();
    const flow = generator().flow(data, y, { batchSize: 4, seed: 7 });
    const turn = async () => {
      for (const part of (await flow.next()).value) part.dispose();
    };
    for (let i = 0; i < 3; i++) await turn();
    const before = await settledMemory();
    for (let i = 0; i < 6; i++) await turn();
    await expectAllBack(before);
  });
});

describe('parts of the samples', () => {
  beforeEach(async () => {
    await w.init({ backend: 'cpu' });
  });
  afterEach(() => w.close());

  const labels = async (flow: w.Flow) => {
    const found = await take(flow, flow.length);
    return found.flatMap(([, one]) => one!).toSorted((a, b) => a - b);
  };
  const classes = Int32Array.from(y, (i) => i % 2);

  test('validation is the first of them, training the rest', async () => {
    const split = generator({ validationSplit: 0.3 });
    const part = (subset: string) => split.flow(pictures(), y, { subset, ignoreClassSplit: true, batchSize: 2 });
    expect(await labels(part('validation'))).toEqual([0, 1, 2]);
    expect(await labels(part('training'))).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    expect(part('validation').n).toBe(3);
    expect(await labels(split.flow(pictures(), y))).toEqual(Array.from(y));
    expect(new Set(await recorded(part('validation').source(), 1).then((all) => all.flatMap(([, l]) => l!)))).toEqual(
      new Set([0, 1, 2]),
    );
  });

  test('classes that only one part has are refused, unless that is wanted', () => {
    const split = generator({ validationSplit: 0.3 });
    const flow =
      (targets: unknown, more = {}) =>
      () =>
        split.flow(pictures(), targets as Int32Array, { subset: 'training', ...more });
    expect(flow(classes)).not.toThrow();
    expect(flow(y)).toThrow(
      "flow: subset 'training' has none of class 0, 1, 2, which the rest has. Shuffle sorted samples first; with ignoreClassSplit they pass",
    );
    expect(flow(y, { ignoreClassSplit: true })).not.toThrow();
    const hot = (of: ArrayLike<number>) => w.oneHot(w.tensor(Int32Array.from(of)), COUNT);
    expect(flow(hot(classes))).not.toThrow();
    expect(flow(hot(y))).toThrow('none of class 0, 1, 2');
    expect(flow(Int32Array.from(y, (i) => Number(i > 5)))).toThrow("subset 'validation' has none of class 1");
    // Keras compares all numbers: one-hot rows hold 0 and 1 in any case
    const strict = generator({ validationSplit: 0.3, strict: true });
    expect(() => strict.flow(pictures(), hot(y), { subset: 'training' })).not.toThrow();
  });
});

describe('data of other kinds', () => {
  afterEach(() => w.close());

  test('arrays and lists, before a backend runs', async () => {
    await w.close();
    const flat = generator().flow(x, y, { inputShape, batchSize: 4, seed: 7 });
    const first = await numbers((await flat.next()).value);
    const expected = await take(flowOf(), 1);
    expect([first]).toEqual(expected);
    const nested = (await pictures().array()) as never;
    expect(await take(generator().flow(nested, Array.from(y), { batchSize: 4, seed: 7 }), 1)).toEqual(expected);
    const clamped = new Uint8ClampedArray(x);
    expect(await take(generator().flow(clamped, y, { inputShape, batchSize: 4, seed: 7 }), 1)).toEqual(expected);
    const doubles = Float64Array.from(x);
    expect(await take(generator().flow(doubles, y, { inputShape, batchSize: 4, seed: 7 }), 1)).toEqual(expected);
    // one-hot rows as one flat array
    const hot = new Float32Array(COUNT * 3);
    const [, targets] = (await generator().flow(x, hot, { inputShape, batchSize: 4 }).next()).value;
    expect(targets.shape).toEqual([4, 3]);
  });

  test('channels first', async () => {
    await w.init({ backend: 'cpu' });
    const first = w.transpose(pictures(), [0, 3, 1, 2]);
    const flow = generator({ dataFormat: 'channels_first' }).flow(first, y, { batchSize: 4, seed: 7 });
    const [xs] = (await flow.next()).value;
    expect(xs.shape).toEqual([4, 1, 5, 4]);
    expect(Array.from(await xs.data())).toEqual((await take(flowOf(), 1))[0]![0]);
  });
});

describe('pictures on disk', () => {
  let folder: string;
  beforeEach(async () => {
    await w.init({ backend: 'cpu' });
    folder = await mkdtemp(join(tmpdir(), 'flow-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
    await w.close();
  });

  test('every picture that is given is written', async () => {
    const flow = flowOf({ saveToDir: folder, savePrefix: 'seen', saveFormat: 'png' });
    const [xs] = (await flow.next()).value;
    const files = (await readdir(folder)).sort();
    expect(files).toHaveLength(4);
    for (const file of files) expect(file).toMatch(/^seen_\d+_\d+\.png$/);
    const bytes = await readFile(join(folder, files[0]!));
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    const row = Number(files[0]!.split('_')[1]);
    const place = (await take(flowOf(), 1))[0]![1]!.indexOf(row);
    const values = Array.from(await xs.data()).slice(place * SIZE, (place + 1) * SIZE);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const read = await w.loadImg(join(folder, files[0]!), { colorMode: 'grayscale' });
    expect(Array.from(read.data)).toEqual(values.map((value) => Math.floor(((value - low) / (high - low)) * 255)));
  });

  test('also of what fit trains on, which is the same as without', async () => {
    const source = flowOf({ saveToDir: folder }).source();
    expect(source.kind).toBe('streamed');
    expect(await recorded(source, 1)).toEqual(await take(flowOf(), 3));
    expect(await readdir(folder)).toHaveLength(COUNT);
  });
});

test('the preprocessing function is recorded once and runs on batches', async () => {
  await w.init({ backend: 'cpu' });
  const double = vi.fn((batch: w.Tensor) => w.mul(batch, 2));
  const doubling = new w.ImageDataGenerator({ preprocessingFunction: double });
  const flow = doubling.flow(pictures(), y, { batchSize: 4, shuffle: false });
  const found = await recorded(flow.source(), 3);
  // for whole batches and for the last one
  expect(double.mock.calls.map(([batch]) => batch.shape[0])).toEqual([4, 3]);
  expect(found[0]![0]).toEqual(Array.from(x.subarray(0, 4 * SIZE), (value) => 2 * value));
  await w.close();
});
