// Models and weights through files: those of Keras itself, and round trips of ours.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  Activation,
  Add,
  BatchNormalization,
  Conv2D,
  Dense,
  Dropout,
  Flatten,
  Input,
  loadModel,
  losses,
  MaxPooling2D,
  Model,
  metrics,
  optimizers,
  ResourceError,
  regularizers,
  Sequential,
  schedules,
  setRandomSeed,
  type Tensor,
  tensor,
} from 'wgslgrad';
import type { PlainArray } from '../../src/io/arrays.ts';
import { modelFromJSON } from '../../src/io/fromConfig.ts';
import { readHdf5 } from '../../src/io/hdf5/read.ts';
import { datasetAt, type Hdf5Group, makeGroup, setText, textOf, textsOf } from '../../src/io/hdf5/tree.ts';
import { writeHdf5 } from '../../src/io/hdf5/write.ts';
import { putArrays } from '../../src/io/legacyH5.ts';
import { encodeModel, encodeWeights } from '../../src/io/save.ts';
import { expectClose, onEachBackend, startOver, tinyData, tinyModel, valuesOf, wave } from '../models/support.ts';
import { fixture, fixtureArrays, fixturePath } from './fixture.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgslgrad-io-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const asTensor = ({ shape, data }: PlainArray): Tensor => tensor(data, [...shape]);
const quiet = { verbose: 0 } as const;

onEachBackend(
  (place) => {
    // what a file says does not depend on who computes: one of each kind is enough for a slow adapter
    const some = (names: readonly string[]) => (place === 'webgpu' ? names.slice(0, 1) : names);

    test.each(some(['chain.keras', 'chain.h5']))('%s of Keras predicts what it does there', async (name) => {
      const array = await fixtureArrays('chain.npz');
      const model = await loadModel(fixturePath(name));
      const found = await model.predict(asTensor(array('x')), quiet);
      expectClose(await found.data(), Array.from(array('predictions').data), place);
      expect(model.name).toBe('chain');
      expect(model.layers.map((layer) => layer.name).slice(0, 3)).toEqual([
        'conv2d',
        'batch_normalization',
        'max_pooling2d',
      ]);
      expect(await model.optimizer.currentIterations()).toBe(4);
    });

    test.each(some(['graph.keras', 'graph.h5']))(
      '%s, of several inputs, outputs and models, predicts what it does there',
      async (name) => {
        const array = await fixtureArrays('graph.npz');
        const model = await loadModel(fixturePath(name));
        const found = await model.predictAll([asTensor(array('a')), asTensor(array('b'))], quiet);
        expect(found).toHaveLength(3);
        for (const [i, output] of ['one', 'two', 'three'].entries())
          expectClose(await found[i]!.data(), Array.from(array(output).data), place);
      },
    );

    test.each(some(['adam', 'momentum', 'rmsprop'].flatMap((name) => [`${name}.keras`, `${name}.h5`])))(
      'training goes on from %s as it does in Keras',
      async (name) => {
        const array = await fixtureArrays(name.replace(/\..*/, '.npz'));
        const model = await loadModel(fixturePath(name));
        const [x, y] = [asTensor(array('x')), asTensor(array('y'))];
        for (const [step, expected] of array('losses').data.entries()) {
          // a number where there are no metrics
          const [loss] = [await model.trainOnBatch(x, y)].flat();
          // each step adds what rounding does to the one before
          expect(Math.abs(loss! - expected) / expected, `step ${step}`).toBeLessThan(2e-5);
        }
        const found = await (await model.predict(x, quiet)).data();
        array('predictions').data.forEach((value, i) => {
          expect(Math.abs(found[i]! - value)).toBeLessThan(1e-5);
        });
      },
    );

    test.each(some(['saved.keras', 'saved.h5']))('training resumed from %s goes on bit for bit', async (name) => {
      const { x, y } = tinyData(24);
      startOver();
      const model = new Sequential([
        Dense(6, { activation: 'relu', inputShape: [2] }),
        BatchNormalization(),
        Dropout(0.3),
        Dense(3, { activation: 'softmax' }),
      ]);
      model.compile({
        optimizer: optimizers.Adam({ learningRate: 0.05, clipnorm: 1 }),
        loss: 'categorical_crossentropy',
        metrics: ['accuracy'],
      });
      await model.fit(x, y, { epochs: 2, batchSize: 5, ...quiet });
      await model.save(join(folder, name));
      setRandomSeed(7);
      const history = await model.fit(x, y, { epochs: 2, batchSize: 5, ...quiet });

      const loaded = await loadModel(join(folder, name));
      setRandomSeed(7);
      const again = await loaded.fit(x, y, { epochs: 2, batchSize: 5, ...quiet });
      expect(again.history).toEqual(history.history);
      expect(await valuesOf(loaded)).toEqual(await valuesOf(model));
    });
  },
  ['cpu float32', 'webgpu'],
);

