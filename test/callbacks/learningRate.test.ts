import { describe, expect, test, vi } from 'vitest';
import { callbacks, ValueError } from 'wgslgrad';
import type { ReduceLROnPlateauOptions } from '../../src/callbacks/reduceLROnPlateau.ts';
import { printed } from '../models/support.ts';
import { FakeModel, run, values } from './support.ts';

const float32 = (list: readonly number[]) => list.map(Math.fround);

// [options, values of val_loss, the rate after each epoch, from 1]
test.each<[ReduceLROnPlateauOptions, number[], number[]]>([
  [{ patience: 1, factor: 0.5 }, [5, 5, 4, 4, 4], [1, 0.5, 0.5, 0.25, 0.125]],
  [{ patience: 0, factor: 0.5 }, [5, 5, 5], [1, 0.5, 0.25]],
  [{ patience: 2, factor: 0.5 }, [5, 5, 5, 5, 5], [1, 1, 0.5, 0.5, 0.25]],
  [{ patience: 2, factor: 0.5 }, [5, 5, 4, 4, 3], [1, 1, 1, 1, 1]],
  // 1e-4 less is no improvement, 2e-4 is
  [{ patience: 1, factor: 0.5 }, [1, 0.99995], [1, 0.5]],
  [{ patience: 1, factor: 0.5 }, [1, 0.9998], [1, 1]],
  [{ patience: 1, factor: 0.5, minDelta: 1 }, [5, 4.25, 3.5], [1, 0.5, 0.5]],
  [{ patience: 1, factor: 0.5, mode: 'max' }, [1, 2, 1], [1, 1, 0.5]],
  // the epoch in which the counter reaches 0 counts again, as in Keras
  [{ patience: 1, factor: 0.5, cooldown: 1 }, [5, 5, 5, 5], [1, 0.5, 0.25, 0.125]],
  [{ patience: 1, factor: 0.5, cooldown: 2 }, [5, 5, 5, 5, 5], [1, 0.5, 0.5, 0.25, 0.25]],
  [{ patience: 2, factor: 0.5, cooldown: 2 }, [5, 5, 5, 5, 5, 5, 5], [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]],
  [{ patience: 2, factor: 0.5, cooldown: 3 }, [5, 5, 5, 5, 5, 5, 5, 5], [1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]],
  [{ patience: 1, factor: 0.5, minLr: 0.3 }, [5, 5, 5, 5], [1, 0.5, 0.3, 0.3]],
  [{ patience: 1, factor: 0 }, [5, 5, 5], [1, 0, 0]],
  [{ factor: 0.5 }, [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5]],
  [{ patience: 1 }, [5, 5], [1, 0.1]],
])('ReduceLROnPlateau %o of %j makes the rate %j', async (options, list, rates) => {
  const model = new FakeModel(1);
  const after: unknown[] = [];
  const watch = { onEpochEnd: () => void after.push(model.optimizer.learningRate) };
  const logs = await run([callbacks.ReduceLROnPlateau(options), watch], model, values('val_loss', list));
  expect(after).toEqual(rates);
  // the logs have the rate that the epoch ran with
  expect(logs.map((epoch) => epoch.learning_rate)).toEqual(float32([1, ...rates.slice(0, -1)]));
});

// float32 puts 0.3 above itself, and 1e-4 below
test.each<[number, string]>([
  [0.3, '0.3'],
  [1e-4, '0.0001'],
])('the bound %d is reached once, whatever the precision', async (minLr, text) => {
  for (const round of [Math.fround, Number]) {
    const model = new FakeModel(1);
    model.optimizer.currentLearningRate = async () => round(Number(model.optimizer.learningRate));
    const reducer = callbacks.ReduceLROnPlateau({ patience: 1, factor: 0, minLr, verbose: 1 });
    const spoken = await printed(() => run([reducer], model, values('val_loss', [5, 5, 5, 5])));
    expect(spoken).toBe(`Epoch 2: ReduceLROnPlateau reducing learning rate to ${text}.\n`);
  }
});

test('ReduceLROnPlateau says what it does, and adds the rate also where its value is missing', async () => {
  const heard = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const reducer = callbacks.ReduceLROnPlateau({ patience: 1, verbose: 1 });
  const epochs = [...values('val_loss', [5]), ...values('loss', [5]), ...values('val_loss', [6, 6])];
  const model = new FakeModel(0.001);
  let logs: unknown;
  const text = await printed(async () => {
    logs = await run([reducer], model, epochs);
  });
  expect(text).toBe(
    'Epoch 3: ReduceLROnPlateau reducing learning rate to 0.00010000000474974513.\n' +
      'Epoch 4: ReduceLROnPlateau reducing learning rate to 1.0000000474974514e-05.\n',
  );
  expect(logs).toMatchObject([{}, { loss: 5, learning_rate: 0.0010000000474974513 }, {}, {}]);
  expect(heard.mock.calls).toEqual([['ReduceLROnPlateau: there is no val_loss to watch, only loss, learning_rate']]);
  heard.mockRestore();
});

