import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cifarSource, loadCifar10Bytes } from '../../src/data/cifarBytes.ts';
import type { CifarLayout } from '../../src/data/cifarFiles.ts';
import { loadImageDataset } from '../../src/data/imageDataset.ts';
import { FormatError, ResourceError, ValueError } from '../../src/errors.ts';
import { close, datasets, init } from '../../src/index.ts';
import { platform as browser } from '../../src/platform/browser.ts';
import { damaged, joined, tarOf } from './archives.ts';
import { deadAddress, expectationOf, filesBelow, gzipped, serve, temporaryFolder, testHost } from './support.ts';

const layout: CifarLayout = {
  folder: 'cifar-10-batches-bin',
  train: ['data_batch_1.bin', 'data_batch_2.bin'],
  test: ['test_batch.bin'],
  records: [2, 3],
  classes: [10],
  label: 0,
};
const two: CifarLayout = { ...layout, classes: [20, 100] };

/** A record whose pixel i has red i, green i + 1 and blue i + 2 (mod 256). */
function record(...labels: number[]): Uint8Array<ArrayBuffer> {
  const pixels = Uint8Array.from({ length: 3072 }, (_, i) => (i % 1024) + Math.floor(i / 1024));
  return joined([Uint8Array.from(labels), pixels]);
}

const files = {
  'data_batch_1.bin': joined([record(3), record(1)]),
  'data_batch_2.bin': joined([record(4), record(9)]),
  'test_batch.bin': joined([record(0), record(5), record(2)]),
};
const inFolder = (members: Readonly<Record<string, Uint8Array>>) =>
  Object.fromEntries(Object.entries(members).map(([name, data]) => [`cifar-10-batches-bin/${name}`, data]));
const tar = tarOf({ 'cifar-10-batches-bin/readme.html': Uint8Array.of(1), ...inFolder(files) });
const archive = gzipped(tar);
const ARCHIVE = 'cifar-10-binary.tar';

const tiny = (baseUrl: string, its = layout) => ({
  ...cifarSource('CIFAR', 'cifar10', its, ARCHIVE, expectationOf(archive)),
  baseUrl,
});
const nowhere = 'http://127.0.0.1:1/';

