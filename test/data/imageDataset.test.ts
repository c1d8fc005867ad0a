import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeIdx } from '../../src/data/idx.ts';
import { PARTS, type Part } from '../../src/data/idxFolder.ts';
import { loadImageDataset } from '../../src/data/imageDataset.ts';
import { MNIST } from '../../src/data/mnistBytes.ts';
import { FormatError, ResourceError, ValueError } from '../../src/errors.ts';
import { platform as browser } from '../../src/platform/browser.ts';
import { npyOf, zipOf } from './archives.ts';
import {
  deadAddress,
  expectationOf,
  filesBelow,
  gzipped,
  partServer,
  serve,
  temporaryFolder,
  testHost,
  tinyParts,
  tinySet,
  writeParts,
} from './support.ts';

const parts = tinyParts();
const nowhere = 'http://127.0.0.1:1/';
const officialNames = Object.values(PARTS).map((name) => `${name}.gz`);

function plainParts(): Record<Part, Uint8Array<ArrayBuffer>> {
  const images = (count: number) => encodeIdx({ shape: [count, 28, 28], data: new Uint8Array(count * 784) });
  const labels = (count: number) => encodeIdx({ shape: [count], data: new Uint8Array(count) });
  return { trainImages: images(3), trainLabels: labels(3), testImages: images(2), testLabels: labels(2) };
}