test('a second run of ReduceLROnPlateau starts anew', async () => {
  const model = new FakeModel(1);
  const reducer = callbacks.ReduceLROnPlateau({ patience: 2, factor: 0.5, cooldown: 50 });
  await run([reducer], model, values('val_loss', [1, 1, 1]));
  expect(model.optimizer.learningRate).toBe(0.5);
  // neither the best value, nor what was waited, nor the cooldown is left
  await run([reducer], model, values('val_loss', [3, 2, 2]));
  expect(model.optimizer.learningRate).toBe(0.5);
  await run([reducer], model, values('val_loss', [2, 2, 2]));
  expect(model.optimizer.learningRate).toBe(0.25);
});

test('LearningRateScheduler sets the rate of each epoch from the one before', async () => {
  const model = new FakeModel(0.5);
  const asked: [number, number][] = [];
  const scheduler = callbacks.LearningRateScheduler((epoch, rate) => {
    asked.push([epoch, rate]);
    return epoch === 4 ? rate : rate / 2;
  });
  const logs = await run([scheduler], model, values('loss', [1, 1, 1]), 3);
  expect(asked).toEqual([
    [3, 0.5],
    [4, 0.25],
    [5, 0.25],
  ]);
  expect(logs).toEqual([
    { loss: 1, learning_rate: 0.25 },
    { loss: 1, learning_rate: 0.25 },
    { loss: 1, learning_rate: 0.125 },
  ]);
});

test.each<[number, string]>([
  [0.01, '0.01'],
  [1, '1.0'],
  [1e-5, '1e-05'],
  [0, '0.0'],
])('LearningRateScheduler says %d as %s', async (rate, text) => {
  const speaking = callbacks.LearningRateScheduler(() => rate, { verbose: 1 });
  const silent = callbacks.LearningRateScheduler(() => rate);
  const model = new FakeModel();
  expect(await printed(() => run([speaking], model, values('loss', [1]), 1))).toBe(
    `Epoch 2: LearningRateScheduler setting learning rate to ${text}.\n`,
  );
  expect(await printed(() => run([silent], model, values('loss', [1])))).toBe('');
});

test.each<[unknown, string]>([
  [undefined, 'undefined'],
  [Number.NaN, 'NaN'],
  [-1, '-1'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  ['0.1', 'string "0.1"'],
  [null, 'null'],
  [Promise.resolve(0.1), 'a promise'],
])('a schedule that gives %s is refused', async (result, kind) => {
  const model = new FakeModel(0.5);
  const scheduler = callbacks.LearningRateScheduler(() => result as number);
  const attempt = run([scheduler], model, values('loss', [1]), 2);
  await expect(attempt).rejects.toThrow(ValueError);
  await expect(attempt).rejects.toThrow(
    `LearningRateScheduler: what schedule gives for epoch 2 must be a finite number of at least 0, got ${kind}`,
  );
  expect(model.optimizer.learningRate).toBe(0.5);
});

describe.each([
  ['ReduceLROnPlateau', () => callbacks.ReduceLROnPlateau()],
  ['LearningRateScheduler', () => callbacks.LearningRateScheduler(() => 1)],
])('%s', (name, make) => {
  /** A model whose optimizer answers so when it is asked for its rate. */
  const answering = (answer: (wasRead: boolean) => unknown) => {
    const model = new FakeModel();
    let wasRead = false;
    model.optimizer.currentLearningRate = async () => {
      wasRead = true;
      return 0.5;
    };
    Object.defineProperty(model.optimizer, 'learningRate', { get: () => answer(wasRead) });
    return model;
  };

  test.each<[string, () => unknown]>([
    ['gives a schedule', () => () => 0.1],
    [
      'refuses to give a number',
      () => {
        throw new ValueError('Adam: it follows a schedule');
      },
    ],
  ])('refuses an optimizer that %s', async (_, answer) => {
    const attempt = run([make()], answering(answer), []);
    await expect(attempt).rejects.toThrow(ValueError);
    await expect(attempt).rejects.toThrow(`${name}: the learning rate follows a schedule and cannot be set`);
  });

  test('takes one that gives its number only when it was read', async () => {
    const answer = (wasRead: boolean) => {
      if (wasRead) return 0.5;
      throw new ValueError('Adam: it was loaded');
    };
    expect(await run([make()], answering(answer), [])).toEqual([]);
  });

  test('passes on what else goes wrong', async () => {
    const answer = () => {
      throw new TypeError('lost');
    };
    await expect(run([make()], answering(answer), [])).rejects.toThrow(TypeError);
  });
});