describe('a set of CIFAR', () => {
  test('has images whose pixels are red, green, blue, and labels [n, 1]', async () => {
    const { train, test: held, source } = await loadImageDataset(tiny(nowhere), { bytes: archive }, browser);
    expect(source).toBe('bytes');
    expect(train.images.shape).toEqual([4, 32, 32, 3]);
    expect(train.labels).toEqual({ shape: [4, 1], data: Uint8Array.of(3, 1, 4, 9) });
    expect(held.images.shape).toEqual([3, 32, 32, 3]);
    expect(held.labels).toEqual({ shape: [3, 1], data: Uint8Array.of(0, 5, 2) });
    for (const n of [0, 3]) {
      expect([...train.images.data.subarray(n * 3072, n * 3072 + 6)]).toEqual([0, 1, 2, 1, 2, 3]);
      expect([...train.images.data.subarray(n * 3072 + 3069, (n + 1) * 3072)]).toEqual([255, 0, 1]);
    }
  });

  test.each([
    { what: 'coarse', label: 0, expected: [7, 8] },
    { what: 'fine', label: 1, expected: [77, 88] },
  ])('with two labels gives the $what one', async ({ label, expected }) => {
    const its = { ...two, train: ['train.bin'], label };
    const bytes = {
      'train.bin': joined([record(7, 77), record(8, 88)]),
      'test_batch.bin': joined([record(1, 2), record(1, 2), record(1, 2)]),
    };
    const { train } = await loadImageDataset(tiny(nowhere, its), { bytes }, browser);
    expect([...train.labels.data]).toEqual(expected);
    expect([...train.images.data.subarray(3072, 3078)]).toEqual([0, 1, 2, 1, 2, 3]);
  });

  test.each([
    { what: 'the archive', written: { 'cifar-10-binary.tar.gz': archive } },
    { what: 'the archive without gzip', written: { 'cifar-10-binary.tar': tar } },
    { what: 'the files', written: files },
    { what: 'their folder', written: inFolder(files) },
  ])('is read from a folder with $what', async ({ written }) => {
    const folder = await temporaryFolder();
    const host = testHost(join(folder, 'cache'));
    for (const [name, data] of Object.entries(written)) await host.files.writeAtomic(join(folder, name), data);
    const found = await loadImageDataset(tiny(nowhere), { folder }, host);
    expect(found.source).toBe(folder);
    expect([...found.train.labels.data]).toEqual([3, 1, 4, 9]);
  });

  test('is read from the path of the archive', async () => {
    const path = join(await temporaryFolder(), 'renamed');
    await writeFile(path, archive);
    const found = await loadImageDataset(tiny(nowhere), { path }, testHost(await temporaryFolder()));
    expect([found.source, ...found.test.labels.data]).toEqual([path, 0, 5, 2]);
  });

  test('is downloaded once', async () => {
    let asked = 0;
    const address = await serve((request, response) => {
      asked++;
      response.writeHead(request.url === '/cifar-10-binary.tar.gz' ? 200 : 404).end(archive);
    });
    const host = testHost(await temporaryFolder());
    for (const _ of [1, 2]) await loadImageDataset(tiny(address), {}, host);
    expect(asked).toBe(1);
    expect(await filesBelow(host.files.cacheFolder())).toEqual(['cifar-10-binary.tar.gz']);
  });

  test('has no offline edition: the error says where to put it', async () => {
    const attempt = loadImageDataset(tiny(await deadAddress()), {}, testHost(await temporaryFolder()));
    await expect(attempt).rejects.toThrow(ResourceError);
    await expect(attempt).rejects.toThrow(/Offline, put cifar-10-binary\.tar\.gz into .*cifar10/);
  });

  const changed = (changes: Readonly<Record<string, Uint8Array>>) => tarOf(inFolder({ ...files, ...changes }));
  test.each([
    {
      what: 'a missing member',
      bytes: tarOf(inFolder({ 'test_batch.bin': files['test_batch.bin'] })),
      says: 'lacks cifar-10-batches-bin/data_batch_1.bin',
    },
    {
      what: 'a record too many',
      bytes: changed({ 'test_batch.bin': joined([files['test_batch.bin'], record(1)]) }),
      says: 'cifar-10-binary.tar.gz: test_batch.bin: expected 3 records of 3073 bytes, 9219 in all, got 12292',
    },
    {
      what: 'half a record',
      bytes: changed({ 'data_batch_2.bin': files['data_batch_2.bin'].subarray(9) }),
      says: 'expected 2 records of 3073 bytes, 6146 in all, got 6137',
    },
    {
      what: 'a label outside',
      bytes: changed({ 'data_batch_1.bin': joined([record(3), record(10)]) }),
      says: 'data_batch_1.bin: at byte 3073 (unpacked): expected a label from 0 to 9, got 10',
    },
    { what: 'damaged gzip', bytes: archive.subarray(0, archive.length / 2), says: 'is damaged or truncated' },
    {
      what: 'gzip of something enormous',
      bytes: gzipped(new Uint8Array(100_000)),
      says: 'unpack to more than the 43022 bytes',
    },
    { what: 'no archive', bytes: new TextEncoder().encode('<!DOCTYPE html>'), says: 'at byte 0: the tar file ends' },
  ])('refuses $what', async ({ bytes, says }) => {
    const attempt = loadImageDataset(tiny(nowhere), { bytes: new Uint8Array(bytes) }, browser);
    await expect(attempt).rejects.toThrow(FormatError);
    await expect(attempt).rejects.toThrow(says);
  });

  test.each([
    { what: 'with gzip', whole: archive },
    { what: 'without gzip', whole: tar },
  ])('damaged $what is read or refused with a FormatError', async ({ whole }) => {
    let refused = 0;
    for (let i = 0; i < 200; i++) {
      const attempt = loadImageDataset(tiny(nowhere), { bytes: damaged(whole, i) }, browser);
      const outcome = await attempt.catch((error: unknown) => error);
      if (outcome instanceof Error) {
        expect(outcome).toBeInstanceOf(FormatError);
        refused++;
      } else expect(outcome).toMatchObject({ train: { labels: { shape: [4, 1] } } });
    }
    expect(refused).toBeGreaterThan(40);
  });
});

