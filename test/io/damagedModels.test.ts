// Damaged files of whole models: refused by a FormatError, or a model whose weights have the shapes that its layers say.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { close, FormatError, init, loadModel, type Model, memory, ShapeError } from 'wgslgrad';
import { modelFromConfig, modelFromJSON } from '../../src/io/fromConfig.ts';
import { loadModel as load } from '../../src/io/load.ts';
import { encodeModel, encodeWeights } from '../../src/io/save.ts';
import { decodeTfjs } from '../../src/io/tfjs.ts';
import { assign } from '../../src/io/weights.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { valuesOf } from '../models/support.ts';
import { expectReadOrRefused } from './damage.ts';
import { fixture } from './fixture.ts';

beforeAll(async () => {
  await init({ backend: 'cpu' });
});
afterAll(close);

function free(model: Model): void {
  for (const { variable } of model.weights) variable.dispose();
  for (const { value } of model.currentObjective?.optimizer.variables ?? []) value.dispose();
}

function expectWhole(model: Model): void {
  for (const { variable, shape, name } of model.weights) {
    if (variable.size !== sizeOf(shape)) expect(variable.size, name).toBe(sizeOf(shape));
  }
  free(model);
}

test.each(['adam.keras', 'graph.keras'])('%s: what is read is what was written', async (name) => {
  const good = fixture(name);
  const whole = await load(good);
  const [json, values] = [whole.toJSON(), await valuesOf(whole)];
  // every byte that says anything is under a check sum
  const read = await expectReadOrRefused(
    good,
    (bytes) => load(bytes),
    async (model) => {
      expect(model.toJSON()).toBe(json);
      expect(await valuesOf(model)).toEqual(values);
      free(model);
    },
  );
  expect(read).toBeGreaterThan(0);
});

test('adam.h5', async () => {
  expect(await expectReadOrRefused(fixture('adam.h5'), (bytes) => load(bytes), expectWhole)).toBeGreaterThan(0);
});

test('weights alone leave a model as it is, or become its weights', async () => {
  const model = await load(fixture('adam.keras'));
  for (const ending of ['.weights.h5', '.h5', '.safetensors']) {
    const [good] = (await encodeWeights(model, `x${ending}`)).values();
    const read = await expectReadOrRefused(
      new Uint8Array(good!),
      async (bytes) => {
        await model.loadWeights(bytes).catch((error: unknown) => {
          // weights of another shape: the mistake may be the model's as well
          throw error instanceof ShapeError ? new FormatError(error.message) : error;
        });
        return model;
      },
      ({ weights }) => expect(weights.every(({ variable, size }) => variable.size === size)).toBe(true),
      1000,
    );
    expect(read).toBeGreaterThan(0);
  }
});

test('model.json and its shards', async () => {
  const model = await load(fixture('graph.keras'));
  const files = await encodeModel(model, 'model.json');
  const [shard, text] = ['group1-shard1of1.bin', 'model.json'].map((name) => new Uint8Array(files.get(name)!));
  const read = async (json: Uint8Array, weights: Uint8Array) => {
    const loaded = await decodeTfjs(new TextDecoder().decode(json), async () => weights, 'model.json');
    const found = modelFromConfig(loaded.config, { where: 'model.json', keras: 2 });
    try {
      assign(loaded.weights(found), 'model.json');
    } catch (error) {
      throw error instanceof ShapeError ? new FormatError(error.message) : error;
    }
    return found;
  };
  expect(await expectReadOrRefused(text!, (bytes) => read(bytes, shard!), expectWhole)).toBeGreaterThan(0);
  expect(await expectReadOrRefused(shard!, (bytes) => read(text!, bytes), expectWhole, 500)).toBeGreaterThan(0);
});

test('a configuration with any of its values changed', async () => {
  const model = await loadModel(fixture('chain.keras'));
  const good = model.toJSON();
  // numbers, truths and names of a text that is JSON still
  const values = [
    '0',
    '-1',
    '1e400',
    '9007199254740993',
    '0.5',
    'null',
    'true',
    '"x"',
    '[]',
    '{}',
    '[[1]]',
    '{"class_name":"L2","config":{}}',
  ];
  const places = [...good.matchAll(/(?<=[:[,])(?:-?\d[\d.e-]*|true|false|null|"[^"]*")(?=[,\]}])/g)];
  let read = 0;
  for (const [i, { 0: old, index }] of places.entries()) {
    for (const value of values) {
      const text = good.slice(0, index) + value + good.slice(index + old.length);
      try {
        modelFromJSON(text);
        read++;
      } catch (error) {
        expect(
          error,
          `place ${i}: ${value} for ${old} in ${good.slice(Math.max(0, index - 40), index)}`,
        ).toBeInstanceOf(FormatError);
      }
    }
  }
  expect(places.length * values.length).toBeGreaterThan(2000);
  expect(read).toBeGreaterThan(100);
});

test('files that are refused hold no memory', async () => {
  const before = memory().bytes;
  const good = fixture('chain.keras');
  for (let end = 1000; end < good.length; end += 4000) {
    await expect(load(good.slice(0, end))).rejects.toThrow(FormatError);
  }
  expect(memory().bytes).toBe(before);
});