onEachBackend(() => {
  /** Everything that a configuration can say, in one graph. */
  function everything(): Model {
    const x = Input({ shape: [8, 8, 2], name: 'picture' });
    const y = Input({ shape: [3], name: 'numbers' });
    const inner = new Sequential(
      [
        Input({ shape: [4, 4, 3] }),
        Conv2D(3, 3, { padding: 'same', name: 'inner_conv' }),
        BatchNormalization({ name: 'inner_bn' }),
      ],
      { name: 'inner' },
    );
    const conv = Conv2D(3, 3, {
      padding: 'same',
      strides: 2,
      kernelRegularizer: regularizers.L2({ l2: 0.1 }),
      biasInitializer: 'ones',
    }).apply(x);
    const bend = Activation('relu');
    const shortcut = Add().apply([inner.apply(bend.apply(conv), { training: false }), bend.apply(conv)]);
    const flat = Flatten().apply(MaxPooling2D(2).apply(shortcut));
    const frozen = Dense(3, { name: 'frozen', trainable: false }).apply(flat);
    const tail = new Model({ inputs: [y], outputs: Dense(3, { name: 'tail_dense' }).apply(y), name: 'tail' });
    const sum = Add().apply([frozen, tail.apply(y), tail.apply(frozen)]);
    const end = Input({ shape: [3] });
    const two = new Model({
      inputs: end,
      outputs: Dense(1, { activation: 'sigmoid', name: 'end' }).apply(end),
      name: 'two',
    });
    return new Model({
      inputs: [x, y],
      outputs: [Dense(2, { name: 'one' }).apply(sum), two.apply(sum)],
      name: 'everything',
    });
  }
  const inputs = () => [tensor(wave(3 * 128), [3, 8, 8, 2]), tensor(wave(9), [3, 3])];

  async function expectAlike(loaded: Model, model: Model): Promise<void> {
    expect(await valuesOf(loaded)).toEqual(await valuesOf(model));
    const [a, b] = await Promise.all([model, loaded].map((one) => one.predictAll(inputs(), quiet)));
    for (const [i, result] of a!.entries()) expect(await b![i]!.data()).toEqual(await result.data());
    expect(loaded.trainableWeights.map(({ shape }) => shape)).toEqual(model.trainableWeights.map(({ shape }) => shape));
  }

  test.each(['all.keras', 'all.h5'])('what is written as %s is read as it was', async (name) => {
    startOver();
    const model = everything();
    model.setWeights(model.weights.map(({ size }, i) => wave(size, 1 + i).map((v) => 1 + 0.3 * v)));
    model.compile({
      optimizer: optimizers.SGD({
        learningRate: schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 50 }),
        momentum: 0.5,
      }),
      loss: { one: losses.Huber({ delta: 2 }), two: 'bce' },
      lossWeights: { one: 2 },
      metrics: { one: ['mae'], two: ['accuracy', metrics.Precision({ thresholds: 0.3 })] },
    });
    const y = [wave(6), Float32Array.of(1, 0, 1)];
    await model.fit(inputs(), [tensor(y[0]!, [3, 2]), tensor(y[1]!, [3, 1])], { epochs: 2, ...quiet });
    await model.save(join(folder, name));
    const loaded = await loadModel(join(folder, name));
    await expectAlike(loaded, model);
    expect(loaded.optimizer.getConfig()).toEqual(model.optimizer.getConfig());
    const targets = [tensor(y[0]!, [3, 2]), tensor(y[1]!, [3, 1])];
    expect(await loaded.evaluate(inputs(), targets, { ...quiet, returnDict: true })).toEqual(
      await model.evaluate(inputs(), targets, { ...quiet, returnDict: true }),
    );
    // and is what it was once more
    expect(JSON.parse(loaded.toJSON())).toEqual(JSON.parse(model.toJSON()));
  });

  test('the configuration alone makes the same model with other weights', () => {
    startOver();
    const model = everything();
    const again = modelFromJSON(model.toJSON());
    expect(again.summaryText()).toBe(model.summaryText());
    expect(modelFromJSON(JSON.parse(model.toJSON())).toJSON()).toBe(model.toJSON());
    // once, not twice, where it is a part of something else too
    expect(JSON.stringify(model)).toBe(model.toJSON());
    expect(JSON.parse(JSON.stringify({ best: [model] }))).toEqual({ best: [JSON.parse(model.toJSON())] });
    expect(again.getConfig()).toEqual(model.getConfig());
  });

  test.each(['w.weights.h5', 'w.h5', 'w.safetensors'])('weights go through %s', async (name) => {
    startOver();
    const model = everything();
    model.setWeights(model.weights.map(({ size }, i) => wave(size, 1 + i)));
    await model.saveWeights(join(folder, name));
    // automatic names count on: the second model has others
    const other = everything();
    await other.loadWeights(join(folder, name));
    await expectAlike(other, model);
    // and over others
    other.setWeights(other.weights.map(({ size }) => new Float32Array(size)));
    await other.loadWeights(readFileSync(join(folder, name)));
    await expectAlike(other, model);
  });

  test.each(['all2.keras', 'all2.h5', 'model.json'])('loadWeights takes those of a whole model in %s', async (name) => {
    startOver();
    const model = everything();
    model.setWeights(model.weights.map(({ size }, i) => wave(size, 1 + i)));
    await model.save(join(folder, name));
    startOver();
    const other = everything();
    await other.loadWeights(join(folder, name));
    await expectAlike(other, model);
  });

  test('weights of Keras, and the weights of a whole model, by their paths', async () => {
    const whole = await loadModel(fixturePath('chain.keras'));
    const model = modelFromJSON(whole.toJSON());
    await model.loadWeights(fixturePath('chain.weights.h5'));
    expect(await valuesOf(model)).toEqual(await valuesOf(whole));
  });

  test('weights of Keras 2.12 to 2.15, which call the group of layers otherwise', async () => {
    const whole = await loadModel(fixturePath('graph.keras'));
    const [bytes] = (await encodeWeights(whole, 'x.weights.h5')).values();
    const older = (group: Hdf5Group): Hdf5Group => ({
      ...group,
      groups: new Map(
        [...group.groups].map(([name, one]) => [
          name === 'layers' ? '_layer_checkpoint_dependencies' : name,
          older(one),
        ]),
      ),
    });
    const renamed = await writeHdf5(older(await readHdf5(new Uint8Array(bytes!), 'x.weights.h5')));
    const model = modelFromJSON(whole.toJSON());
    await model.loadWeights(renamed);
    expect(await valuesOf(model)).toEqual(await valuesOf(whole));
  });

  test('freezing changes what comes first in an .h5 file, and names tell which is which', async () => {
    startOver();
    const make = () =>
      new Sequential([
        Input({ shape: [2] }),
        new Sequential(
          [Input({ shape: [2] }), Dense(2, { name: 'a' }), BatchNormalization({ name: 'n' }), Dense(2, { name: 'b' })],
          { name: 'inner' },
        ),
      ]);
    const model = make();
    model.setWeights(model.weights.map(({ size }, i) => wave(size, 1 + i)));
    model.getLayer('inner/a').trainable = false;
    await model.saveWeights(join(folder, 'frozen.h5'));
    const other = make();
    await other.loadWeights(join(folder, 'frozen.h5'));
    expect(await valuesOf(other)).toEqual(await valuesOf(model));
  });

  test.each([
    ['Adam', () => optimizers.Adam({ learningRate: 0.02, amsgrad: true }), ['m', 'v', 'vhat']],
    [
      'RMSprop',
      () => optimizers.RMSprop({ learningRate: 0.02, momentum: 0.5, centered: true }),
      ['rms', 'momentum', 'mg'],
    ],
    ['SGD', () => optimizers.SGD({ learningRate: 0.02, momentum: 0.5 }), ['momentum']],
  ] as const)('training goes on from the state of %s as Keras kept it before 2.11', async (className, make, slots) => {
    const { x, y } = tinyData(12);
    startOver();
    const model = tinyModel();
    model.compile({ optimizer: make(), loss: 'categorical_crossentropy' });
    await model.fit(x, y, { epochs: 2, ...quiet });
    const [bytes] = (await encodeModel(model, 'x.h5')).values();
    const root = await readHdf5(new Uint8Array(bytes!), 'x.h5');

    // slot after slot, under the old names, without the learning rate; that stands in the configuration as lr
    const group = root.groups.get('optimizer_weights')!;
    const [iteration, , ...state] = textsOf(group, 'weight_names', '').map((name) => datasetAt(group, name, ''));
    const names = model.weights.map(({ name }) => name);
    const old = makeGroup();
    const paired = className === 'Adam' ? 2 : 0;
    const place = (slot: number, i: number) =>
      slot < paired ? paired * i + slot : paired * names.length + (slot - paired) * names.length + i;
    putArrays(old, [
      { name: `${className}/iter:0`, ...iteration! },
      ...slots.flatMap((slot, s) =>
        names.map((name, i) => ({ name: `${className}/${name}/${slot}:0`, ...state[place(s, i)]! })),
      ),
    ]);
    root.groups.set('optimizer_weights', old);
    setText(root, 'keras_version', '2.10.0');
    setText(root, 'training_config', textOf(root, 'training_config')!.replace('"learning_rate"', '"lr"'));
    const loaded = await loadModel(await writeHdf5(root));
    expect(loaded.optimizer.learningRate).toBeCloseTo(0.02, 6);
    for (const one of [model, loaded]) {
      setRandomSeed(3);
      await one.fit(x, y, { epochs: 2, ...quiet });
    }
    expect(await valuesOf(loaded)).toEqual(await valuesOf(model));
  });

  test('a learning rate that was set stays, and compile: false leaves training out', async () => {
    startOver();
    const model = tinyModel();
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    model.optimizer.learningRate = 0.125;
    await model.save(join(folder, 'rate.keras'));
    expect((await loadModel(join(folder, 'rate.keras'))).optimizer.learningRate).toBe(0.125);
    const bare = await loadModel(join(folder, 'rate.keras'), { compile: false });
    expect(() => bare.optimizer).toThrow(/call compile/);
    // a model that was never compiled
    await tinyModel().save(join(folder, 'bare.keras'));
    expect((await loadModel(join(folder, 'bare.keras'))).currentObjective).toBe(null);
  });
}, ['cpu float32']);