describe('the public data sets', () => {
  beforeAll(() => init({ backend: 'cpu' }));
  afterAll(() => close());

  test('cifar10 is 50,000 and 10,000 images, uint8', async () => {
    const batch = Buffer.alloc(10_000 * 3073);
    for (let n = 0; n < 10_000; n++) batch[n * 3073] = n % 10;
    const bytes = Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`data_batch_${i}.bin`, batch]));
    const [[x, y], [xTest, yTest]] = await datasets.cifar10.loadData({ bytes: { ...bytes, 'test_batch.bin': batch } });
    expect([x, y, xTest, yTest].map(({ shape, dtype }) => [dtype, ...shape])).toEqual([
      ['uint8', 50_000, 32, 32, 3],
      ['uint8', 50_000, 1],
      ['uint8', 10_000, 32, 32, 3],
      ['uint8', 10_000, 1],
    ]);
    expect([...y.dataSync().slice(-3)]).toEqual([7, 8, 9]);
    for (const tensor of [x, y, xTest, yTest]) tensor.dispose();
  });

  test('their classes have names', () => {
    expect(datasets.cifar10.classNames).toHaveLength(10);
    expect(datasets.cifar10.classNames[9]).toBe('truck');
    expect(new Set(datasets.cifar100.classNames).size).toBe(100);
    expect(datasets.cifar100.classNames.toSorted()).toEqual(datasets.cifar100.classNames);
    expect(new Set(datasets.cifar100.coarseClassNames).size).toBe(20);
    expect(datasets.fashionMnist.classNames[9]).toBe('Ankle boot');
  });

  const sets = [datasets.mnist, datasets.fashionMnist, datasets.cifar10, datasets.cifar100];
  const bad: readonly [what: string, options: object, says: RegExp][] = [
    ['an unknown option', { foldr: '/x' }, /unknown option foldr; there are .*folder, path, bytes, baseUrl/],
    ['a folder that is no string', { folder: 3 }, /option folder must be a string, got number 3/],
    ['an empty path', { path: '' }, /option path must be a string, got string ""/],
    ['an address that is no string', { baseUrl: null }, /option baseUrl must be a string, got null/],
    ['bytes that are none', { bytes: 'abc' }, /option bytes must be a Uint8Array or ArrayBuffer, got string "abc"/],
    [
      'floats for bytes',
      { bytes: new Float32Array(3) },
      /option bytes must be a Uint8Array or ArrayBuffer, got object/,
    ],
    [
      'a file of another name',
      { bytes: { 'x.gz': new Uint8Array() } },
      /option bytes: no file of the set is called x\.gz/,
    ],
    ['no file', { bytes: {} }, /option bytes lacks /],
    ['a signal that is none', { signal: 1 }, /option signal must be an AbortSignal, got number 1/],
    ['a wait of no time', { firstByteMs: 0 }, /option firstByteMs must be a whole number of at least 1, got 0/],
    ['a wait that is text', { firstByteMs: 'x' }, /option firstByteMs must be a whole number/],
    ['two places', { folder: '/a', baseUrl: 'http://b' }, /options folder and baseUrl exclude each other/],
  ];
  test.each(bad)('every set refuses %s', async (_, options, says) => {
    for (const set of sets) {
      const attempt = set.loadData(options);
      await expect(attempt).rejects.toThrow(ValueError);
      await expect(attempt).rejects.toThrow(says);
    }
  });

  test('every set refuses options that are no object', async () => {
    for (const set of sets)
      await expect(set.loadData(null as never)).rejects.toThrow(/options must be an object, got null/);
  });

  test.each([3, 'rough', null])('cifar100 refuses labelMode %s', async (labelMode) => {
    const attempt = datasets.cifar100.loadData({ labelMode: labelMode as never });
    await expect(attempt).rejects.toThrow(ValueError);
    await expect(attempt).rejects.toThrow(/labelMode must be 'fine' or 'coarse', got/);
  });

  test('a file that is not there, and one that comes in several', async () => {
    await expect(datasets.cifar10.loadData({ path: '/none/x' })).rejects.toThrow('CIFAR-10: there is no file /none/x');
    const several = datasets.fashionMnist.loadData({ path: '/none/x' });
    await expect(several).rejects.toThrow(/comes in several files, not in one as option path has it: .*t10k/);
    const oneOfThem = datasets.fashionMnist.loadData({ bytes: new Uint8Array(3) });
    await expect(oneOfThem).rejects.toThrow(/comes in several files, not in one as option bytes has it/);
  });

  test('a browser has no folders and paths', async () => {
    await expect(loadCifar10Bytes({ path: '/x' }, browser)).rejects.toThrow(/option path needs a file system.*bytes/);
    await expect(loadCifar10Bytes({ folder: '/x' }, browser)).rejects.toThrow(/option folder needs a file system/);
  });
});
