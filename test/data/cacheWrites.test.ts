import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { loadImageDataset } from '../../src/data/imageDataset.ts';
import { loadMnistPackage } from '../../src/data/mnistPackage.ts';
import { ResourceError } from '../../src/errors.ts';
import { filesBelow, partServer, serve, temporaryFolder, testHost, tinyParts, tinySet } from './support.ts';

// A disk that is full after `room` bytes: the system writes what fits and then says ENOSPC.
const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  return {
    ...real,
    async writeFile(path: string, bytes: Uint8Array) {
      await real.writeFile(path, bytes.subarray(0, disk.room));
      if (bytes.length > disk.room) {
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      }
    },
  };
});
afterEach(() => {
  disk.room = Number.POSITIVE_INFINITY;
});

const parts = tinyParts();

test('a full disk is a ResourceError that names file, size and the way out, and leaves no partial file', async () => {
  const root = await temporaryFolder();
  const set = tinySet(parts, await serve(partServer(parts)));
  disk.room = 10;
  const attempt = loadImageDataset(set, {}, testHost(root));
  await expect(attempt).rejects.toThrow(ResourceError);
  await expect(attempt).rejects.toThrow(
    `no space left on the disk for ${join(root, 'tiny', 't10k-labels-idx1-ubyte.gz')} (${parts.testLabels.length} bytes)`,
  );
  await expect(attempt).rejects.toThrow(/Set WGSLGRAD_CACHE to a folder/);
  expect(await filesBelow(root)).toEqual([]);
});

test('a disk that fills up while the digits are packed leaves whole files only', async () => {
  const root = await temporaryFolder();
  disk.room = 100_000; // room for each file of labels, for no file of images
  await expect(loadMnistPackage(testHost(root))).rejects.toThrow(/no space left on the disk.*WGSLGRAD_CACHE/);
  expect((await filesBelow(root)).toSorted()).toEqual(['t10k-labels-idx1-ubyte', 'train-labels-idx1-ubyte']);
});

test('a full disk is not taken for a missing network', async () => {
  const root = await temporaryFolder();
  let offlineAsked = false;
  const offline = async () => {
    offlineAsked = true;
    return null;
  };
  const set = tinySet(parts, await serve(partServer(parts)), { offline });
  disk.room = 10;
  await expect(loadImageDataset(set, {}, testHost(root))).rejects.toThrow(ResourceError);
  expect(offlineAsked).toBe(false);
});

test('a cache that cannot be written is noticed after the smallest file', async () => {
  const root = await temporaryFolder();
  const blocker = join(root, 'a-file');
  await writeFile(blocker, Uint8Array.of(1));
  const asked: string[] = [];
  const set = tinySet(parts, await serve(partServer(parts, asked)));
  const attempt = loadImageDataset(set, {}, testHost(join(blocker, 'cache')));
  await expect(attempt).rejects.toThrow(ResourceError);
  await expect(attempt).rejects.toThrow(/cannot write .*a-file.*ENOTDIR.*Set WGSLGRAD_CACHE/);
  expect(asked).toEqual(['t10k-labels-idx1-ubyte.gz']);
  expect(await filesBelow(root)).toEqual(['a-file']);
});

test('an atomic write that fails leaves the old file as it was', async () => {
  const root = await temporaryFolder();
  const { files } = testHost(root);
  const path = join(root, 'digits');
  await files.writeAtomic(path, Uint8Array.of(1, 2, 3));
  disk.room = 1;
  await expect(files.writeAtomic(path, Uint8Array.of(4, 5, 6))).rejects.toThrow(ResourceError);
  expect(new Uint8Array(await readFile(path))).toEqual(Uint8Array.of(1, 2, 3));
  expect(await filesBelow(root)).toEqual(['digits']);
});
