// Every option of ImageDataGenerator and of its methods, with what it does not take: a typed error that names who, what and which.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import type { fitReaders, flowReaders } from '../../../src/data/augment/flowOptions.ts';
import type { readers } from '../../../src/data/augment/options.ts';

beforeAll(() => w.init({ backend: 'cpu' }));
afterAll(() => w.close());

const truths: unknown[] = [1, 'yes', null, [], {}];
const notNumbers: unknown[] = ['1', null, NaN, Infinity, [], {}, true];
const anything = { toString: () => 'object' };

/** By option: values that are refused. */
const generatorTable: Readonly<Record<keyof typeof readers, readonly unknown[]>> = {
  featurewiseCenter: truths,
  samplewiseCenter: truths,
  featurewiseStdNormalization: truths,
  samplewiseStdNormalization: truths,
  zcaWhitening: truths,
  zcaEpsilon: [...notNumbers, -1],
  rotationRange: [...notNumbers, -5],
  widthShiftRange: ['1', null, NaN, -0.1, Infinity, [], [NaN], ['1'], {}, true, 1e6],
  heightShiftRange: ['1', null, NaN, -0.1, Infinity, [], [NaN], ['1'], {}, true, 1e6],
  brightnessRange: [0.5, 'x', [], [1], [1, 2, 3], [2, 1], [-1, 1], [NaN, 1], {}, true],
  shearRange: [...notNumbers, -5],
  zoomRange: ['1', null, NaN, -0.1, 1.5, [], [1], [1, 2, 3], [2, 1], [-1, 1], {}, true],
  channelShiftRange: [...notNumbers, -5],
  fillMode: ['edge', 'mirror', 'wrapEnds', 'blend', 1, {}, []],
  cval: notNumbers,
  horizontalFlip: truths,
  verticalFlip: truths,
  rescale: ['1', NaN, Infinity, [], {}, true],
  preprocessingFunction: [1, 'f', {}, []],
  dataFormat: ['nhwc', 1, {}],
  validationSplit: [...notNumbers, -0.1, 1, 1.5],
  interpolationOrder: [2, 3, 4, 5, -1, 0.5, '1', null, true, NaN],
  dtype: ['float64', 'uint8', 1],
  strict: truths,
};

const flowTable: Readonly<Record<keyof typeof flowReaders, readonly unknown[]>> = {
  batchSize: [...notNumbers, 0, -1, 1.5],
  shuffle: truths,
  seed: ['1', NaN, -1, 0.5, [], {}],
  saveToDir: [1, {}, []],
  savePrefix: [1, {}, null],
  saveFormat: ['bmp', 'pngs', 1],
  subset: ['test', 1, {}],
  sampleWeight: [5, 'x', [1, 2], Float32Array.of(1), true],
  ignoreClassSplit: truths,
  inputShape: [4, [], [1, 2], [2, 2, 0], [2, 2, 1.5], 'x'],
  residentBytes: [...notNumbers, -1, 0.5],
};

const fitTable: Readonly<Record<keyof typeof fitReaders, readonly unknown[]>> = {
  augment: truths,
  rounds: [...notNumbers, 0, -1, 1.5],
  seed: ['1', NaN, -1, 0.5, [], {}],
  inputShape: [4, [], [1, 2], [2, 2, 0], [2, 2, 1.5], 'x'],
};

const rows = (table: Readonly<Record<string, readonly unknown[]>>) =>
  Object.entries(table).flatMap(([name, values]) => values.map((value) => [name, value] as const));

const x = () => w.zeros([4, 2, 2, 1]);
const y = Int32Array.of(0, 1, 0, 1);

