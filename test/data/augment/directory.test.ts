// Flows of picture files: what is found, in which order, with which targets; and that they are transformed as all others.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as w from 'wgslgrad';
import type { directoryReaders } from '../../../src/data/augment/directory.ts';
import type { tableReaders } from '../../../src/data/augment/table.ts';
import { printed } from '../../models/support.ts';
import { plain, png, writeFiles } from '../imageFiles.ts';
import { temporaryFolder } from '../support.ts';

/** The value of each picture is in its name. */
const contents = { cats: [1, 2, 3, 4, 5], 'dogs/old': [11], dogs: [12, 13], empty: [] };

let root: string;
beforeAll(async () => {
  await w.init({ backend: 'cpu', seed: 1 });
  root = await mkdtemp(join(tmpdir(), 'wgslgrad-data-'));
  const files: Record<string, Uint8Array> = { 'empty/notes.txt': Uint8Array.of(1) };
  for (const [folder, values] of Object.entries(contents))
    for (const value of values) files[`${folder}/${String(value).padStart(2, '0')}.png`] = await plain(value, 3, 2);
  await writeFiles(root, files);
});
afterAll(async () => {
  await rm(root, { recursive: true });
  await w.close();
});

const generator = (options: w.ImageDataGeneratorOptions = {}) => new w.ImageDataGenerator(options);
const size = { targetSize: [2, 3] as const };

/** A flow, and what is printed for it. */
async function open<T>(make: () => Promise<T>): Promise<{ flow: T; said: string }> {
  let flow: T | null = null;
  const said = await printed(async () => {
    flow = await make();
  });
  return { flow: flow!, said };
}

/** The values of all pictures of an epoch with their targets. */
async function epochOf(flow: w.Flow) {
  const found: (readonly [value: number, target: unknown])[] = [];
  for (let i = 0; i < flow.length; i++) {
    const batch = await flow.get(i);
    const [x, y] = batch instanceof w.Tensor ? [batch, null] : batch;
    const values = await x.data();
    const targets = y ? ((await y.array()) as unknown[]) : [];
    const each = x.size / x.shape[0]!;
    for (let n = 0; n < x.shape[0]!; n++) found.push([values[n * each]!, targets[n]]);
  }
  return found;
}

const ofDirectory = (options: object = {}, more: w.ImageDataGeneratorOptions = {}) =>
  open(() => generator(more).flowFromDirectory(root, { ...size, shuffle: false, ...options }));

describe('flowFromDirectory', () => {
  test('finds classes and files in their order, and says so', async () => {
    const { flow, said } = await ofDirectory();
    expect(said).toBe('Found 8 images belonging to 3 classes.\n');
    expect(flow.classIndices).toEqual({ cats: 0, dogs: 1, empty: 2 });
    expect([flow.samples, flow.n, flow.numClasses, flow.length]).toEqual([8, 8, 3, 1]);
    const names = [
      'cats/01.png',
      'cats/02.png',
      'cats/03.png',
      'cats/04.png',
      'cats/05.png',
      'dogs/12.png',
      'dogs/13.png',
      'dogs/old/11.png',
    ];
    expect(flow.filenames).toEqual(names);
    expect(flow.filepaths).toEqual(names.map((name) => join(root, name)));
    expect(Array.from(flow.classes)).toEqual([0, 0, 0, 0, 0, 1, 1, 1]);
    expect(flow.labels).toBe(flow.classes);
    const [x, y] = (await flow.next()).value;
    expect([x.shape, x.dtype, y.shape]).toEqual([[8, 2, 3, 3], 'float32', [8, 3]]);
  });

  test.each<[string | null, unknown[]]>([
    [
      'categorical',
      [
        [1, 0],
        [1, 0],
        [0, 1],
        [0, 1],
        [0, 1],
      ],
    ],
    ['binary', [0, 0, 1, 1, 1]],
    ['sparse', [0, 0, 1, 1, 1]],
    [null, Array.from({ length: 5 }, () => undefined)],
  ])('classMode %s', async (classMode, expected) => {
    const { flow } = await ofDirectory({ classMode, classes: ['cats', 'dogs'], batchSize: 2 });
    const found = await epochOf(flow);
    expect(found.map(([value]) => value)).toEqual([1, 2, 3, 4, 5, 12, 13, 11]);
    expect(found.slice(3).map(([, target]) => target)).toEqual(expected);
  });

  test('classMode input: the prepared pictures are the targets', async () => {
    const { flow } = await ofDirectory({ classMode: 'input' }, { rescale: 0.5 });
    const [x, y] = (await flow.next()).value;
    expect(await y.data()).toEqual(await x.data());
    expect((await x.data())[0]).toBe(0.5);
  });

  test('the classes that are named, in that order', async () => {
    const { flow, said } = await ofDirectory({ classes: ['dogs', 'cats'], classMode: 'sparse' });
    expect(said).toBe('Found 8 images belonging to 2 classes.\n');
    expect((await epochOf(flow)).slice(0, 4)).toEqual([
      [12, 0],
      [13, 0],
      [11, 0],
      [1, 1],
    ]);
  });

  test('subsets are cut class by class, validation from the beginning', async () => {
    const part = async (subset: string) =>
      (await ofDirectory({ subset, classMode: null }, { validationSplit: 0.4 })).flow;
    expect((await epochOf(await part('validation'))).map(([value]) => value)).toEqual([1, 2, 12]);
    expect((await epochOf(await part('training'))).map(([value]) => value)).toEqual([3, 4, 5, 13, 11]);
  });

  test('shuffles by seed, transforms and standardizes, and brings to one size', async () => {
    const seeded = (seed: number) => ofDirectory({ shuffle: true, seed, classMode: null });
    const order = async (seed: number) => (await epochOf((await seeded(seed)).flow)).map(([value]) => value);
    const first = await order(3);
    expect(first).toEqual(await order(3));
    expect(first).not.toEqual(await order(4));
    expect(first.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 11, 12, 13]);
    const { flow } = await ofDirectory(
      { targetSize: 5, colorMode: 'grayscale', interpolation: 'bilinear', keepAspectRatio: true, batchSize: 3 },
      { rescale: 1 / 2, brightnessRange: [2, 2] },
    );
    const [x] = (await flow.next()).value;
    expect(x.shape).toEqual([3, 5, 5, 1]);
    expect((await x.data())[0]).toBe(1);
  });

  test('a model trains on it', async () => {
    const { flow } = await ofDirectory({ shuffle: true, batchSize: 3 }, { rescale: 1 / 255, horizontalFlip: true });
    const model = new w.Sequential([w.Flatten({ inputShape: [2, 3, 3] }), w.Dense(3, { activation: 'softmax' })]);
    model.compile({ loss: 'categorical_crossentropy' });
    const { history, params } = await model.fit(flow, { epochs: 2, verbose: 0 });
    expect(history.loss).toHaveLength(2);
    expect(params.steps).toBe(3);
  });

  test('a broken file is named', async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { 'a/1.png': (await png(2, 2)).slice(0, 40) });
    const { flow } = await open(() => generator().flowFromDirectory(folder));
    await expect(flow.next()).rejects.toThrow(join(folder, 'a', '1.png'));
  });
});

