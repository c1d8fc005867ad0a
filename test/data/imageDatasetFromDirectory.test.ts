import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  callbacks,
  close,
  Dense,
  Flatten,
  FormatError,
  imageDatasetFromDirectory,
  init,
  memory,
  ResourceError,
  Sequential,
  ShapeError,
  setRandomSeed,
  type Tensor,
  ValueError,
} from '../../src/index.ts';
import { isBatchData } from '../../src/models/sources.ts';
import { expectClose, onEachBackend, printed } from '../models/support.ts';
import { held, settledMemory } from '../support/settled.ts';
import { plain, png, writeFiles } from './imageFiles.ts';
import { temporaryFolder } from './support.ts';

/** Two classes of plain 2 x 2 pictures; the value of picture i is i. */
async function pets(cats = 6, dogs = 4): Promise<string> {
  const root = await temporaryFolder();
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < cats + dogs; i++) files[`${i < cats ? 'cats' : 'dogs'}/${i}.png`] = await plain(i, 2, 2);
  await writeFiles(root, files);
  return root;
}

const quiet = { verbose: false, imageSize: 2 } as const;

/** The value of each plain picture of a batch. */
async function valuesOf(x: Tensor): Promise<number[]> {
  const data = Array.from(await x.data());
  const each = data.length / (x.shape[0] ?? 1);
  return data.filter((_, i) => i % each === 0);
}

/** Batches are read one after another, so when its last one is here, so is or was all that was read ahead. */
async function settle(...data: { length: number; get(i: number): Promise<readonly Tensor[]> }[]): Promise<void> {
  for (const each of data) for (const tensor of await each.get(each.length - 1)) tensor.dispose();
}

const nameOf = (path: string) => Number(/(\d+)\.png$/.exec(path)![1]);

