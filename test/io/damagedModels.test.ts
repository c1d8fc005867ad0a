// Damaged files of whole models: refused by a FormatError, or a model whose weights have the shapes that its layers say.
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { close, FormatError, init, loadModel, type Model, memory, ShapeError } from 'wgslgrad';
import { compileOptions } from '../../src/io/compileOptions.ts';
import { inTerms, modelFromConfig, modelFromJSON } from '../../src/io/fromConfig.ts';
import { readHdf5 } from '../../src/io/hdf5/read.ts';
import { textOf } from '../../src/io/hdf5/tree.ts';
import { writeHdf5 } from '../../src/io/hdf5/write.ts';
import { isObject, parseObject } from '../../src/io/limits.ts';
import { loadModel as loadFile } from '../../src/io/load.ts';
import { encodeModel, encodeWeights } from '../../src/io/save.ts';
import { decodeTfjs } from '../../src/io/tfjs.ts';
import { assign } from '../../src/io/weights.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { valuesOf } from '../models/support.ts';
import { damaged, damagedJson, expectReadOrRefused } from './damage.ts';
import { fixture } from './fixture.ts';

beforeAll(async () => {
  await init({ backend: 'cpu' });
});
afterAll(close);

/** Two files make up the copies of a format. */
const HALF = 1050;

const load = (bytes: Uint8Array) => loadFile(bytes);
const bytesOf = (text: string) => new TextEncoder().encode(text);

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
    (i) => damaged(good, i),
    load,
    async (model) => {
      expect(model.toJSON()).toBe(json);
      expect(await valuesOf(model)).toEqual(values);
      free(model);
    },
    HALF,
  );
  expect(read).toBeGreaterThan(0);
});

test.each(['chain.keras', 'graph.keras'])('%s with a part damaged, and check sums that are right', async (name) => {
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
  expect(await expectReadOrRefused(make, load, expectWhole, HALF)).toBeGreaterThan(10);
});

test.each(['adam.h5', 'graph.h5'])('%s', async (name) => {
  const good = fixture(name);
  const tree = await readHdf5(good);
  const make = (i: number) => {
    if (i % 2 === 0) return damaged(good, i);
    const attribute = i % 4 === 1 || !tree.attributes.has('training_config') ? 'model_config' : 'training_config';
    const text = damagedJson(textOf(tree, attribute)!, i);
    const attributes = new Map([...tree.attributes, [attribute, { shape: [], data: [text] }]]);
    return writeHdf5({ ...tree, attributes });
  };
  expect(await expectReadOrRefused(make, load, expectWhole, HALF)).toBeGreaterThan(10);
});

test.each(['.weights.h5', '.h5', '.safetensors'])(
  'weights in %s leave a model as it is, or become its',
  async (ending) => {
    const model = await load(fixture('adam.keras'));
    const [good] = (await encodeWeights(model, `x${ending}`)).values();
    const read = await expectReadOrRefused(
      (i) => damaged(new Uint8Array(good!), i),
      async (bytes) => {
        await model.loadWeights(bytes).catch((error: unknown) => {
          // weights of another shape: the mistake may be the model's as well
          throw error instanceof ShapeError ? new FormatError(error.message) : error;
        });
        return model;
      },
      ({ weights }) => expect(weights.every(({ variable, size }) => variable.size === size)).toBe(true),
    );
    expect(read).toBeGreaterThan(0);
  },
);

test('model.json and its shards', async () => {
  const model = await load(fixture('graph.keras'));
  const files = await encodeModel(model, 'model.json');
  const [shard, json] = ['group1-shard1of1.bin', 'model.json'].map((name) => new Uint8Array(files.get(name)!));
  const text = new TextDecoder().decode(json);
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
  const make = (i: number) => (i % 2 === 0 ? damaged(json!, i) : bytesOf(damagedJson(text, i)));
  expect(await expectReadOrRefused(make, (bytes) => read(bytes, shard!), expectWhole)).toBeGreaterThan(10);
  const makeShard = (i: number) => damaged(shard!, i);
  expect(await expectReadOrRefused(makeShard, (bytes) => read(json!, bytes), expectWhole)).toBeGreaterThan(10);
});

test('what Keras says of each layer, loss, metric and optimizer', async () => {
  const known = parseObject(new TextDecoder().decode(fixture('configurations.json')), 'configurations.json');
  const entries = Object.entries(known).flatMap(([kind, all]) =>
    (Array.isArray(all) ? all : []).map((one: unknown) => ({ kind, one })),
  );
  const input = { class_name: 'InputLayer', config: { batch_shape: [null, 6, 6, 4] } };
  const make = (i: number) => {
    const { kind, one } = entries[i % entries.length]!;
    const [entry] = JSON.parse(damagedJson(JSON.stringify([one]), i));
    const dense = {
      class_name: 'Dense',
      config: { units: 2, kernel_initializer: kind === 'weights' ? entry : 'zeros' },
    };
    const compile = {
      loss: kind === 'losses' ? entry : 'mse',
      metrics: kind === 'metrics' ? [entry] : null,
      optimizer: kind === 'optimizers' ? entry : 'sgd',
    };
    return bytesOf(JSON.stringify({ layers: [input, kind === 'layers' ? entry : dense], compile }));
  };
  const read = (bytes: Uint8Array) => {
    const { layers, compile } = parseObject(new TextDecoder().decode(bytes), 'made');
    const model = modelFromJSON({ class_name: 'Sequential', config: { layers } });
    inTerms('made', () => model.compile(compileOptions(isObject(compile) ? compile : {})!));
    return model;
  };
  // its weights are not made: there may be any number of them
  expect(await expectReadOrRefused(make, read)).toBeGreaterThan(10);
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
  expect(read).toBeGreaterThan(10);
});

test('files that are refused hold no memory', async () => {
  const before = memory().bytes;
  const good = fixture('chain.keras');
  for (let end = 1000; end < good.length; end += 4000) {
    await expect(load(good.slice(0, end))).rejects.toThrow(FormatError);
  }
  expect(memory().bytes).toBe(before);
});
