// Weights from an address: kept once they are right, fetched again when what is kept is damaged, and in words where there is no network.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FormatError, ResourceError } from 'wgslgrad';
import { publishedBytes } from '../../src/applications/published.ts';
import { deadAddress, serve, temporaryFolder } from '../data/support.ts';

const content = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) & 255);
const md5 = createHash('md5').update(content).digest('hex');

let cache: string;
beforeEach(async () => {
  cache = await temporaryFolder();
  vi.stubEnv('WGSLGRAD_CACHE', cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** A server that counts how often it is asked. */
async function counting(body: Uint8Array = content, status = 200) {
  const asked: string[] = [];
  const address = await serve(({ url }, response) => {
    asked.push(String(url));
    response.writeHead(status).end(body);
  });
  return { asked, url: `${address}weights.h5` };
}

const advice = 'Give a path.';

test('a file is fetched once, and read from the cache then', async () => {
  const { asked, url } = await counting();
  expect(await publishedBytes('Net', { url, md5 }, advice)).toEqual(content);
  expect(await publishedBytes('Net', { url, md5 }, advice)).toEqual(content);
  expect(asked).toEqual(['/weights.h5']);
});

test('a damaged file of the cache is fetched anew and replaced', async () => {
  const { asked, url } = await counting();
  await publishedBytes('Net', { url, md5 }, advice);
  const kept = join(cache, 'models', 'weights.h5');
  await writeFile(kept, content.subarray(0, 500));
  expect(await publishedBytes('Net', { url, md5 }, advice)).toEqual(content);
  expect(asked).toHaveLength(2);
  expect(new Uint8Array(await readFile(kept))).toEqual(content);
});

test('what has another hash is refused, and not kept', async () => {
  const { url } = await counting(content.subarray(1));
  const fetched = publishedBytes('Net', { url, md5 }, advice);
  await expect(fetched).rejects.toThrow(FormatError);
  await expect(fetched).rejects.toThrow(`not ${md5}; nothing was kept`);
  await expect(readFile(join(cache, 'models', 'weights.h5'))).rejects.toThrow('ENOENT');
});

test.each([
  ['an error page', async () => (await counting(content, 404)).url],
  ['nobody', async () => `${await deadAddress()}weights.h5`],
])('%s at the address ends in advice', async (_, address) => {
  const fetched = publishedBytes('Net', { url: await address(), md5 }, advice);
  await expect(fetched).rejects.toThrow(ResourceError);
  await expect(fetched).rejects.toThrow(/^Net: cannot download .* Give a path\.$/);
});

test('without a hash what comes is kept as it is', async () => {
  const { asked, url } = await counting();
  await publishedBytes('Net', { url, md5: null }, advice);
  expect(await publishedBytes('Net', { url, md5: null }, advice)).toEqual(content);
  expect(asked).toHaveLength(1);
});