describe('flowFromDataframe', () => {
  const table = [
    { filename: 'cats/01.png', class: 'cat', weight: 2, age: 7, size: 1 },
    { filename: 'dogs/12.png', class: 'dog', weight: 1, age: 3, size: 5 },
    { filename: 'cats/02.png', class: 'cat', weight: 0.5, age: 1, size: 4 },
    { filename: 'cats/99.png', class: 'cat', weight: 9, age: 9, size: 9 },
    { filename: 'empty/notes.txt', class: 'note', weight: 9, age: 9, size: 9 },
  ];
  const ofTable = async (
    options: object = {},
    rows: readonly w.TableRow[] = table,
    more: w.ImageDataGeneratorOptions = {},
  ) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const made = await open(() =>
      generator(more).flowFromDataframe(rows, { directory: root, ...size, shuffle: false, ...options }),
    );
    const warned = warn.mock.calls.map(([text]) => text);
    warn.mockRestore();
    return { ...made, warned };
  };

  test('rows whose file is there', async () => {
    const { flow, said, warned } = await ofTable({ classMode: 'sparse' });
    expect(warned).toEqual(['flowFromDataframe: 2 rows are left out: column filename names no picture that is there']);
    expect(said).toBe('Found 3 validated image filenames belonging to 3 classes.\n');
    expect(flow.classIndices).toEqual({ cat: 0, dog: 1, note: 2 });
    expect(flow.filenames).toEqual(['cats/01.png', 'dogs/12.png', 'cats/02.png']);
    expect(await epochOf(flow)).toEqual([
      [1, 0],
      [12, 1],
      [2, 0],
    ]);
  });

  test('other columns, weights, chosen classes, several classes a row', async () => {
    const rows = table
      .slice(0, 3)
      .map(({ filename, class: kind, weight }) => ({ path: join(root, filename), kind: [kind, 'pet'], weight }));
    const { flow } = await ofTable(
      { directory: null, xCol: 'path', yCol: 'kind', weightCol: 'weight', classes: ['pet', 'dog'] },
      rows,
    );
    const [, y, weights] = (await flow.next()).value as unknown as [w.Tensor, w.Tensor, w.Tensor];
    expect(await y.array()).toEqual([
      [1, 0],
      [1, 1],
      [1, 0],
    ]);
    expect(await weights.array()).toEqual([2, 1, 0.5]);
  });

  test('numbers as targets, and none', async () => {
    const raw = (yCol: string | string[]) => ofTable({ classMode: 'raw', yCol }).then(({ flow }) => epochOf(flow));
    expect((await raw('age')).map(([, y]) => y)).toEqual([7, 3, 1]);
    expect((await raw(['age', 'size'])).map(([, y]) => y)).toEqual([
      [7, 1],
      [3, 5],
      [1, 4],
    ]);
    const { said, flow } = await ofTable({ classMode: null });
    expect(said).toBe('Found 3 validated image filenames.\n');
    expect((await flow.next()).value).toBeInstanceOf(w.Tensor);
  });

  test('subsets of all rows; files that are not looked for', async () => {
    const { flow } = await ofTable({ subset: 'validation', classMode: null }, table, { validationSplit: 0.4 });
    expect((await epochOf(flow)).map(([value]) => value)).toEqual([1]);
    const unseen = await ofTable({ validateFilenames: false });
    expect(unseen.said).toBe('Found 5 non-validated image filenames belonging to 3 classes.\n');
    await expect(unseen.flow.next()).rejects.toThrow('99.png: there is no such file');
  });
});

