// What is wrong with a file, or cannot be written, is said by name, and nothing is touched.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  Dense,
  FormatError,
  Input,
  loadModel,
  Model,
  optimizers,
  ResourceError,
  Sequential,
  ShapeError,
  tensor,
  ValueError,
} from 'wgslgrad';
import { encodeModel, encodeWeights } from '../../src/io/save.ts';
import { onEachBackend, valuesOf } from '../models/support.ts';
import { fixture } from './fixture.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgslgrad-io-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

onEachBackend(() => {
  const dense = (units: number, name = 'a') =>
    new Sequential([Input({ shape: [3] }), Dense(units, { name })], { name: 'small' });

  test.each(['.weights.h5', '.h5', '.safetensors'])(
    'weights of another shape name the layer and both shapes (%s)',
    async (ending) => {
      const [bytes] = (await encodeWeights(dense(2), `x${ending}`)).values();
      await expect(dense(4).loadWeights(bytes!)).rejects.toThrow(ShapeError);
      await expect(dense(4).loadWeights(bytes!)).rejects.toThrow(
        /has shape \[3, 2\], a\/kernel of the model has \[3, 4\]; build the layer as it was when it was saved/,
      );
    },
  );

  test.each(['.weights.h5', '.h5', '.safetensors'])('more or fewer weights say what to do (%s)', async (ending) => {
    const longer = () => new Sequential([Input({ shape: [3] }), Dense(2, { name: 'a' }), Dense(2, { name: 'b' })]);
    const [short] = (await encodeWeights(dense(2), `x${ending}`)).values();
    const [long] = (await encodeWeights(longer(), `x${ending}`)).values();
    await expect(longer().loadWeights(short!)).rejects.toThrow(/build the same layers as when it was saved/);
    await expect(dense(2).loadWeights(long!)).rejects.toThrow(/build the same layers as when it was saved/);
    await expect(dense(2).loadWeights(long!)).rejects.toThrow(FormatError);
    // nothing was touched
    const model = longer();
    const before = await valuesOf(model);
    await expect(model.loadWeights(short!)).rejects.toThrow();
    expect(await valuesOf(model)).toEqual(before);
  });

  /** A .keras file with the text of its configuration changed. */
  async function rewritten(change: (text: string) => string, name = 'chain.keras'): Promise<Uint8Array> {
    const { unzipSync, zipSync } = await import('fflate');
    const members = unzipSync(fixture(name));
    const text = change(new TextDecoder().decode(members['config.json']));
    return zipSync({ ...members, 'config.json': new TextEncoder().encode(text) });
  }

  test.each<[string, (text: string) => string, RegExp]>([
    [
      'a Lambda layer',
      (t) => t.replace('"class_name": "Flatten"', '"class_name": "Lambda"'),
      /flatten: layerFromConfig: a Lambda layer is Python code, which is not run/,
    ],
    [
      'an unknown layer',
      (t) => t.replace('"class_name": "Flatten"', '"class_name": "MyLayer"'),
      /flatten: layerFromConfig: unknown layer MyLayer; there are Activation,/,
    ],
    [
      'an unknown model',
      (t) => t.replace('"class_name": "Sequential"', '"class_name": "MyModel"'),
      /unknown model string "MyModel"/,
    ],
    [
      'an unknown optimizer',
      (t) => t.replace('"class_name": "Adam"', '"class_name": "MyAdam"'),
      /unknown optimizer string "MyAdam".*load it with \{ compile: false \}/,
    ],
    [
      'an unknown loss',
      (t) => t.replace('"loss": "categorical_crossentropy"', '"loss": "my_loss"'),
      /unknown loss "my_loss".*load it with \{ compile: false \}/,
    ],
    ['an unknown metric', (t) => t.replace('["accuracy"]', '["my_metric"]'), /unknown metric "my_metric"/],
    [
      'an unknown option',
      (t) => t.replace('"use_bias": true', '"use_bias": true, "my_option": 3'),
      /conv2d: .*unknown option myOption/,
    ],
    [
      'a value that is none',
      (t) => t.replace('"filters": 4', '"filters": -4'),
      /conv2d: .*filters must be a whole number/,
    ],
    [
      'an absurd size',
      (t) => t.replace('"units": 3', '"units": 9007199254740991'),
      /vars\/0 has shape \[5, 3\], dense_1\/kernel of the model has \[5, 9007199254740991\]/,
    ],
    [
      'other sizes',
      (t) => t.replace('"filters": 4', '"filters": 5'),
      /vars\/0 has shape \[3, 3, 3, 4\], conv2d\/kernel of the model has \[3, 3, 3, 5\]/,
    ],
    [
      'a layer too few',
      (t) =>
        t
          .replace(
            /\{"module": "keras.layers", "class_name": "Dense", "config": \{"name": "dense_1".*?"build_config": \{"input_shape": \[null, 5\]\}\}/,
            '',
          )
          .replace(/, \], "build_input_shape"/, '], "build_input_shape"'),
      /layers\/dense_1\/vars belongs to no layer of chain/,
    ],
    ['no JSON', () => '{"class_name": ', /config\.json: is no JSON/],
    ['a list', () => '[]', /config\.json: expected a JSON object/],
    [
      'lists in lists without end',
      () => `{"class_name": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      /is nested more than 256 deep/,
    ],
    ['no layers', () => '{"class_name": "Sequential", "config": {}}', /expected a model/],
  ])('%s is refused by name', async (_, change, message) => {
    const bytes = await rewritten(change);
    await expect(loadModel(bytes)).rejects.toThrow(FormatError);
    await expect(loadModel(bytes)).rejects.toThrow(message);
  });

  test('what was compiled with something unknown is still there for predictions', async () => {
    const bytes = await rewritten((text) => text.replace('"loss": "categorical_crossentropy"', '"loss": "my_loss"'));
    expect((await loadModel(bytes, { compile: false })).countParams()).toBe(247);
  });

  test.each<[string, (text: string) => string, RegExp]>([
    [
      'a circle',
      (t) => t.replace('"keras_history": ["half", 0, 0]', '"keras_history": ["back", 0, 0]'),
      /goes round in a circle/,
    ],
    [
      'a layer that is not there',
      (t) => t.replace('"keras_history": ["half", 0, 0]', '"keras_history": ["gone", 0, 0]'),
      /there is no layer gone/,
    ],
    [
      'a use that is not there',
      (t) => t.replace('"keras_history": ["half", 0, 0]', '"keras_history": ["half", 7, 0]'),
      /half has no result 0 of use 7/,
    ],
    [
      'a result that is not there',
      (t) => t.replace('"keras_history": ["half", 0, 0]', '"keras_history": ["half", 0, 2]'),
      /half has no result 2 of use 0/,
    ],
    ['no place at all', (t) => t.replace('"keras_history": ["half", 0, 0]', '"keras_history": "half"'), /is no place/],
    ['two layers of one name', (t) => t.replaceAll('"half"', '"to3"'), /two layers are called to3/],
    [
      'an argument that is not known',
      (t) => t.replace('"kwargs": {}', '"kwargs": {"initial_state": 3}'),
      /the argument initial_state of its call is not known/,
    ],
    [
      'an output from nowhere',
      (t) => t.replace('"output_layers": [["one", 0, 0]', '"output_layers": [["nowhere", 0, 0]'),
      /there is no layer nowhere/,
    ],
  ])('a graph with %s is refused', async (_, change, message) => {
    const bytes = await rewritten(change, 'graph.keras');
    await expect(loadModel(bytes)).rejects.toThrow(FormatError);
    await expect(loadModel(bytes)).rejects.toThrow(message);
  });

  test('inputs and outputs that are named in a dictionary come in the order of their names', async () => {
    const named = (text: string) =>
      text
        .replace('"input_layers": [["a", 0, 0], ["b", 0, 0]]', '"input_layers": {"y": ["b", 0, 0], "x": ["a", 0, 0]}')
        .replace(
          /"output_layers": \[(\[[^\]]*\]), (\[[^\]]*\]), (\[[^\]]*\])\]/,
          '"output_layers": {"r": $3, "p": $1, "q": $2}',
        );
    const [model, plain] = [
      await loadModel(await rewritten(named, 'graph.keras')),
      await loadModel(fixture('graph.keras')),
    ];
    expect(model.inputNames).toEqual(plain.inputNames);
    expect(model.outputNames).toEqual(plain.outputNames);
    await expect(
      loadModel(await rewritten((text) => named(text).replace('"x": ["a", 0, 0]', '"x": 3'), 'graph.keras')),
    ).rejects.toThrow(/3 is no place/);
  });

  test('weights pickled by Python are not read', async () => {
    const { unzipSync, zipSync } = await import('fflate');
    const { 'model.weights.h5': weights, ...rest } = unzipSync(fixture('chain.keras'));
    expect(weights).toBeDefined();
    await expect(loadModel(zipSync({ ...rest, 'model.weights.npz': new Uint8Array(4) }))).rejects.toThrow(
      /keeps its weights as pickled Python objects/,
    );
  });

  test.each<[string, () => Promise<unknown>, new (...args: never[]) => Error, RegExp]>([
    [
      'save: an ending',
      () => dense(2).save('x.txt'),
      ValueError,
      /save: expected a name that ends in \.keras, \.h5, \.onnx, or is model\.json/,
    ],
    ['save: weights alone', () => dense(2).save('x.weights.h5'), ValueError, /saveWeights writes it/],
    [
      'save: no name',
      () => dense(2).save(3 as unknown as string),
      ValueError,
      /expected the name of a file, got number/,
    ],
    [
      'saveWeights: nothing built',
      () => encodeWeights(new Sequential([Dense(2)]), 'x.h5'),
      ValueError,
      /saveWeights: .* is not built/,
    ],
    [
      'loadWeights: nothing built',
      () => new Sequential([Dense(2)]).loadWeights(fixture('chain.weights.h5')),
      ValueError,
      /loadWeights: .* is not built; give its first layer/,
    ],
    ['save: nothing built', () => new Sequential([Dense(2)]).save('x.keras'), ValueError, /is not built/],
    [
      'saveWeights: an ending',
      () => dense(2).saveWeights('x.keras'),
      ValueError,
      /saveWeights: expected a name that ends in/,
    ],
    [
      'loadModel: no file',
      () => loadModel(join(folder, 'gone.keras')),
      ResourceError,
      /there is no file .*gone\.keras/,
    ],
    [
      'loadModel: nothing',
      () => loadModel(undefined as unknown as string),
      ValueError,
      /expected a path, an address, bytes or files, got undefined/,
    ],
    [
      'loadModel: a list of something else',
      () => loadModel(['model.json'] as unknown as File[]),
      ValueError,
      /expected files, got a list with string "model\.json"/,
    ],
    ['loadModel: no file', () => loadModel([]), ValueError, /model\.json is not among the given files, which are none/],
    [
      'loadModel: shards without their model.json',
      () => loadModel([new File([], 'a.bin'), new File([], 'b.bin')]),
      ValueError,
      /model\.json is not among the given files, which are a\.bin, b\.bin/,
    ],
    [
      'loadWeights: options of Keras that do not exist here',
      () => dense(2).loadWeights('x.h5', { byName: true } as object as Record<string, never>),
      ValueError,
      /loadWeights: unknown option byName; there are none/,
    ],
    ['loadModel: an unknown option', () => loadModel('x', { safe: true } as object), ValueError, /unknown option safe/],
    [
      'loadModel: no truth',
      () => loadModel('x', { compile: 'no' as unknown as boolean }),
      ValueError,
      /compile must be true or false/,
    ],
    [
      'loadModel: another format',
      () => loadModel(new Uint8Array(10)),
      FormatError,
      /is none of \.keras, \.h5 and model\.json/,
    ],
    [
      'loadModel: weights alone',
      () => loadModel(fixture('chain.weights.h5')),
      FormatError,
      /holds no model.*loadWeights reads weights alone/,
    ],
    [
      'loadModel: a model.json without its place',
      () =>
        loadModel(
          new TextEncoder().encode('{"modelTopology": {}, "weightsManifest": [{"paths": ["a.bin"], "weights": []}]}'),
        ),
      ValueError,
      /bytes have no place where a\.bin could be/,
    ],
    [
      'loadModel: the JSON of a model alone',
      () => loadModel(new TextEncoder().encode(dense(2).toJSON())),
      FormatError,
      /holds no model, which has modelTopology/,
    ],
    [
      'encodeModel: a layer from within',
      async () => {
        const x = Input({ shape: [3] });
        const inner = dense(2, 'deep');
        const middle = inner.getLayer('deep').output;
        const outer = new Model({ inputs: x, outputs: [inner.apply(x), middle] });
        return encodeModel(outer, 'x.keras');
      },
      ValueError,
      /lies inside a nested model, which a file of Keras cannot say/,
    ],
  ])('%s is refused', async (_, run, type, message) => {
    await expect(run()).rejects.toThrow(type);
    await expect(run()).rejects.toThrow(message);
  });

  test('what cannot be written says so before anything is', async () => {
    const model = dense(2);
    model.compile({ optimizer: optimizers.SGD({ learningRate: (step) => tensor(0.1).add(step) }), loss: 'mse' });
    const path = join(folder, 'never.keras');
    await expect(model.save(path)).rejects.toThrow(ValueError);
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, 'x');
    await expect(model.save(path)).rejects.toThrow(ValueError);
    expect(readFileSync(path, 'utf8')).toBe('x');
  });
}, ['cpu float32']);
