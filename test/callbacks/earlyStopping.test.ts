import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { callbacks, close, memory } from 'wgslgrad';
import type { EarlyStoppingOptions } from '../../src/callbacks/earlyStopping.ts';
import { printed, start } from '../models/support.ts';
import { held, settledMemory } from '../support/settled.ts';
import { FakeModel, run, values } from './support.ts';

beforeAll(() => start('cpu float32'));
afterAll(() => close());

// [options, values of val_loss, epochs that run]
test.each<[EarlyStoppingOptions, number[], number]>([
  [{}, [5, 4, 3, 3, 1], 4],
  [{}, [5, 6, 1], 2],
  [{ patience: 1 }, [5, 6, 1], 2],
  [{ patience: 2 }, [5, 6, 6, 1], 3],
  [{ patience: 2 }, [5, 6, 4, 6, 3, 6, 6, 1], 7],
  [{ patience: 3 }, [5, 6, 6, 1], 4],
  [{ minDelta: 1, patience: 2 }, [5, 4.5, 4.25, 3], 3],
  [{ minDelta: 1, patience: 2 }, [5, 4.5, 3.75, 3, 3, 0], 5],
  [{ minDelta: -1, patience: 2 }, [5, 4.5, 4.25, 3], 3],
  [{ mode: 'max' }, [1, 2, 3, 2.5, 9], 4],
  // an improvement counts whether or not it beats the baseline
  [{ baseline: 1, patience: 2 }, [5, 4, 3, 2, 2, 2, 0], 6],
  [{ baseline: 0, patience: 1 }, [5, 4, 3, 2, 1], 5],
  [{ baseline: null, patience: 1 }, [5, 4, 3, 2, 1], 5],
  [{ startFromEpoch: 3 }, [1, 2, 3, 4, 5, 6], 5],
  [{ startFromEpoch: 3, patience: 2 }, [1, 2, 3, 4, 5, 6, 7], 6],
  // nothing is better than a first value that is no number
  [{ patience: 2 }, [Number.NaN, 1, 0, 0], 3],
])('%o of %j runs %d epochs', async (options, list, epochs) => {
  const model = new FakeModel();
  const stopper = callbacks.EarlyStopping(options);
  expect(await run([stopper], model, values('val_loss', list))).toHaveLength(epochs);
  expect(stopper.stoppedEpoch).toBe(epochs < list.length ? epochs - 1 : 0);
});

test('accuracy is to grow', async () => {
  const stopper = callbacks.EarlyStopping({ monitor: 'val_accuracy' });
  expect(await run([stopper], new FakeModel(), values('val_accuracy', [0.1, 0.5, 0.4, 0.9]))).toHaveLength(3);
  expect(stopper).toMatchObject({ best: 0.5, bestEpoch: 1, stoppedEpoch: 2, wait: 1 });
});

test('the first epoch of all never ends training, the first of a later run may', async () => {
  expect(await run([callbacks.EarlyStopping()], new FakeModel(), values('val_loss', [1]))).toHaveLength(1);
  const stopper = callbacks.EarlyStopping();
  await run([stopper], new FakeModel(), values('val_loss', [1, 0]), 7);
  expect(stopper).toMatchObject({ best: 0, bestEpoch: 8, stoppedEpoch: 0 });
});

test('an epoch without the value does not count', async () => {
  const heard = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const epochs = [...values('val_loss', [5]), ...values('loss', [1, 1, 1]), ...values('val_loss', [6, 0])];
  expect(await run([callbacks.EarlyStopping()], new FakeModel(), epochs)).toHaveLength(5);
  expect(heard.mock.calls).toEqual([['EarlyStopping: there is no val_loss to watch, only loss']]);
  heard.mockRestore();
});

const weighted = (list: readonly number[]) => values('val_loss', list).map((epoch, i) => ({ ...epoch, weight: i + 1 }));

// [options, values of val_loss, the weight at the end when epoch i leaves weight i + 1]
test.each<[string, EarlyStoppingOptions, number[], number]>([
  ['when it stopped', { restoreBestWeights: true, patience: 2 }, [5, 3, 4, 4, 0], 2],
  ['when training ended by itself', { restoreBestWeights: true, patience: 9 }, [5, 3, 4, 4], 2],
  ['when the last epoch is the best', { restoreBestWeights: true }, [5, 4, 3], 3],
  ['when no value is a number', { restoreBestWeights: true }, [Number.NaN, Number.NaN, 1], 1],
  ['after the epochs that do not count', { restoreBestWeights: true, startFromEpoch: 2 }, [1, 2, 4, 3, 5], 4],
  ['never, unless asked to', {}, [5, 3, 4, 0], 3],
])('the best weights come back %s', async (_, options, list, weight) => {
  const model = new FakeModel();
  await run([callbacks.EarlyStopping(options)], model, weighted(list));
  expect(model.weight).toBe(weight);
});

test('where another callback ends training, the best weights come back too', async () => {
  const model = new FakeModel();
  const other = callbacks.LambdaCallback({
    onEpochEnd(epoch) {
      model.stopTraining = epoch === 2;
    },
  });
  await run([callbacks.EarlyStopping({ restoreBestWeights: true, patience: 9 }), other], model, weighted([3, 2, 4, 1]));
  expect(model.weight).toBe(2);
});

test('weights that are kept are freed', async () => {
  const stopper = callbacks.EarlyStopping({ restoreBestWeights: true, patience: 9 });
  await run([stopper], new FakeModel(), weighted([1]));
  const before = await settledMemory();
  await run([stopper], new FakeModel(), weighted([5, 4, 3, 2, 3]));
  expect(held(memory())).toEqual(held(before));
});

test('a second run starts anew', async () => {
  const model = new FakeModel();
  const stopper = callbacks.EarlyStopping({ restoreBestWeights: true, patience: 1 });
  await run([stopper], model, weighted([1, 2]));
  expect(model.weight).toBe(1);
  expect(await run([stopper], model, weighted([9, 8, 7, 8, 1]))).toHaveLength(4);
  expect(stopper).toMatchObject({ best: 7, bestEpoch: 2, stoppedEpoch: 3 });
  expect(model.weight).toBe(3);
  expect(await run([stopper], model, weighted([3, 2]))).toHaveLength(2);
  expect(stopper).toMatchObject({ stoppedEpoch: 0, wait: 0 });
});

test.each<[EarlyStoppingOptions, number[], string]>([
  [{ verbose: 1 }, [5, 4, 6, 1], 'Epoch 3: early stopping\n'],
  [
    { verbose: 1, restoreBestWeights: true, patience: 3 },
    [9, 8, 7, 6, 7, 7, 7],
    'Epoch 7: early stopping\nRestoring model weights from the end of the best epoch: 4.\n',
  ],
  [
    { verbose: 1, restoreBestWeights: true, patience: 3 },
    [9, 8],
    'Restoring model weights from the end of the best epoch: 2.\n',
  ],
  [{ verbose: 1 }, [9, 8], ''],
  [{ restoreBestWeights: true }, [5, 6], ''],
])('%o of %j prints %j', async (options, list, text) => {
  const stopper = callbacks.EarlyStopping(options);
  expect(await printed(() => run([stopper], new FakeModel(), values('val_loss', list)))).toBe(text);
});