describe('where a set is found', () => {
  test('option folder: gzipped files', async () => {
    const folder = await temporaryFolder();
    const host = testHost(join(folder, 'cache'));
    await writeParts(host.files, join(folder, 'mine'), parts);
    const set = await loadImageDataset(tinySet(parts, nowhere), { folder: join(folder, 'mine') }, host);
    expect(set.source).toBe(join(folder, 'mine'));
    expect(set.train.images.shape).toEqual([6, 28, 28]);
    expect(set.train.images.data.slice(784, 788)).toEqual(Uint8Array.of(16, 17, 18, 19));
    expect(set.train.labels).toEqual({ shape: [6], data: Uint8Array.of(5, 0, 4, 1, 9, 2) });
    expect(set.test.images.shape).toEqual([4, 28, 28]);
    expect(set.test.labels).toEqual({ shape: [4], data: Uint8Array.of(7, 2, 1, 0) });
  });

  test('option folder: plain files', async () => {
    const folder = await temporaryFolder();
    const host = testHost(join(folder, 'cache'));
    await writeParts(host.files, folder, plainParts(), '');
    const set = await loadImageDataset(tinySet(parts, nowhere), { folder }, host);
    expect(set.train.images.shape).toEqual([3, 28, 28]);
    expect(set.test.labels.shape).toEqual([2]);
  });

  test('in this order: option folder, WGSLGRAD_DATA, cache, system folder, download', async () => {
    const root = await temporaryFolder();
    const address = await serve(partServer(parts));
    const place = {
      option: join(root, 'option'),
      data: join(root, 'data', 'tiny'),
      cache: join(root, 'cache', 'tiny'),
      system: join(root, 'system'),
    };
    const host = testHost(join(root, 'cache'), { env: { WGSLGRAD_DATA: join(root, 'data') } });
    for (const folder of Object.values(place)) await writeParts(host.files, folder, parts);

    const options = { folder: place.option };
    const set = tinySet(parts, address, { wellKnownFolder: place.system });
    expect((await loadImageDataset(set, options, host)).source).toBe(place.option);
    expect((await loadImageDataset(set, {}, host)).source).toBe(place.data);
    const noData = testHost(join(root, 'cache'));
    expect((await loadImageDataset(set, {}, noData)).source).toBe(place.cache);
    const noCache = testHost(join(root, 'other-cache'));
    expect((await loadImageDataset(set, {}, noCache)).source).toBe(place.system);
    expect((await loadImageDataset(tinySet(parts, address), {}, noCache)).source).toBe(address);
  });

  test('WGSLGRAD_DATA may hold other sets only: the search goes on', async () => {
    const root = await temporaryFolder();
    const address = await serve(partServer(parts));
    const host = testHost(join(root, 'cache'), { env: { WGSLGRAD_DATA: join(root, 'data') } });
    await writeParts(host.files, join(root, 'data', 'other'), parts);
    expect((await loadImageDataset(tinySet(parts, address), {}, host)).source).toBe(address);
  });

  test('a download is kept: the second time nothing is asked for', async () => {
    const root = await temporaryFolder();
    const asked: string[] = [];
    const set = tinySet(parts, await serve(partServer(parts, asked)));
    const host = testHost(root);
    const first = await loadImageDataset(set, {}, host);
    expect(asked.toSorted()).toEqual(officialNames.toSorted());
    expect((await filesBelow(root)).toSorted()).toEqual(officialNames.toSorted());
    const second = await loadImageDataset(set, {}, host);
    expect(asked).toHaveLength(4);
    expect(second).toEqual({ ...first, source: join(root, 'tiny') });
  });

  test('a download that stopped half-way goes on with the files that are missing', async () => {
    const root = await temporaryFolder();
    const asked: string[] = [];
    const set = tinySet(parts, await serve(partServer(parts, asked)));
    const host = testHost(root);
    const { trainLabels, testLabels } = parts;
    await writeParts(host.files, join(root, 'tiny'), { trainLabels, testLabels });
    await loadImageDataset(set, {}, host);
    expect(asked.toSorted()).toEqual([`${PARTS.testImages}.gz`, `${PARTS.trainImages}.gz`]);
  });

  test('a damaged file of the cache is fetched again, and only that', async () => {
    const root = await temporaryFolder();
    const asked: string[] = [];
    const set = tinySet(parts, await serve(partServer(parts, asked)));
    const host = testHost(root);
    await writeParts(host.files, join(root, 'tiny'), { ...parts, trainLabels: parts.trainLabels.slice(0, -3) });
    const loaded = await loadImageDataset(set, {}, host);
    expect(asked).toEqual([`${PARTS.trainLabels}.gz`]);
    expect(loaded.train.labels.data).toEqual(Uint8Array.of(5, 0, 4, 1, 9, 2));
    expect(host.written[0]).toMatch(/train-labels-idx1-ubyte\.gz.*damaged or truncated.*fetched again\n$/);
    await loadImageDataset(set, {}, host);
    expect(asked).toHaveLength(1);
  });

  test('option baseUrl replaces the official address, with or without a slash at its end', async () => {
    const address = await serve(partServer(parts));
    const set = tinySet(parts, nowhere);
    for (const baseUrl of [`${address}my/copy`, `${address}my/copy/`]) {
      const loaded = await loadImageDataset(set, { baseUrl }, testHost(await temporaryFolder()));
      expect(loaded.source).toBe(`${address}my/copy/`);
    }
  });

  test('a set that comes in one file is downloaded as that, and found in others too', async () => {
    const npz = zipOf({
      'x_train.npy': npyOf([6, 28, 28], new Uint8Array(6 * 784)),
      'y_train.npy': npyOf([6], Uint8Array.of(5, 0, 4, 1, 9, 2)),
      'x_test.npy': npyOf([1, 28, 28], new Uint8Array(784)),
      'y_test.npy': npyOf([1], Uint8Array.of(7)),
    });
    const [[file]] = MNIST.editions;
    const editions: typeof MNIST.editions = [[{ ...file!, remote: expectationOf(npz) }], ...MNIST.editions.slice(1)];
    const asked: (string | undefined)[] = [];
    const baseUrl = await serve((request, response) => {
      asked.push(request.url);
      response.end(npz);
    });
    const set = { ...MNIST, editions, baseUrl };
    const root = await temporaryFolder();
    const host = testHost(join(root, 'cache'));
    const labels = Uint8Array.of(5, 0, 4, 1, 9, 2);
    expect((await loadImageDataset(set, {}, host)).train.labels).toEqual({ shape: [6], data: labels });
    expect((await loadImageDataset(set, {}, host)).source).toBe(join(root, 'cache', 'mnist'));
    expect(asked).toEqual(['/mnist.npz']);

    // as Keras has kept it
    await host.files.writeAtomic(join(root, '.keras', 'datasets', 'mnist.npz'), npz);
    for (const env of [{ HOME: root }, { USERPROFILE: root }, { KERAS_HOME: join(root, '.keras'), HOME: '/none' }]) {
      const found = await loadImageDataset(set, {}, testHost(join(root, 'empty'), { env }));
      expect(found.source).toBe(join(root, '.keras', 'datasets'));
    }
    // the four files of its authors
    await writeParts(host.files, join(root, 'idx'), parts);
    expect((await loadImageDataset(set, { folder: join(root, 'idx') }, host)).test.labels.shape).toEqual([4]);
    // in memory
    for (const bytes of [npz, npz.buffer, { 'mnist.npz': Buffer.from(npz) }]) {
      expect((await loadImageDataset(set, { bytes }, browser)).train.labels.data).toEqual(labels);
    }
    const four = Object.fromEntries(Object.entries(PARTS).map(([part, name]) => [`${name}.gz`, parts[part as Part]]));
    expect((await loadImageDataset(set, { bytes: four }, browser)).test.labels.shape).toEqual([4]);
    expect(asked).toHaveLength(1);
  });

  test('a browser downloads into memory, every time', async () => {
    const asked: string[] = [];
    const set = tinySet(parts, await serve(partServer(parts, asked)), { wellKnownFolder: '/' });
    const host = { ...browser, terminal: { ...browser.terminal, write() {} } };
    const first = await loadImageDataset(set, {}, host);
    expect(await loadImageDataset(set, {}, host)).toEqual(first);
    expect(first.train.images.shape).toEqual([6, 28, 28]);
    expect(asked).toHaveLength(8);
  });
});