/** The error of a call, whether it throws or rejects. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return null;
  } catch (error) {
    return error;
  }
}

async function refused(who: string, name: string, call: () => unknown): Promise<void> {
  const error = await errorOf(call);
  expect(error).toBeInstanceOf(w.WgslgradError);
  expect(String(error)).toContain(`${who}: `);
  expect(String(error)).toContain(name);
}

test.each(rows(generatorTable))('ImageDataGenerator refuses %s: %j', async (name, value) => {
  await refused('ImageDataGenerator', name, () => new w.ImageDataGenerator({ [name]: value }));
});

test.each(rows(flowTable))('flow refuses %s: %j', async (name, value) => {
  await refused('flow', name, () => new w.ImageDataGenerator({ validationSplit: 0.5 }).flow(x(), y, { [name]: value }));
});

test.each(rows(fitTable))('fit refuses %s: %j', async (name, value) => {
  await refused('fit', name, () => new w.ImageDataGenerator({ featurewiseCenter: true }).fit(x(), { [name]: value }));
});

const generator = () => new w.ImageDataGenerator({ rotationRange: 20 });

describe('unknown names', () => {
  test.each<[string, (options: object) => unknown]>([
    ['ImageDataGenerator', (options) => new w.ImageDataGenerator(options)],
    ['flow', (options) => generator().flow(x(), y, options)],
    ['fit', (options) => generator().fit(x(), options)],
    ['applyTransform', (options) => generator().applyTransform(x(), options)],
  ])('%s', async (who, call) => {
    await refused(who, 'unknown option rotation_range; there are ', () => call({ rotation_range: 20 }));
    for (const options of [null, 5, 'x']) await refused(who, 'options must be an object', () => call(options as never));
  });
});

describe('data', () => {
  const bad: readonly unknown[] = [5, 'x', null, true, undefined];

  test.each(bad)('x: %j', async (value) => {
    await refused('flow', 'x must be a tensor', () => generator().flow(value as never));
    await refused('fit', 'x must be a tensor', () => generator().fit(value as never));
  });

  test.each([[[4, 4]], [[4, 2, 2]], [[4, 2, 2, 1, 1]], [[]]])('x of shape %j', async (shape) => {
    const of = () => w.zeros(shape);
    await refused('flow', `pictures of rank 4, [n, height, width, channels], got [${shape.join(', ')}]`, () =>
      generator().flow(of()),
    );
    await refused('fit', 'pictures of rank 4', () => generator().fit(of()));
  });

  test('x without pixels, and flat data that does not divide', async () => {
    await refused('flow', 'x [0, 2, 2, 1] has no pixels', () => generator().flow(w.zeros([0, 2, 2, 1])));
    await refused('flow', 'with inputShape flat data is cut into pictures', () => generator().flow(new Uint8Array(16)));
    await refused('flow', '15 values do not divide into samples of [2, 2, 1]', () =>
      generator().flow(new Uint8Array(15), null, { inputShape: [2, 2, 1] }),
    );
    await refused('flow', 'BigInt64Array holds no numbers', () => generator().flow(new BigInt64Array(4) as never));
    const ragged = [[[[1], [2]], [[3]]]];
    await refused('flow', 'lists must form a block', () => generator().flow(ragged));
  });

  test('y and weights of another length, or of no kind', async () => {
    await refused('flow', 'x has 4 samples, got [3]', () => generator().flow(x(), Int32Array.of(1, 2, 3)));
    await refused('flow', 'x has 4 samples, got [2, 4]', () => generator().flow(x(), w.zeros([2, 4])));
    await refused('flow', 'y must be a tensor', () => generator().flow(x(), 'labels' as never));
    await refused('flow', 'sampleWeight needs y', () =>
      generator().flow(x(), null, { sampleWeight: Float32Array.of(1, 1, 1, 1) }),
    );
    const gone = x();
    gone.dispose();
    await refused('flow', 'was disposed', () => generator().flow(gone));
  });

  test('a subset without a split, or of too few samples', async () => {
    await refused('flow', "subset 'training' needs validationSplit", () =>
      generator().flow(x(), y, { subset: 'training' }),
    );
    const few = new w.ImageDataGenerator({ validationSplit: 0.1 });
    await refused('flow', 'validationSplit 0.1 of 4 samples leaves 0 to validate with and 4 to train on', () =>
      few.flow(x(), y, { subset: 'validation' }),
    );
  });
});

describe('single pictures', () => {
  test.each<[string, (of: never) => unknown]>([
    ['applyTransform', (of) => generator().applyTransform(of, {})],
    ['standardize', (of) => generator().standardize(of)],
  ])('%s', async (who, call) => {
    for (const value of [5, 'x', null, [[1]], anything])
      await refused(who, 'x must be a tensor', () => call(value as never));
    for (const shape of [[4, 4], [1, 2, 3, 4, 5], [], [0, 2, 1]])
      await refused(who, 'x must be a picture [height, width, channels] or a batch', () =>
        call(w.zeros(shape) as never),
      );
  });

  test.each(['theta', 'tx', 'ty', 'shear', 'zx', 'zy', 'channelShiftIntensity', 'brightness'])('%s', async (name) => {
    for (const value of ['1', NaN, Infinity, true, {}])
      await refused('applyTransform', name, () => generator().applyTransform(x(), { [name]: value }));
  });

  test('flips and brightness', async () => {
    for (const name of ['flipHorizontal', 'flipVertical'])
      for (const value of [1, 'yes', {}])
        await refused('applyTransform', name, () => generator().applyTransform(x(), { [name]: value }));
    await refused('applyTransform', 'brightness', () => generator().applyTransform(x(), { brightness: -1 }));
  });

  test('getRandomTransform and randomTransform', async () => {
    for (const shape of [[4, 4], [4, 4, 0], 5, null, [4, 4, 1.5], 'x'])
      await refused('getRandomTransform', 'a picture has shape [height, width, channels]', () =>
        generator().getRandomTransform(shape as never),
      );
    for (const seed of [-1, 0.5, '1', NaN])
      await refused('getRandomTransform', 'seed', () => generator().getRandomTransform([4, 4, 1], seed as never));
    await refused('randomTransform', 'x must be a tensor', () => generator().randomTransform('x' as never));
    await refused('randomTransform', 'a picture has shape', () => generator().randomTransform(x()));
  });
});

describe('the preprocessing function', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'undefined'],
    ['a number', 5, 'number 5'],
    ['another shape', 'reshape', '[4, 4]'],
  ])('that gives %s', async (_, given, got) => {
    const preprocessingFunction = (batch: w.Tensor) =>
      (given === 'reshape' ? w.reshape(batch, [4, 4]) : given) as w.Tensor;
    const wrong = new w.ImageDataGenerator({ preprocessingFunction });
    await refused('ImageDataGenerator', `preprocessingFunction must give a batch [4, 2, 2, 1], got ${got}`, () =>
      wrong.standardize(x()),
    );
  });

  test('that throws: its error comes through', async () => {
    const failing = new w.ImageDataGenerator({
      preprocessingFunction: () => {
        throw new RangeError('mine');
      },
    });
    await expect(failing.flow(x(), y).next()).rejects.toThrow('mine');
  });
});

test('get of a batch that is none', async () => {
  const flow = generator().flow(x(), y);
  for (const index of [-1, 0.5, NaN, '0', null, 1]) await refused('get', 'index', () => flow.get(index as number));
});