describe('imageDatasetFromDirectory', () => {
  beforeAll(() => init({ backend: 'cpu' }));
  afterAll(() => close());

  test('gives batches of floats with int32 labels, the last one smaller', async () => {
    const root = await pets();
    const data = await imageDatasetFromDirectory(root, { ...quiet, shuffle: false, batchSize: 4 });
    expect(data.classNames).toEqual(['cats', 'dogs']);
    expect(data.filePaths.map(nameOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(data.filePaths[0]).toBe(join(root, 'cats', '0.png'));
    expect(data.length).toBe(3);
    const seen: number[][] = [];
    for await (const [x, y] of data) {
      expect(x.dtype).toBe('float32');
      expect(y.dtype).toBe('int32');
      expect(x.shape).toEqual([y.size, 2, 2, 3]);
      expect(y.rank).toBe(1);
      seen.push(await valuesOf(x), [...y.dataSync()]);
    }
    expect(seen).toEqual([
      [0, 1, 2, 3],
      [0, 0, 0, 0],
      [4, 5, 6, 7],
      [0, 0, 1, 1],
      [8, 9],
      [1, 1],
    ]);
    const [x, y] = await data.get(1);
    expect(await valuesOf(x)).toEqual([4, 5, 6, 7]);
    expect([...y.dataSync()]).toEqual([0, 0, 1, 1]);
  });

  test.each([
    { labelMode: 'int', shape: [3], dtype: 'int32', values: [0, 0, 1] },
    { labelMode: 'categorical', shape: [3, 2], dtype: 'float32', values: [1, 0, 1, 0, 0, 1] },
    { labelMode: 'binary', shape: [3, 1], dtype: 'float32', values: [0, 0, 1] },
  ] as const)('labels of mode $labelMode', async ({ labelMode, shape, dtype, values }) => {
    const root = await pets(2, 1);
    const [, y] = await (await imageDatasetFromDirectory(root, { ...quiet, shuffle: false, labelMode })).get(0);
    expect([y.dtype, ...y.shape]).toEqual([dtype, ...shape]);
    expect([...y.dataSync()]).toEqual(values);
    const single = await imageDatasetFromDirectory(root, { ...quiet, shuffle: false, labelMode, batchSize: null });
    expect(single.length).toBe(3);
    const [x, last] = await single.get(2);
    expect(x.shape).toEqual([2, 2, 3]);
    expect(last.shape).toEqual(shape.slice(1));
    expect([...last.dataSync()]).toEqual(values.slice(-last.size));
  });

  test.each([{ labels: null }, { labelMode: null }] as const)('no labels: %j', async (without) => {
    const root = await pets();
    await writeFile(join(root, 'loose.png'), await plain(99, 2, 2));
    const data = await imageDatasetFromDirectory(root, { ...quiet, shuffle: false, ...without });
    expect(data.classNames).toEqual([]);
    const x: Tensor = await data.get(0);
    expect(await valuesOf(x)).toEqual([99, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect((await data.source().open().next()).value).toHaveLength(1);
  });

  test('a list of labels, one for each file in their order', async () => {
    const root = await pets(2, 2);
    const options = { ...quiet, shuffle: false, labels: [2, 0, 1, 2] };
    const data = await imageDatasetFromDirectory(root, options);
    expect(data.classNames).toEqual(['0', '1', '2']);
    expect([...(await data.get(0))[1].dataSync()]).toEqual([2, 0, 1, 2]);
    const oneHot = await imageDatasetFromDirectory(root, { ...options, labelMode: 'categorical' });
    expect((await oneHot.get(0))[1].shape).toEqual([4, 3]);
  });

  test('classes by name, in the order given', async () => {
    const root = await pets(2, 2);
    await writeFiles(root, { 'birds/7.png': await plain(7, 2, 2) });
    const data = await imageDatasetFromDirectory(root, { ...quiet, shuffle: false, classNames: ['dogs', 'birds'] });
    expect(data.classNames).toEqual(['dogs', 'birds']);
    const [x, y] = await data.get(0);
    expect(await valuesOf(x)).toEqual([2, 3, 7]);
    expect([...y.dataSync()]).toEqual([0, 0, 1]);
  });

  test('the files that a user picked', async () => {
    const file = (path: string, bytes: Uint8Array<ArrayBuffer>) =>
      Object.defineProperty(new File([bytes], 'x'), 'webkitRelativePath', { value: path });
    const list = [file('pets/b/1.png', await plain(1, 2, 2)), file('pets/a/0.png', await plain(0, 2, 2))];
    const data = await imageDatasetFromDirectory(list, { ...quiet, shuffle: false });
    expect(data.filePaths).toEqual(['pets/a/0.png', 'pets/b/1.png']);
    expect(await valuesOf((await data.get(0))[0])).toEqual([0, 1]);
  });

  describe('the order', () => {
    const orderOf = async (data: Awaited<ReturnType<typeof imageDatasetFromDirectory>>) => {
      const order: number[] = [];
      for (let i = 0; i < data.length; i++) order.push(...(await valuesOf((await data.get(i))[0])));
      return order;
    };

    test('is drawn once by the seed, is that of filePaths, and another one in each epoch', async () => {
      const root = await pets(12, 8);
      const options = { ...quiet, seed: 5, batchSize: 7 };
      const data = await imageDatasetFromDirectory(root, options);
      const first = data.filePaths.map(nameOf);
      expect(first).not.toEqual([...first].sort((a, b) => a - b));
      expect(await orderOf(data)).toEqual(first);
      data.onEpochEnd();
      const second = await orderOf(data);
      expect(second).not.toEqual(first);
      expect([...second].sort((a, b) => a - b)).toEqual([...first].sort((a, b) => a - b));
      expect(data.filePaths.map(nameOf)).toEqual(first);

      const again = await imageDatasetFromDirectory(root, options);
      expect(await orderOf(again)).toEqual(first);
      again.onEpochEnd();
      expect(await orderOf(again)).toEqual(second);
      const other = await imageDatasetFromDirectory(root, { ...options, seed: 6 });
      expect(other.filePaths.map(nameOf)).not.toEqual(first);
    });

    test('follows setRandomSeed without a seed', async () => {
      const root = await pets(12, 8);
      const draw = async () => (await imageDatasetFromDirectory(root, quiet)).filePaths;
      setRandomSeed(3);
      const [first, second] = [await draw(), await draw()];
      setRandomSeed(3);
      expect(await draw()).toEqual(first);
      expect(second).not.toEqual(first);
    });

    test('labels go with their pictures', async () => {
      const root = await pets(12, 8);
      const data = await imageDatasetFromDirectory(root, { ...quiet, seed: 1, batchSize: 6 });
      for (const _ of [1, 2]) {
        for await (const [x, y] of data) {
          expect([...y.dataSync()]).toEqual((await valuesOf(x)).map((value) => (value < 12 ? 0 : 1)));
        }
      }
    });

    test('a loop over all batches is an epoch', async () => {
      const data = await imageDatasetFromDirectory(await pets(12, 8), { ...quiet, seed: 1 });
      const epoch = async () => {
        const order: number[] = [];
        for await (const [x] of data) order.push(...(await valuesOf(x)));
        return order;
      };
      const [first, second] = [await epoch(), await epoch()];
      expect(first).toEqual(data.filePaths.map(nameOf));
      expect(second).not.toEqual(first);
    });
  });

  describe('a split', () => {
    test('holds back the LAST share of the shuffled list, and both parts share no file', async () => {
      const root = await pets(14, 7);
      const options = { ...quiet, seed: 11, validationSplit: 0.3 };
      const whole = await imageDatasetFromDirectory(root, { ...quiet, seed: 11 });
      const training = await imageDatasetFromDirectory(root, { ...options, subset: 'training' });
      const validation = await imageDatasetFromDirectory(root, { ...options, subset: 'validation' });
      // floor(0.3 * 21) = 6
      expect(training.filePaths).toEqual(whole.filePaths.slice(0, 15));
      expect(validation.filePaths).toEqual(whole.filePaths.slice(15));
      const [first, second] = await imageDatasetFromDirectory(root, { ...options, subset: 'both' });
      expect(first.filePaths).toEqual(training.filePaths);
      expect(second.filePaths).toEqual(validation.filePaths);
      expect(second.classNames).toEqual(['cats', 'dogs']);
    });

    test('without shuffling takes the end of the sorted list, and needs no seed', async () => {
      const options = { ...quiet, shuffle: false, validationSplit: 0.25, subset: 'validation' } as const;
      expect((await imageDatasetFromDirectory(await pets(), options)).filePaths.map(nameOf)).toEqual([8, 9]);
    });

    test('reshuffles what is trained on, never what is validated with', async () => {
      const options = { ...quiet, seed: 2, validationSplit: 0.5, subset: 'both', labels: null } as const;
      const [training, validation] = await imageDatasetFromDirectory(await pets(16, 8), options);
      for (const [data, same] of [
        [training, false],
        [validation, true],
      ] as const) {
        const before = await valuesOf(await data.get(0));
        data.onEpochEnd();
        const after = await valuesOf(await data.get(0));
        expect(JSON.stringify(after) === JSON.stringify(before)).toBe(same);
      }
    });
  });

  test('prints what Keras prints', async () => {
    const root = await pets(14, 6);
    const small = { imageSize: 2, seed: 1 } as const;
    expect(await printed(() => imageDatasetFromDirectory(root, small))).toBe(
      'Found 20 files belonging to 2 classes.\n',
    );
    const both = { ...small, validationSplit: 0.2, subset: 'both' } as const;
    expect(await printed(() => imageDatasetFromDirectory(root, both))).toBe(
      'Found 20 files belonging to 2 classes.\nUsing 16 files for training.\nUsing 4 files for validation.\n',
    );
    expect(await printed(() => imageDatasetFromDirectory(root, { ...both, subset: 'validation' }))).toBe(
      'Found 20 files belonging to 2 classes.\nUsing 4 files for validation.\n',
    );
    expect(await printed(() => imageDatasetFromDirectory(root, { ...small, labels: null }))).toBe('Found 20 files.\n');
    expect(await printed(() => imageDatasetFromDirectory(root, { ...small, verbose: false }))).toBe('');
  });

  test('is a source of batches for fit', async () => {
    const data = await imageDatasetFromDirectory(await pets(), { ...quiet, batchSize: 4, seed: 1 });
    expect(isBatchData(data)).toBe(true);
    const source = data.source();
    expect([source.kind, source.steps, source.restarts]).toEqual(['streamed', 3, true]);
    const sizes: number[] = [];
    const batches = source.open();
    for (let next = await batches.next(); !next.done; next = await batches.next()) {
      const [x, y] = next.value as [Tensor, Tensor];
      expect(y.shape[0]).toBe(x.shape[0]);
      sizes.push(x.shape[0]!);
    }
    expect(sizes).toEqual([4, 4, 2]);
    const single = await imageDatasetFromDirectory(await pets(), { ...quiet, batchSize: null });
    expect(() => single.source()).toThrow(/batchSize null has single images/);
  });

  test('trains a model, in a new order each epoch, and leaves no tensors behind', async () => {
    const root = await pets(12, 8);
    const options = {
      ...quiet,
      batchSize: 8,
      seed: 4,
      labelMode: 'binary',
      validationSplit: 0.2,
      subset: 'both',
    } as const;
    const [training, validation] = await imageDatasetFromDirectory(root, options);
    const model = new Sequential([Flatten({ inputShape: [2, 2, 3] }), Dense(1, { activation: 'sigmoid' })]);
    model.compile({ optimizer: 'adam', loss: 'binary_crossentropy' });
    const train = async () =>
      (await model.fit(training, { epochs: 2, validationData: validation, verbose: 0 })).history;
    await train();
    await settle(training, validation);
    const before = await settledMemory();
    const history = await train();
    await settle(training, validation);
    expect(held(memory())).toEqual(held(before));
    expect(history.loss).toHaveLength(2);
    expect(history.val_loss).toHaveLength(2);
    expect(await model.predict(validation, { verbose: 0 }).then(({ shape }) => shape)).toEqual([4, 1]);
    expect(training.filePaths).toHaveLength(16);
  });

  test.each([
    ['after batch 7', true, 7],
    ['between two epochs, by a model that learns its shapes from them', false, 5],
  ])('a run that was interrupted %s is taken up where it was', async (_, isBuilt, stopAfter) => {
    const root = await pets(5, 4);
    const run = async (backup: string | null, cutAfter = Infinity) => {
      setRandomSeed(3);
      const data = await imageDatasetFromDirectory(root, { ...quiet, batchSize: 2, seed: 4, labelMode: 'binary' });
      const flatten = Flatten(isBuilt ? { inputShape: [2, 2, 3] } : {});
      const model = new Sequential([flatten, Dense(1, { activation: 'sigmoid' })]);
      model.compile({ optimizer: 'adam', loss: 'binary_crossentropy' });
      let batches = 0;
      const onTrainBatchEnd = () => {
        if (++batches === cutAfter) throw new Error('a power cut');
      };
      const saving = backup === null ? [] : [callbacks.BackupAndRestore(backup, { saveFreq: 1 })];
      await model.fit(data, { epochs: 3, verbose: 0, callbacks: [...saving, { onTrainBatchEnd }] });
      return Promise.all(model.getWeights().map(async (weight) => Array.from(await weight.data())));
    };
    const undisturbed = await run(null);
    const backup = await temporaryFolder();
    await expect(run(backup, stopAfter)).rejects.toThrow('a power cut');
    expect(await run(backup)).toEqual(undisturbed);
  });

  test('reads one batch ahead, once, and gives each batch its own tensors', async () => {
    const root = await pets();
    const data = await imageDatasetFromDirectory(root, { ...quiet, shuffle: false, batchSize: 2 });
    await data.get(0);
    await data.get(1);
    // batch 2 is here as well; its files are not needed any more
    await settle(data);
    await rm(join(root, 'cats', '4.png'));
    await rm(join(root, 'cats', '5.png'));
    const [x] = await data.get(2);
    expect(await valuesOf(x)).toEqual([4, 5]);
    const [a, b] = await Promise.all([data.get(0), data.get(0)]);
    expect(a[0]).not.toBe(b[0]);
    await expect(data.get(2)).rejects.toThrow(/4\.png: there is no such file/);
    // what failed is asked for anew
    await writeFiles(root, { 'cats/4.png': await plain(44, 2, 2), 'cats/5.png': await plain(55, 2, 2) });
    expect(await valuesOf((await data.get(2))[0])).toEqual([44, 55]);
  });

  test('a broken file is a FormatError that names it, and the batch leaves nothing behind', async () => {
    const root = await pets();
    await writeFile(join(root, 'cats', '3.png'), 'no picture');
    await writeFile(join(root, 'dogs', '8.png'), (await png(9, 9)).slice(0, 60));
    const data = await imageDatasetFromDirectory(root, { ...quiet, shuffle: false, batchSize: 5 });
    const before = await settledMemory();
    await expect(data.get(0)).rejects.toThrow(FormatError);
    await expect(data.get(0)).rejects.toThrow(`${join(root, 'cats', '3.png')}: no picture`);
    await expect(data.get(1)).rejects.toThrow(join(root, 'dogs', '8.png'));
    expect(held(memory())).toEqual(held(before));
  });

  test('memory stays where it was, whatever is dropped', async () => {
    const data = await imageDatasetFromDirectory(await pets(), { ...quiet, batchSize: 3, seed: 1 });
    const pass = async () => {
      for await (const [x, y] of data) {
        x.dispose();
        y.dispose();
      }
      const [x, y] = await data.get(0);
      x.dispose();
      y.dispose();
      data.onEpochEnd();
      // what was read ahead goes when it is here
      await settle(data);
    };
    await pass();
    const before = await settledMemory();
    for (let i = 0; i < 5; i++) await pass();
    expect(held(memory())).toEqual(held(before));
  });

  test('a batch of one is not disposed of', async () => {
    const data = await imageDatasetFromDirectory(await pets(1, 0), { ...quiet, labels: null });
    expect(await valuesOf(await data.get(0))).toEqual([0]);
    const resized = await imageDatasetFromDirectory(await pets(1, 0), { ...quiet, imageSize: 3, labels: null });
    expect((await resized.get(0)).shape).toEqual([1, 3, 3, 3]);
    expect(await valuesOf(await resized.get(0))).toEqual([0]);
  });

  const make = (options: object) => async () =>
    imageDatasetFromDirectory(await pets(2, 1), { verbose: false, ...options });
  test.each<[string, object, RegExp]>([
    ['an unknown option', { size: 3 }, /unknown option size; there are labels, labelMode/],
    [
      'labels that are none',
      { labels: 'all' },
      /labels must be 'inferred', null or a list of classes, got string "all"/,
    ],
    ['half a label', { labels: [0, 0.5, 1] }, /each of labels must be a whole number of at least 0, got 0\.5/],
    ['a label below 0', { labels: [0, -1, 1] }, /each of labels must be .* got -1/],
    ['too few labels', { labels: [0, 1] }, /labels are 2, but the directory has 3 files/],
    [
      'labels with a gap, one-hot',
      { labels: [0, 2, 2], labelMode: 'categorical' },
      /labels must be 0, 1, \.\.\. for labelMode 'categorical', got 0, 2/,
    ],
    [
      'an unknown label mode',
      { labelMode: 'onehot' },
      /labelMode must be 'int', 'categorical', 'binary' or null, got string "onehot"/,
    ],
    [
      'binary labels of one class',
      { labelMode: 'binary', classNames: ['cats'] },
      /labelMode 'binary' needs two classes, got 1/,
    ],
    [
      'binary labels of three',
      { labelMode: 'binary', labels: [0, 1, 2] },
      /labelMode 'binary' needs two classes, got 3/,
    ],
    ['class names that are none', { classNames: 'cats' }, /classNames must be a list of names, got string "cats"/],
    ['no class names', { classNames: [] }, /classNames must be a list of names, got a list/],
    ['numbers for class names', { classNames: [1] }, /classNames must be a list of names/],
    ['a class twice', { classNames: ['cats', 'cats'] }, /classNames name a class twice: cats, cats/],
    ['a class that is not there', { classNames: ['cats', 'fish'] }, /has no folder fish; it has cats, dogs/],
    [
      'class names for a list of labels',
      { classNames: ['cats'], labels: [0, 1, 1] },
      /classNames go with labels 'inferred' only/,
    ],
    ['an unknown colour mode', { colorMode: 'bgr' }, /colorMode must be one of grayscale, rgb, rgba, got string "bgr"/],
    ['a batch of nothing', { batchSize: 0 }, /batchSize must be a whole number of at least 1, got 0/],
    ['half a batch', { batchSize: 2.5 }, /batchSize must be/],
    ['an image size of 0', { imageSize: [0, 2] }, /imageSize must be a whole number of at least 1 or two of them/],
    ['an image size as text', { imageSize: '2' }, /imageSize must be/],
    ['shuffle as text', { shuffle: 'yes' }, /shuffle must be true or false, got string "yes"/],
    ['a seed below 0', { seed: -1 }, /seed must be a whole number of at least 0, got -1/],
    ['half a seed', { seed: 0.5 }, /seed must be/],
    [
      'a whole split',
      { validationSplit: 1, subset: 'training' },
      /validationSplit must be a finite number from 0 to below 1, got 1/,
    ],
    ['a split below 0', { validationSplit: -0.1, subset: 'training' }, /validationSplit must be/],
    ['a split without subset', { validationSplit: 0.5, seed: 1 }, /validationSplit and subset go together/],
    ['a subset without split', { subset: 'training', seed: 1 }, /validationSplit and subset go together/],
    [
      'an unknown subset',
      { validationSplit: 0.5, subset: 'test', seed: 1 },
      /subset must be 'training', 'validation' or 'both', got string "test"/,
    ],
    [
      'a shuffled split without seed',
      { validationSplit: 0.5, subset: 'both' },
      /needs a seed, or training and validation would share files/,
    ],
    [
      'a split that leaves nothing',
      { validationSplit: 0.2, subset: 'both', seed: 1 },
      /0\.2 of 3 files leaves 3 to train on and 0 to validate with/,
    ],
    [
      'an unknown interpolation',
      { interpolation: 'lanczos3' },
      /interpolation must be 'bilinear' or 'nearest', got string "lanczos3"/,
    ],
    ['links as text', { followLinks: 'no' }, /followLinks must be true or false/],
    ['crop as a number', { cropToAspectRatio: 1 }, /cropToAspectRatio must be true or false/],
    ['pad as a number', { padToAspectRatio: 1 }, /padToAspectRatio must be true or false/],
    ['both of these', { cropToAspectRatio: true, padToAspectRatio: true }, /exclude each other/],
    ['verbose as a number', { verbose: 2 }, /verbose must be true or false, got number 2/],
  ])('refuses %s', async (_, options, says) => {
    const attempt = make(options)();
    await expect(attempt).rejects.toThrow(ValueError);
    await expect(attempt).rejects.toThrow(says);
    await expect(attempt).rejects.toThrow(/^imageDatasetFromDirectory: /);
  });

  test('refuses options that are none, folders that are not there and folders without images', async () => {
    await expect(imageDatasetFromDirectory('/none', null as never)).rejects.toThrow(
      /options must be an object, got null/,
    );
    await expect(imageDatasetFromDirectory('/none')).rejects.toThrow(ResourceError);
    await expect(imageDatasetFromDirectory(3 as never)).rejects.toThrow(/directory must be a path or a list of Files/);
    const empty = imageDatasetFromDirectory(await temporaryFolder(), { verbose: false });
    await expect(empty).rejects.toThrow(ValueError);
    await expect(empty).rejects.toThrow(/there are no images \(\.bmp, \.gif, \.jpeg, \.jpg, \.png\)/);
  });

  test.each([-1, 3, 0.5, Number.NaN, '0', undefined])('refuses batch %s', async (index) => {
    const data = await imageDatasetFromDirectory(await pets(), { ...quiet, batchSize: 4 });
    await expect(data.get(index as number)).rejects.toThrow(ValueError);
  });

  test('a side that no resizing takes is refused with the name of its file', async () => {
    const root = await temporaryFolder();
    await writeFiles(root, { 'a/long.png': await png(16_385, 1, 1) });
    const data = await imageDatasetFromDirectory(root, quiet);
    await expect(data.get(0)).rejects.toThrow(ShapeError);
    await expect(data.get(0)).rejects.toThrow(/long\.png: resizeBilinear: .*no side may be above 16384/);
  });
});

onEachBackend((place) => {
  /** A 2 x 4 picture of greys, row by row. */
  const greys = [0, 40, 80, 120, 160, 200, 240, 8];

  async function load(options: object): Promise<number[]> {
    const root = await temporaryFolder();
    await writeFiles(root, { 'a/1.png': await png(4, 2, 1, Uint8Array.from(greys)) });
    const data = await imageDatasetFromDirectory(root, {
      verbose: false,
      colorMode: 'grayscale',
      labels: null,
      ...options,
    });
    return Array.from(await (await data.get(0)).data());
  }

  test.each<[string, object, number[]]>([
    ['as it is', { imageSize: [2, 4] }, greys],
    // source columns 0.5, 2.5 and rows 0.5
    ['smaller, bilinear', { imageSize: [1, 2] }, [100, 112]],
    ['wider, bilinear', { imageSize: [2, 8] }, [0, 10, 30, 50, 70, 90, 110, 120, 160, 170, 190, 210, 230, 182, 66, 8]],
    ['nearest', { imageSize: [1, 2], interpolation: 'nearest' }, [200, 8]],
    ['cut to the middle', { imageSize: [1, 1], cropToAspectRatio: true }, [(40 + 80 + 200 + 240) / 4]],
    ['stretched instead', { imageSize: [1, 1] }, [(40 + 80 + 200 + 240) / 4]],
    ['cut to the middle of a wide one', { imageSize: [2, 2], cropToAspectRatio: true }, [40, 80, 200, 240]],
    ['framed', { imageSize: [4, 4], padToAspectRatio: true }, [0, 0, 0, 0, ...greys, 0, 0, 0, 0]],
    ['framed and smaller', { imageSize: [2, 2], padToAspectRatio: true }, [10, 50, 90, 62]],
  ])('pictures %s', async (_, options, expected) => {
    expectClose(await load(options), expected, place);
  });

  test('pictures of different sizes share a batch', async () => {
    const root = await temporaryFolder();
    await writeFiles(root, {
      'a/1.png': await plain(10, 2, 2),
      'a/2.png': await plain(20, 7, 3),
      'b/3.jpg': await plain(30, 5, 9),
    });
    const data = await imageDatasetFromDirectory(root, { verbose: false, imageSize: [4, 3], shuffle: false });
    const [x, y] = await data.get(0);
    expect(x.shape).toEqual([3, 4, 3, 3]);
    expectClose(
      await x.data(),
      [10, 20, 30].flatMap((value) => Array(36).fill(value)),
      place,
    );
    expect(Array.from(await y.data())).toEqual([0, 0, 1]);
  });
});