describe('what is refused', () => {
  const truths: unknown[] = [1, 'yes', null];
  const ofFiles = {
    batchSize: [0, 1.5, 'x', null],
    shuffle: truths,
    seed: [-1, 0.5, 'x'],
    saveToDir: [1, {}],
    savePrefix: [1, null],
    saveFormat: ['bmp', 1],
    subset: ['test', 1],
    targetSize: [0, [1], [1, 2, 3], 'x', null],
    colorMode: ['cmyk', 1],
    interpolation: ['area', 1],
    keepAspectRatio: truths,
  };
  const namesOnly: unknown[] = [5, '', [1], {}];
  const directoryTable: Readonly<Record<keyof typeof directoryReaders, readonly unknown[]>> = {
    ...ofFiles,
    classes: [5, 'cats', [1], [''], {}],
    classMode: ['raw', 'int', 5],
    followLinks: truths,
  };
  const frameTable: Readonly<Record<keyof typeof tableReaders, readonly unknown[]>> = {
    ...ofFiles,
    directory: namesOnly,
    xCol: [...namesOnly, null],
    yCol: [5, '', [1], {}, null],
    weightCol: namesOnly,
    classes: [5, 'cats', [1], {}],
    classMode: ['int', 5],
    validateFilenames: truths,
  };
  const rows = (table: Readonly<Record<string, readonly unknown[]>>) =>
    Object.entries(table).flatMap(([name, values]) => values.map((value) => [name, value] as const));

  test.each(rows(directoryTable))('flowFromDirectory: %s is not %j', async (name, value) => {
    const error = await generator({ validationSplit: 0.5 })
      .flowFromDirectory(root, { [name]: value })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(w.ValueError);
    expect(String(error)).toMatch(new RegExp(`flowFromDirectory: .*${name}`));
  });

  test.each(rows(frameTable))('flowFromDataframe: %s is not %j', async (name, value) => {
    const error = await generator({ validationSplit: 0.5 })
      .flowFromDataframe([{ filename: 'a.png', class: 'b' }], { [name]: value })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(w.ValueError);
    expect(String(error)).toMatch(new RegExp(`flowFromDataframe: .*${name}`));
  });

  // biome-ignore format: a table
  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['an unknown option', () => generator().flowFromDirectory(root, { target_size: 3 } as never), /^flowFromDirectory: unknown option target_size/],
    ['a directory that is not there', () => generator().flowFromDirectory(join(root, 'none')), /there is no folder/],
    ['no directory at all', () => generator().flowFromDirectory(5 as never), /directory must be a path/],
    ['a class that is not there', () => generator().flowFromDirectory(root, { classes: ['birds'] }), /has no folder birds/],
    ['a directory without pictures', () => generator().flowFromDirectory(root, { classes: ['empty'] }), /there are no images/],
    ['a subset without a split', () => generator().flowFromDirectory(root, { subset: 'training' }), /needs validationSplit/],
    ['channels first', () => generator({ dataFormat: 'channels_first' }).flowFromDirectory(root), /files have channels last/],
    ['an unknown option', () => generator().flowFromDataframe([], { x_col: 'a' } as never), /^flowFromDataframe: unknown option x_col/],
    ['no table', () => generator().flowFromDataframe(5 as never), /the table must be a list of rows/],
    ['rows that are none', () => generator().flowFromDataframe([5] as never), /the table must be a list of rows/],
    ['a missing column', () => generator().flowFromDataframe([{ file: 'a.png' }]), /row 0 has no column filename; it has file/],
    ['a file name that is none', () => generator().flowFromDataframe([{ filename: 5, class: 'a' }]), /row 0 has number 5 in column filename/],
    ['a class that is no name', () => generator().flowFromDataframe([{ filename: 'a.png', class: 5 }]), /row 0 has number 5 as its class/],
    ['a weight that is no number', () => generator().flowFromDataframe([{ filename: 'a.png', class: 'a', weight: 'x' }], { weightCol: 'weight', validateFilenames: false }), /column weight of row 0 must be a finite number/],
    ['several columns of classes', () => generator().flowFromDataframe([], { yCol: ['a', 'b'] }), /several columns of yCol go with classMode 'raw'/],
    ['no rows', () => generator().flowFromDataframe([]), /there are no images/],
  ])('%s: %#', async (_, call, says) => {
    let error: unknown = null;
    await printed(async () => {
      error = await call().catch((reason: unknown) => reason);
    });
    expect(error).toBeInstanceOf(w.WgslgradError);
    expect((error as Error).message).toMatch(says);
  });
});
