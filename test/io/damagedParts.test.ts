import { afterAll, beforeAll, expect, test } from 'vitest';
import { close, FormatError, init, loadModel, ShapeError } from 'wgslgrad';
import { compileOptions } from '../../src/io/compileOptions.ts';
import { inTerms, modelFromConfig, modelFromJSON } from '../../src/io/fromConfig.ts';
import { isObject, parseObject } from '../../src/io/limits.ts';
import { loadModel as loadFile } from '../../src/io/load.ts';
import { encodeModel, encodeWeights } from '../../src/io/save.ts';
import { decodeTfjs } from '../../src/io/tfjs.ts';
import { assign } from '../../src/io/weights.ts';
import { damaged, damagedJson, expectReadOrRefused, expectWhole } from './damage.ts';
import { fixture } from './fixture.ts';

beforeAll(async () => {
  await init({ backend: 'cpu' });
});
afterAll(close);

const load = (bytes: Uint8Array) => loadFile(bytes);
const bytesOf = (text: string) => new TextEncoder().encode(text);

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

test.each([
  ['adam.keras', 1500],
  ['graph.keras', 600],
] as const)('model.json and its shards, of %s', async (name, count) => {
  const model = await load(fixture(name));
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
  expect(await expectReadOrRefused(make, (bytes) => read(bytes, shard!), expectWhole, count)).toBeGreaterThan(10);
  const makeShard = (i: number) => damaged(shard!, i);
  expect(await expectReadOrRefused(makeShard, (bytes) => read(json!, bytes), expectWhole, count)).toBeGreaterThan(10);
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
