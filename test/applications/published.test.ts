// Weights from an address: kept once they are right, fetched again when what is kept is damaged, and in words where there is no network.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FormatError, ResourceError } from 'wgslgrad';
import { bestOf, parseNames } from '../../src/applications/predictions.ts';
import { usePublished } from '../../src/applications/published.ts';
import { deadAddress, serve, temporaryFolder } from '../data/support.ts';

const content = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) & 255);
const md5 = createHash('md5').update(content).digest('hex');

let cache: string;
let keras: string;
beforeEach(async () => {
  [cache, keras] = [await temporaryFolder(), await temporaryFolder()];
  vi.stubEnv('WGSLGRAD_CACHE', cache);
  vi.stubEnv('KERAS_HOME', keras);
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
const same = (bytes: Uint8Array) => bytes;

test('a file is fetched once, and read from the cache then', async () => {
  const { asked, url } = await counting();
  expect(await usePublished('Net', { url, md5 }, advice, same)).toEqual(content);
  expect(await usePublished('Net', { url, md5 }, advice, same)).toEqual(content);
  expect(asked).toEqual(['/weights.h5']);
});

test('a damaged file of the cache is fetched anew and replaced', async () => {
  const { asked, url } = await counting();
  await usePublished('Net', { url, md5 }, advice, same);
  const kept = join(cache, 'models', 'weights.h5');
  await writeFile(kept, content.subarray(0, 500));
  expect(await usePublished('Net', { url, md5 }, advice, same)).toEqual(content);
  expect(asked).toHaveLength(2);
  expect(new Uint8Array(await readFile(kept))).toEqual(content);
});

test('what has another hash is refused, and not kept', async () => {
  const { url } = await counting(content.subarray(1));
  const fetched = usePublished('Net', { url, md5 }, advice, same);
  await expect(fetched).rejects.toThrow(FormatError);
  await expect(fetched).rejects.toThrow(`not ${md5}; nothing was kept`);
  await expect(readFile(join(cache, 'models', 'weights.h5'))).rejects.toThrow('ENOENT');
});

test.each([
  ['an error page', async () => (await counting(content, 404)).url],
  ['nobody', async () => `${await deadAddress()}weights.h5`],
])('%s at the address ends in advice', async (_, address) => {
  const fetched = usePublished('Net', { url: await address(), md5 }, advice, same);
  await expect(fetched).rejects.toThrow(ResourceError);
  await expect(fetched).rejects.toThrow(/^Net: cannot download .*weights\.h5: .* Give a path\./);
  await expect(fetched).rejects.toThrow(`It may also be put into ${join(cache, 'models')}.`);
});

test('without a hash what comes is kept as it is', async () => {
  const { asked, url } = await counting();
  await usePublished('Net', { url, md5: null }, advice, same);
  expect(await usePublished('Net', { url, md5: null }, advice, same)).toEqual(content);
  expect(asked).toHaveLength(1);
});

test('without a hash what is of no use is not kept, and what was kept of it is fetched anew', async () => {
  const { asked, url } = await counting();
  const published = { url, md5: null };
  const whole = (bytes: Uint8Array) => {
    if (bytes.length < content.length) throw new FormatError('cut off');
    return bytes;
  };
  const kept = join(cache, 'models', 'weights.h5');
  const short = await counting(content.subarray(1));
  await expect(usePublished('Net', { ...published, url: short.url }, advice, whole)).rejects.toThrow('cut off');
  await expect(readFile(kept)).rejects.toThrow('ENOENT');
  await usePublished('Net', published, advice, whole);
  await writeFile(kept, content.subarray(0, 500));
  expect(await usePublished('Net', published, advice, whole)).toEqual(content);
  expect(asked).toHaveLength(2);
  expect(new Uint8Array(await readFile(kept))).toEqual(content);
});

test('what Keras has downloaded is found, if it is right', async () => {
  const { asked, url } = await counting();
  const theirs = join(keras, 'models', 'weights.h5');
  await mkdir(join(keras, 'models'));
  await writeFile(theirs, content);
  expect(await usePublished('Net', { url, md5 }, advice, same)).toEqual(content);
  expect(asked).toHaveLength(0);
  await writeFile(theirs, content.subarray(1));
  expect(await usePublished('Net', { url, md5 }, advice, same)).toEqual(content);
  expect(asked).toHaveLength(1);
});

test('names of classes in the layout of the official file', () => {
  const bytes = new TextEncoder().encode(
    JSON.stringify(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [i, [`n${i}`, `label ${i}`]]))),
  );
  const scores = Float32Array.from({ length: 1000 }, (_, i) => (i === 3 ? 0.5 : i === 700 ? 0.25 : 0));
  expect(bestOf(scores, parseNames(bytes), 3)).toEqual([
    ['n3', 'label 3', 0.5],
    ['n700', 'label 700', 0.25],
    ['n0', 'label 0', 0],
  ]);
  expect(() => parseNames(new TextEncoder().encode('{"0": ["n0", "zero"]}'))).toThrow(/has no class 1/);
  expect(() => parseNames(new TextEncoder().encode('<html>'))).toThrow(/is no JSON/);
});
