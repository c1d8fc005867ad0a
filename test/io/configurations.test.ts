// What Keras 3 writes of everything that exists here is read, and what is written of it is what Keras writes.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { initializers, losses, metrics, optimizers } from 'wgslgrad';
import { resolveConstraint } from '../../src/constraints/constraints.ts';
import { resolveInitializer } from '../../src/initializers/initializers.ts';
import { modelFromJSON } from '../../src/io/fromConfig.ts';
import { readHdf5 } from '../../src/io/hdf5/read.ts';
import { textOf, textsOf } from '../../src/io/hdf5/tree.ts';
import { kerasJson } from '../../src/io/kerasJson.ts';
import { legacyTree } from '../../src/io/legacyH5.ts';
import { isObject, parseObject } from '../../src/io/limits.ts';
import { openZip } from '../../src/io/zip.ts';
import { layerFromConfig } from '../../src/layers/fromConfig.ts';
import { lossFromConfig } from '../../src/losses/fromConfig.ts';
import { metricFromConfig } from '../../src/metrics/fromConfig.ts';
import { optimizerFromConfig } from '../../src/optimizers/optimizers.ts';
import { resolveRegularizer } from '../../src/regularizers/regularizers.ts';
import { serialized } from '../../src/tensor/described.ts';
import { fixture, fixturePath } from './fixture.ts';

