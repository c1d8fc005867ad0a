import { describe, expect, test } from 'vitest';
import { loadImageDataset } from '../../src/data/imageDataset.ts';
import type { ImageDataset, LabelledImages } from '../../src/data/setFiles.ts';
import { FormatError, ResourceError } from '../../src/errors.ts';
import { deadAddress, partServer, serve, temporaryFolder, testHost, tinyParts, tinySet } from './support.ts';

const parts = tinyParts();

function blank(count: number): LabelledImages {
  return {
    images: { shape: [count, 28, 28], data: new Uint8Array(count * 784) },
    labels: { shape: [count], data: new Uint8Array(count) },
  };
}
const edition: ImageDataset = { train: blank(3), test: blank(2), source: 'elsewhere' };
const offline = async () => edition;

describe('the offline edition', () => {
  test.each([
    { what: 'the connection is refused', address: deadAddress },
    { what: 'the server answers 403', address: () => serve((_, response) => response.writeHead(403).end()) },
    { what: 'the server never answers', address: () => serve(() => {}) },
  ])('is used when $what', async ({ address }) => {
    const set = tinySet(parts, await address(), { offline });
    expect(await loadImageDataset(set, { firstByteMs: 200 }, testHost(await temporaryFolder()))).toBe(edition);
  });

  test('is not used when the download is damaged', async () => {
    const served = { ...parts, testLabels: parts.testLabels.slice(1) };
    const set = tinySet(parts, await serve(partServer(served)), { offline });
    await expect(loadImageDataset(set, {}, testHost(await temporaryFolder()))).rejects.toThrow(FormatError);
  });

  test('is not used when the user named another address', async () => {
    const set = tinySet(parts, await deadAddress(), { offline });
    const options = { baseUrl: await deadAddress() };
    await expect(loadImageDataset(set, options, testHost(await temporaryFolder()))).rejects.toThrow(ResourceError);
  });
});
