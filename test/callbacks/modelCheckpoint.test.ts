import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { callbacks, ResourceError, ValueError } from 'wgslgrad';
import type { ModelCheckpointOptions } from '../../src/callbacks/files/modelCheckpoint.ts';
import { printed } from '../models/support.ts';
import { type Epoch, FakeModel, run, temporaryFolder, values, withoutFiles } from './support.ts';

const batches = (count: number): Epoch => ({
  logs: { loss: 1, val_loss: 2 },
  batches: Array.from({ length: count }, (_, i) => ({ loss: count - i })),
});

// [name, options, epochs, what is saved]; names are relative to a fresh folder
test.each<[string, ModelCheckpointOptions, Epoch[], string[]]>([
  ['m.keras', {}, values('val_loss', [3, 4]), ['model m.keras', 'model m.keras']],
  ['m.h5', {}, values('val_loss', [3]), ['model m.h5']],
  ['m.weights.h5', { saveWeightsOnly: true }, values('val_loss', [3]), ['weights m.weights.h5']],
  ['m.safetensors', { saveWeightsOnly: true }, values('val_loss', [3]), ['weights m.safetensors']],
  // the value is not asked for where it does not matter
  ['m.keras', { monitor: 'nothing' }, values('loss', [3]), ['model m.keras']],
  [
    '{epoch:02d}-{val_loss:.2f}.keras',
    {},
    values('val_loss', [3, 4.126]),
    ['model 01-3.00.keras', 'model 02-4.13.keras'],
  ],
  [
    '{epoch}.keras',
    { saveBestOnly: true },
    values('val_loss', [3, 4, 3, 2, 2.5, 1]),
    ['model 1.keras', 'model 4.keras', 'model 6.keras'],
  ],
  [
    '{epoch}.keras',
    { saveBestOnly: true, monitor: 'val_accuracy' },
    values('val_accuracy', [0.1, 0.3, 0.2]),
    ['model 1.keras', 'model 2.keras'],
  ],
  [
    '{epoch}.keras',
    { saveBestOnly: true, mode: 'max' },
    values('val_loss', [3, 4, 3]),
    ['model 1.keras', 'model 2.keras'],
  ],
  ['{epoch}.keras', { saveBestOnly: true, initialValueThreshold: 2 }, values('val_loss', [3, 2, 1]), ['model 3.keras']],
  ['{epoch}.keras', { initialValueThreshold: 2 }, values('val_loss', [3]), ['model 1.keras']],
  [
    '{epoch}-{batch}.keras',
    { saveFreq: 2 },
    [batches(5), batches(5)],
    ['model 1-2.keras', 'model 1-4.keras', 'model 2-1.keras', 'model 2-3.keras', 'model 2-5.keras'],
  ],
  ['{epoch}-{batch:03d}.keras', { saveFreq: 7 }, [batches(5), batches(5)], ['model 2-002.keras']],
  ['{batch}-{loss:.1f}.keras', { saveFreq: 3 }, [batches(3)], ['model 3-1.0.keras']],
  [
    '{batch}.keras',
    { saveFreq: 1, saveBestOnly: true, monitor: 'loss' },
    [batches(2), batches(3)],
    ['model 1.keras', 'model 2.keras'],
  ],
])('%s with %o', async (name, options, epochs, saved) => {
  const folder = await temporaryFolder();
  const model = new FakeModel();
  await run([callbacks.ModelCheckpoint(join(folder, name), options)], model, epochs);
  expect(model.saved.map((path) => path.replace(`${folder}/`, ''))).toEqual(saved);
});

test('a run that saves after epochs does not wait for batches', () => {
  expect(callbacks.ModelCheckpoint('m.keras').onTrainBatchEnd).toBeUndefined();
  expect(callbacks.ModelCheckpoint('m.keras', { saveFreq: 5 }).onTrainBatchEnd).toBeTypeOf('function');
});

test('folders are made', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'deep', '{epoch}', 'm.keras');
  await run([callbacks.ModelCheckpoint(path)], new FakeModel(), values('loss', [1, 1]));
  for (const epoch of ['1', '2']) expect((await stat(join(folder, 'deep', epoch))).isDirectory()).toBe(true);
});