interface Entry {
  readonly module: string;
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

const all = parseObject(readFileSync(fixturePath('configurations.json'), 'utf8'), 'configurations.json');
const entries = (kind: string) => (all[kind] as Entry[]).map((entry) => [entry.class_name, entry] as const);

/** What Keras takes, although its own files leave it out. */
const leftOut = ['Identity.config.gain', 'SpatialDropout2D.data_format'];

/** Every entry of ours is one of Keras, with its value. */
function expectWithin(ours: unknown, theirs: unknown, where: string): void {
  if (isObject(ours) && isObject(theirs)) {
    for (const [name, value] of Object.entries(ours)) {
      if (leftOut.includes(`${where}.${name}`)) continue;
      expect(Object.keys(theirs), where).toContain(name);
      expectWithin(value, theirs[name], `${where}.${name}`);
    }
  } else if (Array.isArray(ours) && Array.isArray(theirs)) {
    expect(ours.length, where).toBe(theirs.length);
    ours.forEach((value, i) => {
      expectWithin(value, theirs[i], `${where}[${i}]`);
    });
  } else if (typeof ours === 'number' && typeof theirs === 'number') {
    // Keras keeps some in float32
    expect(Math.abs(ours - theirs), where).toBeLessThanOrEqual(1e-6 * Math.abs(theirs));
  } else if (Array.isArray(ours) && typeof theirs === 'number') {
    // a factor f stands for a range
    expect(ours, where).toEqual([-theirs, theirs]);
  } else expect(where.endsWith('.dtype') && isObject(ours) ? 'float32' : ours, where).toEqual(theirs);
}

test.each(entries('layers'))('layer %s', (className, entry) => {
  const layer = layerFromConfig(entry);
  expect(layer.className).toBe(className);
  const config = layer.getConfig();
  expectWithin(config, entry.config, className);
  expect(layerFromConfig({ class_name: className, config }).getConfig()).toEqual(config);
});

test.each(entries('weights'))('%s', (className, entry) => {
  const resolve = entry.module.endsWith('initializers')
    ? resolveInitializer
    : entry.module.endsWith('regularizers')
      ? resolveRegularizer
      : resolveConstraint;
  expectWithin(serialized(resolve(className, entry)), entry, className);
});

test.each(entries('optimizers'))('optimizer %s', (className, entry) => {
  const optimizer = optimizerFromConfig(entry);
  expect(optimizer.className).toBe(className);
  expectWithin(optimizer.getConfig(), entry.config, className);
});

test.each(entries('losses'))('loss %s', (className, entry) => {
  const loss = lossFromConfig(entry);
  expectWithin(serialized(loss), entry, className);
  expect(loss.name).toBe(entry.config.name);
});

test.each(entries('metrics'))('metric %s', (className, entry) => {
  const metric = metricFromConfig(entry);
  expectWithin(serialized(metric), entry, className);
  expect(typeof metric === 'string' ? metric : metric.name).toBe(entry.config.name);
});

test('what was made with options carries them', () => {
  expect(serialized(losses.Huber({ delta: 2, reduction: 'sum' }))).toMatchObject({
    ...{ module: 'keras.losses', class_name: 'Huber', config: { delta: 2, reduction: 'sum' } },
  });
  expect(serialized(metrics.Precision({ topK: 3, classId: 1 }))).toMatchObject({
    ...{ module: 'keras.metrics', class_name: 'Precision', config: { top_k: 3, class_id: 1 } },
  });
  expect(serialized(initializers.randomNormal({ stddev: 0.1 }))).toMatchObject({ class_name: 'RandomNormal' });
  expect(optimizers.Adam({ clipnorm: 1 }).getConfig()).toMatchObject({ clipnorm: 1, beta_1: 0.9 });
});

test('what does not exist is refused by its name', () => {
  expect(() => lossFromConfig({ class_name: 'MyLoss', config: {} })).toThrow(/unknown loss string "MyLoss"/);
  expect(() => lossFromConfig({ class_name: 'function', config: 'my_loss' })).toThrow(/unknown loss "my_loss"/);
  expect(() => metricFromConfig({ class_name: 'MyMetric', config: {} })).toThrow(/unknown metric string "MyMetric"/);
  expect(() => layerFromConfig({ class_name: 'LSTM', config: {} })).toThrow(/unknown layer LSTM/);
});

test('Python sees a float where Keras wants one', () => {
  const text = kerasJson({ momentum: 0, epochs: 3, inner: [{ beta: -2, rate: 0.5, learning_rate: 1e21 }] });
  expect(text).toBe('{"momentum":0.0,"epochs":3,"inner":[{"beta":-2.0,"rate":0.5,"learning_rate":1e+21}]}');
});

test('a graph is written as Keras writes it', async () => {
  const zip = openZip(fixture('graph.keras'), 'graph.keras');
  const theirs = parseObject(new TextDecoder().decode(await zip.read('config.json')), 'config.json');
  const ours = parseObject(modelFromJSON(theirs).toJSON(), 'ours');
  expect(skeleton(ours)).toEqual(skeleton(theirs));
});

test('weights in .h5 files have the names and the order that Keras gives them', async () => {
  const theirs = await readHdf5(fixture('graph.h5'), 'graph.h5');
  const model = modelFromJSON(textOf(theirs, 'model_config')!);
  const kept = theirs.groups.get('model_weights')!;
  const ours = legacyTree(
    model,
    new Map(model.weights.map((weight) => [weight, { shape: weight.shape, data: new Float32Array(weight.size) }])),
  );
  const layers = textsOf(kept, 'layer_names', '');
  expect(textsOf(ours, 'layer_names', '')).toEqual(layers);
  for (const name of layers) {
    const [a, b] = [ours, kept].map((tree) => textsOf(tree.groups.get(name)!, 'weight_names', ''));
    expect(a, name).toEqual(b);
  }
});

/** Names, and what is connected to what. */
function skeleton(model: unknown): unknown {
  const { class_name, name, config, inbound_nodes: nodes } = isObject(model) ? model : {};
  const { layers, input_layers, output_layers } = isObject(config) ? config : {};
  return {
    ...{ class_name, name, input_layers, output_layers },
    // a mask that is null is left out
    nodes: Array.isArray(nodes) ? nodes.map((node: unknown) => isObject(node) && node.args) : undefined,
    layers: Array.isArray(layers) ? layers.map(skeleton) : undefined,
  };
}
