// A run that was interrupted in the middle of an epoch and is taken up by BackupAndRestore, from every kind of data.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { onEachBackend, startOver, valuesOf, wave } from './support.ts';

const COUNT = 20;
const SIZE = 8;
const PICTURE = [4, 4, 1];
const x = wave(COUNT * 16);
const y = Int32Array.from({ length: COUNT }, (_, i) => (i * 7) % 3);

const pictures = () => w.tensor(x, [COUNT, ...PICTURE]);
const batch = (i: number) =>
  [w.tensor(x.slice(i * SIZE * 16, (i + 1) * SIZE * 16), [-1, ...PICTURE]), y.slice(i * SIZE, (i + 1) * SIZE)] as const;

const datagen = () => new w.ImageDataGenerator({ rotationRange: 30, widthShiftRange: 0.3, horizontalFlip: true });
const flow = (residentBytes?: number) => () =>
  datagen().flow(x, y, { batchSize: SIZE, inputShape: PICTURE, ...(residentBytes !== undefined && { residentBytes }) });

/** Each has three batches in a pass. */
const sources: Record<string, () => w.BatchData> = {
  'a flow on the backend': flow(),
  'a flow that is uploaded batch by batch': flow(0),
  'an indexed data set': () => ({ length: 3, get: batch }),
  'a function of a generator': () =>
    function* () {
      for (let i = 0; i < 3; i++) yield batch(i);
    },
};

interface Case {
  readonly data: (() => w.BatchData) | null;
  readonly options: { readonly epochs: number; readonly stepsPerEpoch?: number };
  readonly isBuilt: boolean;
  /** Layers that draw from seeds of their own instead of the run's stream. */
  readonly isSeeded?: boolean;
}

/** Trains, and throws after so many batches. Resolves to the weights, and the batches and epochs of this run. */
async function run({ data, options, isBuilt, isSeeded = false }: Case, folder: string | null, stopAfter = Infinity) {
  startOver(3);
  const shape = isBuilt ? { inputShape: PICTURE } : {};
  const seeded = (seed: number) => (isSeeded ? { seed } : {});
  const changing = [w.RandomRotation(0.2, { ...seeded(1), ...shape }), w.GaussianNoise(0.1, seeded(2))];
  const head = [w.Flatten(), w.Dropout(0.3, seeded(3)), w.Dense(3, { activation: 'softmax' })];
  const model = new w.Sequential([new w.Sequential(changing), ...head]);
  model.compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] });
  let batches = 0;
  const onTrainBatchEnd = () => {
    if (++batches === stopAfter) throw new Error('a power cut');
  };
  const backup = folder === null ? [] : [w.callbacks.BackupAndRestore(folder, { saveFreq: 1 })];
  const all = { ...options, verbose: 0, callbacks: [...backup, { onTrainBatchEnd }] };
  const { epoch, history } = await (data
    ? model.fit(data(), all)
    : model.fit(pictures(), y, { ...all, batchSize: SIZE }));
  return {
    weights: await valuesOf(model),
    batches,
    epochs: epoch.map((at, i) => [at, history.loss![i], history.accuracy![i]]),
  };
}

const folders: string[] = [];
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true });
});

async function expectResumable(one: Case, stopAfter: number) {
  const undisturbed = await run(one, null);
  const folder = mkdtempSync(join(tmpdir(), 'wgslgrad-resume-'));
  folders.push(folder);
  await expect(run(one, folder, stopAfter)).rejects.toThrow('a power cut');
  const resumed = await run(one, folder);
  expect(resumed.batches).toBe(undisturbed.batches - stopAfter);
  expect(resumed.weights).toEqual(undisturbed.weights);
  // the epoch that was interrupted too: its means are over all of its steps
  expect(resumed.epochs.length).toBeGreaterThan(0);
  expect(resumed.epochs).toEqual(undisturbed.epochs.slice(-resumed.epochs.length));
}

onEachBackend(() => {
  for (const [name, data] of Object.entries({ arrays: null, ...sources })) {
    test(`${name}: from epoch to epoch`, () => expectResumable({ data, options: { epochs: 3 }, isBuilt: true }, 5));

    test(`${name}: for a model that learns its shapes from them`, () =>
      expectResumable({ data, options: { epochs: 3 }, isBuilt: false }, 4));

    // what is finite has three batches for all epochs together
    const ends = data !== null && !name.startsWith('a flow');
    const options = ends ? { epochs: 3, stepsPerEpoch: 1 } : { epochs: 4, stepsPerEpoch: 2 };
    test(`${name}: epochs that go on where the one before ended`, () =>
      expectResumable({ data, options, isBuilt: true }, ends ? 2 : 5));
  }

  test('layers with seeds of their own, inside of nested models too', () =>
    expectResumable({ data: null, options: { epochs: 3 }, isBuilt: true, isSeeded: true }, 5));

  test('a flow has no end, wherever its pictures lie', async () => {
    const options = { epochs: 2, stepsPerEpoch: 5 };
    const onBackend = await run({ data: flow(), options, isBuilt: true }, null);
    const uploaded = await run({ data: flow(0), options, isBuilt: true }, null);
    expect(uploaded.batches).toBe(10);
    expect(uploaded).toEqual(onBackend);
  });
}, ['cpu float32', 'webgpu']);
