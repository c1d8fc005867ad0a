import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FASHION_MNIST, loadFashionMnistBytes } from '../../src/data/fashionMnistBytes.ts';
import { PARTS, type Part } from '../../src/data/idxFolder.ts';
import { loadImageDataset } from '../../src/data/imageDataset.ts';
import { MNIST } from '../../src/data/mnistBytes.ts';
import type { ImageDataset } from '../../src/data/setFiles.ts';
import { filesBelow, partServer, serve, temporaryFolder, testHost } from './support.ts';

const DEBIAN = '/usr/share/datasets/fashion-mnist';
const absent = !existsSync(DEBIAN);
const REASON = `${DEBIAN} is not there (Debian package dataset-fashion-mnist)`;

function expectFashion({ train, test: held }: ImageDataset) {
  expect(train.images.shape).toEqual([60_000, 28, 28]);
  expect(train.labels.shape).toEqual([60_000]);
  expect(held.images.shape).toEqual([10_000, 28, 28]);
  expect(held.labels.shape).toEqual([10_000]);
  // The first labels as the authors' description of the set shows them: ankle boot, T-shirt, T-shirt, dress, ...
  expect([...train.labels.data.subarray(0, 10)]).toEqual([9, 0, 0, 3, 0, 2, 7, 2, 5, 5]);
  expect([...held.labels.data.subarray(0, 10)]).toEqual([9, 2, 1, 1, 6, 1, 4, 6, 5, 7]);
  for (let label = 0; label < 10; label++) {
    expect(train.labels.data.filter((value) => value === label)).toHaveLength(6_000);
    expect(held.labels.data.filter((value) => value === label)).toHaveLength(1_000);
  }
}

describe('the real Fashion-MNIST', () => {
  test('is read from the folder of the Debian package', async ({ skip }) => {
    skip(absent, REASON);
    const host = testHost(await temporaryFolder());
    const fashion = await loadFashionMnistBytes({}, host);
    expect(fashion.source).toBe(DEBIAN);
    expect(host.written).toEqual([]);
    expectFashion(fashion);
    // Mean and standard deviation of the training pixels, 0.2860 and 0.3530, are published all over the field.
    const { data } = fashion.train.images;
    let [sum, squares] = [0, 0];
    for (const value of data) {
      sum += value;
      squares += value * value;
    }
    const mean = sum / data.length;
    expect(mean / 255).toBeCloseTo(0.286, 3);
    expect(Math.sqrt(squares / data.length - mean * mean) / 255).toBeCloseTo(0.353, 3);
  });

  test('downloads with the sizes and hashes in our table', async ({ skip }) => {
    skip(absent, REASON);
    // Debian packed the very same deflate data with a gzip header of its own. With the original header put back,
    // which holds the time (in August 2017) and the file's name, these are the official files to the byte.
    const official = async (part: Part, time: number) => {
      const header = Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]);
      header.writeUInt32LE(time, 4);
      const debian = await readFile(join(DEBIAN, `${PARTS[part]}.gz`));
      return Buffer.concat([header, Buffer.from(`${PARTS[part]}\0`), debian.subarray(10)]);
    };
    const served = {
      trainImages: await official('trainImages', 1_504_176_606),
      trainLabels: await official('trainLabels', 1_504_176_606),
      testImages: await official('testImages', 1_504_176_627),
      testLabels: await official('testLabels', 1_504_176_627),
    };
    const root = await temporaryFolder();
    const address = await serve(partServer(served));
    const set = { ...FASHION_MNIST, baseUrl: address, wellKnownFolder: join(root, 'none') };
    const fashion = await loadImageDataset(set, {}, testHost(root));
    expect(fashion.source).toBe(address);
    expectFashion(fashion);
    expect(await filesBelow(join(root, 'fashion_mnist'))).toHaveLength(4);
  });
});

test('Fashion-MNIST never falls back to digits', () => {
  expect(FASHION_MNIST.offline).toBeUndefined();
  expect(MNIST.offline).toBeDefined();
});
