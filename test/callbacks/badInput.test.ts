// What each option refuses: [callback, options, what the error says].
import { describe, expect, test } from 'vitest';
import { callbacks, ValueError } from 'wgslgrad';

type Make = (options?: never) => unknown;

const makers: Readonly<Record<string, Make>> = {
  EarlyStopping: callbacks.EarlyStopping,
  ReduceLROnPlateau: callbacks.ReduceLROnPlateau,
  ModelCheckpoint: (options) => callbacks.ModelCheckpoint('m.keras', options),
  LearningRateScheduler: (options) => callbacks.LearningRateScheduler(() => 1, options),
  CSVLogger: (options) => callbacks.CSVLogger('log.csv', options),
  TensorBoard: callbacks.TensorBoard,
  TerminateOnNaN: callbacks.TerminateOnNaN,
  LambdaCallback: callbacks.LambdaCallback,
};

const monitored = ['EarlyStopping', 'ReduceLROnPlateau', 'ModelCheckpoint'];
const speaking = [...monitored, 'LearningRateScheduler'];
const forEach = (names: readonly string[], bad: readonly (readonly [object, string])[]) =>
  names.flatMap((name) => bad.map(([options, says]) => [name, options, says] as const));

const notWhole = (name: string, least: number): (readonly [object, string])[] =>
  [least - 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY].map((value) => [
    { [name]: value },
    `${name} must be a whole number of at least ${least}, got ${value}`,
  ]);
const notTrue = (name: string): (readonly [object, string])[] => [
  [{ [name]: 1 }, `${name} must be true or false, got number 1`],
  [{ [name]: 'yes' }, `${name} must be true or false, got string "yes"`],
];
const notFinite = (name: string, says = `${name} must be a finite number`): (readonly [object, string])[] =>
  [Number.NaN, Number.POSITIVE_INFINITY, '1', [1], true].map((value) => [{ [name]: value }, says]);

test.each([
  ...forEach(Object.keys(makers), [
    [{ nothing: 1 }, 'unknown option nothing'],
    [{ min_delta: 1 }, 'unknown option min_delta'],
  ]),
  ...forEach(monitored, [
    [{ monitor: '' }, 'monitor must be a text that is not empty, got string ""'],
    [{ monitor: 3 }, 'monitor must be a text that is not empty, got number 3'],
    [{ mode: 'up' }, 'mode must be auto or min or max, got string "up"'],
    [{ mode: 1 }, 'mode must be auto or min or max, got number 1'],
  ]),
  ...forEach(speaking, [
    [{ verbose: 2 }, 'verbose must be 0 or 1, got number 2'],
    [{ verbose: true }, 'verbose must be 0 or 1, got boolean true'],
    [{ verbose: 'auto' }, 'verbose must be 0 or 1, got string "auto"'],
  ]),
  ...forEach(['EarlyStopping', 'ReduceLROnPlateau'], [...notFinite('minDelta'), ...notWhole('patience', 0)]),
  ...forEach(
    ['EarlyStopping'],
    [...notFinite('baseline'), ...notTrue('restoreBestWeights'), ...notWhole('startFromEpoch', 0)],
  ),
  ...forEach(
    ['ReduceLROnPlateau'],
    [
      ...notFinite('factor', 'factor must be a finite number from 0 to below 1'),
      [{ factor: 1 }, 'factor must be a finite number from 0 to below 1, got 1'],
      [{ factor: -0.1 }, 'factor must be a finite number from 0 to below 1, got -0.1'],
      ...notWhole('cooldown', 0),
      ...notFinite('minLr', 'minLr must be a finite number of at least 0'),
      [{ minLr: -1 }, 'minLr must be a finite number of at least 0, got -1'],
    ],
  ),
  ...forEach(
    ['ModelCheckpoint'],
    [
      ...notTrue('saveBestOnly'),
      ...notTrue('saveWeightsOnly'),
      ...notWhole('saveFreq', 1),
      [{ saveFreq: 'batch' }, 'saveFreq must be epoch or a number of batches, got string "batch"'],
      ...notFinite('initialValueThreshold'),
    ],
  ),
  ...forEach(
    ['CSVLogger'],
    [
      ...notTrue('append'),
      [{ separator: '' }, 'separator must be one character, no quote and no line end, got string ""'],
      [{ separator: ', ' }, 'separator must be one character'],
      [{ separator: '"' }, 'separator must be one character'],
      [{ separator: '\n' }, 'separator must be one character'],
      [{ separator: 3 }, 'separator must be one character, no quote and no line end, got number 3'],
    ],
  ),
  ...forEach(
    ['TensorBoard'],
    [
      [{ logDir: '' }, 'logDir must be a text that is not empty'],
      [{ logDir: 3 }, 'logDir must be a text that is not empty, got number 3'],
      ...notWhole('histogramFreq', 0),
      [{ writeImages: true }, 'writeImages: pictures of weights are not written, it must be false'],
      [{ writeImages: 0 }, 'writeImages must be true or false, got number 0'],
      ...notWhole('updateFreq', 1),
      [{ updateFreq: 'step' }, 'updateFreq must be epoch or batch or a number of batches, got string "step"'],
    ],
  ),
])('%s refuses %o', (name, options, says) => {
  const make = () => makers[name]!(options as never);
  expect(make).toThrow(ValueError);
  expect(make).toThrow(`${name}: `);
  expect(make).toThrow(says);
});

test.each(Object.keys(makers))('the options of %s are an object', (name) => {
  for (const options of [3, 'val_loss', null]) expect(() => makers[name]!(options as never)).toThrow(ValueError);
});

describe('what is given first', () => {
  test.each<[unknown, object, string]>([
    ['', {}, 'filepath must be a text that is not empty'],
    [3, {}, 'filepath must be a text that is not empty, got number 3'],
    [{ monitor: 'loss' }, {}, 'filepath must be a text that is not empty, got object'],
    ['model', {}, 'filepath must end in .keras or .h5 for a model, got model'],
    ['m.safetensors', {}, 'filepath must end in .keras or .h5 for a model, got m.safetensors'],
    ['m.h5', { saveWeightsOnly: true }, 'filepath must end in .weights.h5 or .safetensors for weights, got m.h5'],
    ['m.keras', { saveWeightsOnly: true }, 'filepath must end in .weights.h5 or .safetensors for weights, got m.keras'],
    ['{epoch:x}.keras', {}, '{epoch:x} in {epoch:x}.keras is no place for a number'],
  ])('ModelCheckpoint(%o, %o)', (path, options, says) => {
    const make = () => callbacks.ModelCheckpoint(path as string, options);
    expect(make).toThrow(ValueError);
    expect(make).toThrow(`ModelCheckpoint: ${says}`);
  });

  test.each([undefined, '', 3, { append: true }])('CSVLogger(%o)', (path) => {
    const make = () => callbacks.CSVLogger(path as string);
    expect(make).toThrow(ValueError);
    expect(make).toThrow('CSVLogger: filename must be a text that is not empty');
  });

  test.each([undefined, 0.1, 'cosine', { verbose: 1 }])('LearningRateScheduler(%o)', (schedule) => {
    const make = () => callbacks.LearningRateScheduler(schedule as never);
    expect(make).toThrow(ValueError);
    expect(make).toThrow('LearningRateScheduler: schedule: expected a function');
  });
});

test('every maker is here', () => {
  // what BackupAndRestore refuses stands in its own test
  expect([...Object.keys(makers), 'BackupAndRestore'].sort()).toEqual(Object.keys(callbacks).sort());
});