describe('what is refused', () => {
  test('option folder without the files, naming all of them', async () => {
    const folder = await temporaryFolder();
    const attempt = loadImageDataset(tinySet(parts, nowhere), { folder: join(folder, 'none') }, testHost(folder));
    await expect(attempt).rejects.toThrow(ResourceError);
    await expect(attempt).rejects.toThrow(/none lacks .*t10k-labels.*train-labels.*t10k-images.*train-images/);
  });

  test.each(['option', 'WGSLGRAD_DATA'])('half a set in the folder of %s, naming what is missing', async (how) => {
    const root = await temporaryFolder();
    const folder = join(root, 'tiny');
    const host = testHost(join(root, 'cache'), { env: how === 'option' ? {} : { WGSLGRAD_DATA: root } });
    const { trainImages, trainLabels } = parts;
    await writeParts(host.files, folder, { trainImages, trainLabels });
    const attempt = loadImageDataset(tinySet(parts, nowhere), how === 'option' ? { folder } : {}, host);
    await expect(attempt).rejects.toThrow(ResourceError);
    await expect(attempt).rejects.toThrow('lacks t10k-labels-idx1-ubyte.gz and t10k-images-idx3-ubyte.gz; expected');
  });

  test('option folder in a browser', async () => {
    const attempt = loadImageDataset(tinySet(parts, nowhere), { folder: '/data' }, browser);
    await expect(attempt).rejects.toThrow(ValueError);
    await expect(attempt).rejects.toThrow(/folder needs a file system/);
  });

  const images = (...shape: number[]) => encodeIdx({ shape, data: new Uint8Array(shape.reduce((a, b) => a * b, 1)) });
  const labels = (...values: number[]) => encodeIdx({ shape: [values.length], data: Uint8Array.from(values) });
  test.each<{ what: string; replaced: Partial<Record<Part, Uint8Array>>; says: RegExp }>([
    {
      what: 'a truncated gzip file',
      replaced: { trainImages: parts.trainImages.slice(0, 40) },
      says: /train-images-idx3-ubyte\.gz: the gzip data \(40 bytes\) is damaged or truncated/,
    },
    {
      what: 'gzip around something else',
      replaced: { testLabels: gzipped(new TextEncoder().encode('<!DOCTYPE html>')) },
      says: /t10k-labels-idx1-ubyte\.gz: at byte 0: not an IDX file/,
    },
    { what: 'an empty file', replaced: { trainLabels: new Uint8Array() }, says: /train-labels.*at byte 0/ },
    {
      what: 'a truncated IDX file',
      replaced: { testImages: images(4, 28, 28).slice(0, -1) },
      says: /t10k-images.*at byte 3151: expected 3136 bytes of data for shape \[4, 28, 28\], got 3135/,
    },
    {
      what: 'more images than the memory is for',
      replaced: { trainImages: gzipped(new Uint8Array(100_000_000)) },
      says: /train-images.*unpack to more than the 94080000 bytes allowed/,
    },
    {
      what: 'images of another size',
      replaced: { trainImages: images(6, 32, 32) },
      says: /train-images.*expected images of shape \[n, 28, 28\], got \[6, 32, 32\]/,
    },
    { what: 'images of rank 1', replaced: { testImages: labels(1, 2) }, says: /t10k-images.*\[n, 28, 28\], got \[2\]/ },
    {
      what: 'no images at all',
      replaced: { testImages: images(0, 28, 28), testLabels: labels() },
      says: /t10k-images.*expected at least one image, got shape \[0, 28, 28\]/,
    },
    {
      what: 'fewer labels than images',
      replaced: { trainLabels: labels(1, 2, 3) },
      says: /train-labels.*expected labels of shape \[6\], one for each image of .*train-images.*, got \[3\]/,
    },
    {
      what: 'labels of rank 3',
      replaced: { trainLabels: images(6, 1, 1) },
      says: /train-labels.*expected labels of shape \[6\].*got \[6, 1, 1\]/,
    },
    {
      what: 'a label above 9',
      replaced: { testLabels: labels(7, 2, 10, 0) },
      says: /t10k-labels.*at byte 10 \(unpacked\): expected a label from 0 to 9, got 10/,
    },
  ])('$what', async ({ replaced, says }) => {
    const folder = await temporaryFolder();
    const host = testHost(join(folder, 'cache'));
    await writeParts(host.files, folder, { ...parts, ...replaced });
    const attempt = loadImageDataset(tinySet(parts, nowhere), { folder }, host);
    await expect(attempt).rejects.toThrow(FormatError);
    await expect(attempt).rejects.toThrow(says);
  });

  test.each([
    { what: 'the wrong hash', served: { ...parts, testLabels: parts.testLabels.map((byte) => byte ^ 1) } },
    { what: 'the wrong size', served: { ...parts, testLabels: parts.testLabels.slice(1) } },
  ])('a download with $what, and nothing of it is kept', async ({ what, served }) => {
    const root = await temporaryFolder();
    const set = tinySet(parts, await serve(partServer(served)));
    const attempt = loadImageDataset(set, {}, testHost(root));
    await expect(attempt).rejects.toThrow(FormatError);
    await expect(attempt).rejects.toThrow(what);
    expect(await filesBelow(root)).toEqual([]);
  });

  test('an address that nobody answers: the error names address, file and the offline way out', async () => {
    const root = await temporaryFolder();
    const address = await deadAddress();
    const attempt = loadImageDataset(tinySet(parts, address), {}, testHost(root));
    await expect(attempt).rejects.toThrow(ResourceError);
    await expect(attempt).rejects.toThrow(`from ${address}t10k-labels-idx1-ubyte.gz`);
    await expect(attempt).rejects.toThrow(`into ${join(root, 'tiny')}`);
    await expect(attempt).rejects.toThrow(/WGSLGRAD_DATA/);
    for (const name of officialNames) await expect(attempt).rejects.toThrow(name);
    expect(await filesBelow(root)).toEqual([]);
  });

  test('an address that nobody answers, in a browser: the error asks for baseUrl', async () => {
    const attempt = loadImageDataset(tinySet(parts, await deadAddress()), {}, browser);
    await expect(attempt).rejects.toThrow(ResourceError);
    await expect(attempt).rejects.toThrow(/give it as option baseUrl/);
  });

  test('HTTP 404 for one file of the set', async () => {
    const root = await temporaryFolder();
    const address = await serve((request, response) => {
      if (request.url?.includes('train-images')) response.writeHead(404).end();
      else partServer(parts)(request, response);
    });
    const attempt = loadImageDataset(tinySet(parts, address), {}, testHost(root));
    await expect(attempt).rejects.toThrow(ResourceError);
    await expect(attempt).rejects.toThrow(/train-images-idx3-ubyte\.gz: HTTP 404/);
    expect(await filesBelow(root)).not.toContain('train-images-idx3-ubyte.gz');
  });

  test('an abort in the middle rejects with its reason, leaves whole files only, and the next run goes on', async () => {
    const root = await temporaryFolder();
    const stop = new AbortController();
    const reason = new Error('stop');
    const address = await serve((request, response) => {
      if (!request.url?.includes('train-images')) return partServer(parts)(request, response);
      response.write(parts.trainImages.subarray(0, 10), () => stop.abort(reason));
    });
    let offlineAsked = false;
    const offline = async () => {
      offlineAsked = true;
      return null;
    };
    const set = tinySet(parts, address, { offline });
    await expect(loadImageDataset(set, { signal: stop.signal }, testHost(root))).rejects.toBe(reason);
    expect(offlineAsked).toBe(false);
    const { trainImages, ...others } = PARTS;
    expect((await filesBelow(root)).toSorted()).toEqual(
      Object.values(others)
        .map((name) => `${name}.gz`)
        .toSorted(),
    );
    const again = tinySet(parts, await serve(partServer(parts)));
    expect((await loadImageDataset(again, {}, testHost(root))).train.images.shape).toEqual([6, 28, 28]);
  });
});