onEachBackend(() => {
  test('a model comes from a path, an address, or bytes', async () => {
    const expected = await valuesOf(await loadModel(fixturePath('adam.keras')));
    const bytes = fixture('adam.keras');
    const places = [
      new URL(`file://${fixturePath('adam.keras')}`),
      new Blob([bytes]),
      [new File([bytes], 'adam.keras')],
    ];
    for (const from of [bytes, bytes.buffer, Buffer.from(bytes), ...places]) {
      expect(await valuesOf(await loadModel(from))).toEqual(expected);
    }
    const whole = await loadModel(bytes);
    await whole.save(join(folder, 'served', 'model.json'));
    const picked = readdirSync(join(folder, 'served')).map(
      (name) => new File([new Uint8Array(readFileSync(join(folder, 'served', name)))], name),
    );
    expect(await valuesOf(await loadModel(picked))).toEqual(expected);
    await expect(loadModel(picked.filter(({ name }) => !name.endsWith('.bin')))).rejects.toThrow(
      /group1-shard1of1\.bin is not among the given files, which are model\.json/,
    );
    const server = createServer((request, response) => {
      const url = new URL(request.url!, 'http://localhost');
      const path = join(folder, 'served', url.pathname);
      if (url.searchParams.get('key') !== 'k' || !existsSync(path)) response.writeHead(404).end();
      else response.end(readFileSync(path));
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    try {
      const model = await loadModel(`http://localhost:${port}/model.json?key=k`);
      expect(await valuesOf(model)).toEqual(expected);
      await expect(loadModel(`http://localhost:${port}/other.json?key=k`)).rejects.toThrow(ResourceError);
    } finally {
      server.close();
    }
  });

  test('a file is whole or not there at all', async () => {
    startOver();
    await tinyModel().save(join(folder, 'deep', 'down', 'tiny.keras'));
    expect(readdirSync(join(folder, 'deep', 'down'))).toEqual(['tiny.keras']);
  });
}, ['cpu float32']);