test('without the value every epoch is saved, after a warning', async () => {
  const heard = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const folder = await temporaryFolder();
  const model = new FakeModel();
  await run(
    [callbacks.ModelCheckpoint(join(folder, 'm.keras'), { saveBestOnly: true })],
    model,
    values('loss', [1, 2]),
  );
  expect(model.saved).toHaveLength(2);
  expect(heard.mock.calls).toEqual([['ModelCheckpoint: there is no val_loss to watch, only loss']]);
  heard.mockRestore();
});

test('the best value and the batches since the last save are remembered from run to run', async () => {
  const folder = await temporaryFolder();
  const model = new FakeModel();
  const best = callbacks.ModelCheckpoint(join(folder, '{epoch}.keras'), { saveBestOnly: true });
  await run([best], model, values('val_loss', [3]));
  await run([best], model, values('val_loss', [4, 2]));
  const counting = callbacks.ModelCheckpoint(join(folder, 'b{batch}.keras'), { saveFreq: 4 });
  await run([counting], model, [batches(3)]);
  await run([counting], model, [batches(3)]);
  expect(model.saved.map((path) => path.slice(path.lastIndexOf('/') + 1))).toEqual(['1.keras', '2.keras', 'b1.keras']);
});

test.each<[ModelCheckpointOptions, number[], string]>([
  [
    { saveBestOnly: true, verbose: 1 },
    [0.1, 0.09, 0.09, 0.123456],
    `Epoch 1: val_loss improved from None to 0.10000, saving model to PATH
Epoch 2: val_loss improved from 0.10000 to 0.09000, saving model to PATH
Epoch 3: val_loss did not improve from 0.09000
Epoch 4: val_loss did not improve from 0.09000
`,
  ],
  [
    { saveBestOnly: true, initialValueThreshold: 1, verbose: 1 },
    [2, 0.5],
    'Epoch 1: val_loss did not improve from 1.00000\nEpoch 2: val_loss improved from 1.00000 to 0.50000, saving model to PATH\n',
  ],
  [{ verbose: 1 }, [1, 2], 'Epoch 1: saving model to PATH\nEpoch 2: saving model to PATH\n'],
  [{}, [1, 2], ''],
])('%o of %j prints', async (options, list, text) => {
  const path = join(await temporaryFolder(), 'm.keras');
  const checkpoint = callbacks.ModelCheckpoint(path, options);
  const spoken = await printed(() => run([checkpoint], new FakeModel(), values('val_loss', list)));
  expect(spoken).toBe(text.replaceAll('PATH', path));
});

test('after batches it speaks of the epoch under way', async () => {
  const path = join(await temporaryFolder(), 'm.keras');
  const checkpoint = callbacks.ModelCheckpoint(path, { saveFreq: 2, verbose: 1 });
  const spoken = await printed(() => run([checkpoint], new FakeModel(), [batches(1), batches(1)]));
  expect(spoken).toBe(`Epoch 2: saving model to ${path}\n`);
});

test('a name that wants a number that is not there is an error', async () => {
  const run1 = (name: string, options: ModelCheckpointOptions = {}) =>
    run([callbacks.ModelCheckpoint(name, options)], new FakeModel(), values('loss', [1]));
  await expect(run1('{val_loss:.2f}.keras')).rejects.toThrow(ValueError);
  await expect(run1('{val_loss:.2f}.keras')).rejects.toThrow('wants val_loss; there are loss, epoch');
  await expect(run1('{batch}.keras')).rejects.toThrow('wants batch; there are loss, epoch');
});

test('a direction that nobody knows ends training before it begins', async () => {
  const model = new FakeModel();
  const checkpoint = callbacks.ModelCheckpoint('m.keras', { saveBestOnly: true, monitor: 'nothing' });
  await expect(run([checkpoint], model, values('nothing', [1]))).rejects.toThrow(/ModelCheckpoint: nobody knows/);
  expect(model.saved).toEqual([]);
});

test('a failure to save is the failure of training', async () => {
  const path = join(await temporaryFolder(), 'm.keras');
  const model = new FakeModel();
  model.save = () => Promise.reject(new ResourceError('no space left'));
  await expect(run([callbacks.ModelCheckpoint(path)], model, values('loss', [1]))).rejects.toThrow('no space left');
});

test('a browser has no files', () => {
  withoutFiles();
  const make = () => callbacks.ModelCheckpoint('m.keras');
  expect(make).toThrow(ResourceError);
  expect(make).toThrow('ModelCheckpoint writes files, and a browser has none: leave it out there');
});
