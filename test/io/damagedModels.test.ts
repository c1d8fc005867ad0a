// Damaged files of whole models: refused by a FormatError, or a model whose weights have the shapes that its layers say.
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { close, FormatError, init, memory } from 'wgslgrad';
import { readHdf5 } from '../../src/io/hdf5/read.ts';
import { textOf } from '../../src/io/hdf5/tree.ts';
import { writeHdf5 } from '../../src/io/hdf5/write.ts';
import { loadModel as loadFile } from '../../src/io/load.ts';
import { valuesOf } from '../models/support.ts';
import { damaged, damagedJson, expectReadOrRefused, expectWhole, free } from './damage.ts';
import { fixture } from './fixture.ts';

beforeAll(async () => {
  await init({ backend: 'cpu' });
});
afterAll(close);

/** Copies of small files and of larger ones; all of a format are 2100 or more. */
const [MANY, FEW] = [750, 300];

const load = (bytes: Uint8Array) => loadFile(bytes);

test.each([
  ['adam.keras', MANY],
  ['graph.keras', FEW],
] as const)('%s: what is read is what was written', async (name, count) => {
  const good = fixture(name);
  const whole = await load(good);
  const [json, values] = [whole.toJSON(), await valuesOf(whole)];
  // every byte that says anything is under a check sum
  const read = await expectReadOrRefused(
    (i) => damaged(good, i),
    load,
    async (model) => {
      expect(model.toJSON()).toBe(json);
      expect(await valuesOf(model)).toEqual(values);
      free(model);
    },
    count,
  );
  expect(read).toBeGreaterThan(0);
});

test.each([
  ['adam.keras', MANY],
  ['chain.keras', FEW],
  ['graph.keras', FEW],
] as const)('%s with a part damaged, and check sums that are right', async (name, count) => {
  const members = unzipSync(fixture(name));
  const config = new TextDecoder().decode(members['config.json']);
  const weights = new Uint8Array(members['model.weights.h5']!);
  const make = (i: number) => {
    const part =
      i % 3 === 0
        ? { 'model.weights.h5': damaged(weights, i) }
        : { 'config.json': new TextEncoder().encode(damagedJson(config, i)) };
    return zipSync({ ...members, ...part }, { level: 0 });
  };
  expect(await expectReadOrRefused(make, load, expectWhole, count)).toBeGreaterThan(10);
});

test.each([
  ['adam.h5', 2 * MANY],
  ['graph.h5', 2 * FEW],
] as const)('%s', async (name, count) => {
  const good = fixture(name);
  const tree = await readHdf5(good);
  const make = (i: number) => {
    if (i % 3 > 0) return damaged(good, i);
    const attribute = i % 2 === 0 || !tree.attributes.has('training_config') ? 'model_config' : 'training_config';
    const text = damagedJson(textOf(tree, attribute)!, i);
    const attributes = new Map([...tree.attributes, [attribute, { shape: [], data: [text] }]]);
    return writeHdf5({ ...tree, attributes });
  };
  expect(await expectReadOrRefused(make, load, expectWhole, count)).toBeGreaterThan(10);
});

test('files that are refused hold no memory', async () => {
  const before = memory().bytes;
  const good = fixture('chain.keras');
  for (let end = 1000; end < good.length; end += 4000) {
    await expect(load(good.slice(0, end))).rejects.toThrow(FormatError);
  }
  expect(memory().bytes).toBe(before);
});
