// Files of TensorFlow.js: real models from npm packages, and round trips with tfjs itself.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  Activation,
  Add,
  Average,
  AveragePooling2D,
  BatchNormalization,
  Concatenate,
  Conv2D,
  Conv2DTranspose,
  Cropping2D,
  Dense,
  DepthwiseConv2D,
  Dropout,
  ELU,
  Flatten,
  FormatError,
  GlobalAveragePooling2D,
  GlobalMaxPooling2D,
  Input,
  type Layer,
  LayerNormalization,
  LeakyReLU,
  loadModel,
  Maximum,
  MaxPooling2D,
  Minimum,
  Model,
  Multiply,
  Permute,
  PReLU,
  ReLU,
  Rescaling,
  Reshape,
  regularizers,
  SeparableConv2D,
  Sequential,
  Softmax,
  Subtract,
  tensor,
  UpSampling2D,
  ValueError,
  ZeroPadding2D,
} from 'wgslgrad';
import { isObject, parseObject } from '../../src/io/limits.ts';
import { encodeModel } from '../../src/io/save.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { onEachBackend, startOver, wave } from '../models/support.ts';

const require = createRequire(import.meta.url);
const quiet = { verbose: 0 } as const;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wgslgrad-tfjs-'));
  await tf.setBackend('cpu');
});
afterAll(() => rmSync(folder, { recursive: true }));

type Files = ReadonlyMap<string, Uint8Array>;

/** Files by their names, written side by side; the path of model.json. */
function written(files: Files, name: string): string {
  mkdirSync(join(folder, name), { recursive: true });
  for (const [file, bytes] of files) writeFileSync(join(folder, name, file), bytes);
  return join(folder, name, 'model.json');
}

interface Manifest {
  readonly paths: string[];
  readonly weights: tf.io.WeightsManifestEntry[];
}

/** The same files in tfjs. */
async function inTfjs(files: Files) {
  const json = parseObject(new TextDecoder().decode(files.get('model.json')), 'model.json');
  const manifest = json.weightsManifest as Manifest[];
  const shards = manifest.flatMap(({ paths }) => paths).map((path) => Buffer.from(files.get(path)!));
  const weightData = new Uint8Array(Buffer.concat(shards)).buffer;
  const weightSpecs = manifest.flatMap(({ weights }) => weights);
  return loadLayersModel({
    load: async () => ({ modelTopology: json.modelTopology as object, weightSpecs, weightData }),
  });
}

onEachBackend(
  (place) => {
    test('the model of upscaler enlarges its picture to the one that it comes with, within a level of grey', async () => {
      const root = resolve('node_modules/@upscalerjs/default-model');
      const pixels = async (name: string) =>
        new Uint8Array(
          await sharp(join(root, 'assets', name))
            .removeAlpha()
            .raw()
            .toBuffer(),
        );
      const [small, expected] = await Promise.all(['fixture.png', 'samples/2x/result.png'].map(pixels));
      const model = await loadModel(join(root, 'models', 'model.json'));
      expect(model.countParams()).toBe(222_075);
      const found = await model.predict(tensor(Float32Array.from(small!), [1, 128, 128, 3]), quiet);
      expect(found.shape).toEqual([1, 256, 256, 3]);
      const levels = Uint8ClampedArray.from(await found.data(), Math.round);
      const off = levels.map((level, i) => Math.abs(level - expected![i]!));
      expect(off.reduce((most, one) => Math.max(most, one))).toBeLessThanOrEqual(1);
      // and nearly all of them on it
      expect(off.filter((one) => one > 0).length).toBeLessThan(50);
    });

    /** MobileNetV2 of Keras 2.2.4 with its weights in 8 bits, as npm package nsfwjs has it: modules of JSON and of base64. */
    function mobileNet(): Files {
      const at = (name: string) => join(dirname(require.resolve('nsfwjs')), '../models/mobilenet_v2', name);
      const shard: unknown = require(at('group1-shard1of1.min.js'));
      return new Map([
        ['model.json', new TextEncoder().encode(JSON.stringify(require(at('model.min.js'))))],
        ['group1-shard1of1', new Uint8Array(Buffer.from(String(shard), 'base64'))],
      ]);
    }

    test('MobileNetV2 with quantized weights says what tfjs says of the same file', async () => {
      const files = mobileNet();
      const model = await loadModel(written(files, 'mobilenet'));
      expect(model.layers).toHaveLength(162);
      const picture = wave(224 * 224 * 3, 0.37).map((v) => 0.5 + 0.5 * v);
      const found = await (await model.predict(tensor(picture, [1, 224, 224, 3]), quiet)).data();
      const theirs = await inTfjs(files);
      const expected = (theirs.predict(tf.tensor(picture, [1, 224, 224, 3])) as tf.Tensor).dataSync();
      expect(found).toHaveLength(5);
      expected.forEach((value, i) => {
        // 53 layers deep, each of which rounds
        expect(Math.abs(found[i]! - value), `class ${i} on ${place}`).toBeLessThan(5e-6);
      });
      // a software adapter compiles a shader for each of its forty shapes first
    }, 600_000);
  },
  ['cpu float32', 'webgpu'],
);

onEachBackend(() => {
  /** Numbers for each weight, none at its first value. */
  function shake(model: Model): Model {
    model.setWeights(
      model.weights.map(({ name, size }, i) =>
        wave(size, 1 + i).map((v) => (name.endsWith('variance') ? 1 + 0.5 * v : 0.5 * v)),
      ),
    );
    return model;
  }

  const shapesOf = (model: Model) => model.inputs.map(({ shape }) => shape.slice(1) as number[]);

  /** One input stands for itself. */
  const only = <T>(list: T[]): T | T[] => (list.length === 1 ? list[0]! : list);

  /** What we write tfjs reads, and both say the same; so do we when we read it. */
  async function expectSame(model: Model): Promise<void> {
    const data = shapesOf(model).map((shape, i) => ({
      shape: [2, ...shape],
      values: wave(2 * sizeOf(shape), 1 + i).map((v) => 3 * v),
    }));
    const xs = data.map(({ shape, values }) => tensor(values, shape));
    const ours = await Promise.all((await model.predictAll(only(xs), quiet)).map((result) => result.data()));
    const files = await encodeModel(model, 'model.json');
    const given = data.map(({ shape, values }) => tf.tensor(values, shape));
    const theirs = [(await inTfjs(files)).predict(only(given))].flat();
    const again = await (await loadModel(written(files, 'again'))).predictAll(only(xs), quiet);
    expect(theirs).toHaveLength(ours.length);
    for (const [i, expected] of ours.entries()) {
      const found = theirs[i]!.dataSync();
      expect(found.length).toBe(expected.length);
      expected.forEach((value, k) => {
        expect(Math.abs(found[k]! - value), `element ${k}: ${found[k]} for ${value}`).toBeLessThanOrEqual(
          2e-5 * Math.max(1, Math.abs(value)),
        );
      });
      expect(await again[i]!.data()).toEqual(expected);
    }
  }

  const image = [6, 5, 4];
  const cases: readonly (readonly [name: string, shape: readonly number[], layers: () => Layer[]])[] = [
    [
      'Conv2D',
      image,
      () => [
        Conv2D(3, [3, 2], {
          padding: 'same',
          strides: [2, 1],
          activation: 'relu',
          kernelRegularizer: regularizers.L2({ l2: 0.1 }),
        }),
      ],
    ],
    [
      'Conv2D dilated',
      image,
      () => [Conv2D(2, 2, { dilationRate: 2, useBias: false, kernelInitializer: 'he_normal', biasRegularizer: 'l1' })],
    ],
    ['DepthwiseConv2D', image, () => [DepthwiseConv2D(3, { depthMultiplier: 2, padding: 'same', strides: 2 })]],
    ['SeparableConv2D', image, () => [SeparableConv2D(5, 3, { depthMultiplier: 2, activation: 'sigmoid' })]],
    ['Conv2DTranspose', image, () => [Conv2DTranspose(3, 3, { strides: 2, padding: 'same' })]],
    ['Conv2DTranspose valid', image, () => [Conv2DTranspose(3, 3, { strides: 2 })]],
    ['MaxPooling2D', image, () => [MaxPooling2D(3, { strides: 2, padding: 'same' })]],
    ['AveragePooling2D', image, () => [AveragePooling2D(3, { strides: 2, padding: 'same' })]],
    ['GlobalAveragePooling2D', image, () => [GlobalAveragePooling2D()]],
    ['GlobalMaxPooling2D', image, () => [GlobalMaxPooling2D()]],
    [
      'ZeroPadding2D',
      image,
      () => [
        ZeroPadding2D([
          [1, 2],
          [3, 0],
        ]),
      ],
    ],
    [
      'Cropping2D',
      image,
      () => [
        Cropping2D([
          [1, 0],
          [2, 1],
        ]),
      ],
    ],
    ['UpSampling2D', image, () => [UpSampling2D([2, 3])]],
    ['Dense', [7], () => [Dense(3, { activation: 'softmax' })]],
    ['Flatten', image, () => [Conv2D(3, 2), Flatten(), Dropout(0.3), Dense(2)]],
    ['Reshape', image, () => [Reshape([-1, 4])]],
    ['Permute', image, () => [Permute([3, 1, 2])]],
    ['BatchNormalization', image, () => [Conv2D(3, 2), BatchNormalization()]],
    ['BatchNormalization, bare', [5], () => [BatchNormalization({ scale: false, center: false, epsilon: 0.1 })]],
    ['LayerNormalization', image, () => [LayerNormalization()]],
    ['Rescaling', image, () => [Rescaling(0.5, { offset: 1 })]],
    ['ReLU', image, () => [ReLU(6)]],
    ['LeakyReLU', image, () => [LeakyReLU(0.1)]],
    ['ELU', image, () => [ELU()]],
    ['PReLU', image, () => [PReLU({ sharedAxes: [1, 2] })]],
    ['Softmax', image, () => [Softmax()]],
    ...[
      'linear',
      'relu',
      'relu6',
      'elu',
      'selu',
      'sigmoid',
      'tanh',
      'softplus',
      'softsign',
      'silu',
      'gelu',
      'mish',
      'softmax',
      'log_softmax',
    ].map((name) => [`activation ${name}`, image, () => [Conv2D(3, 1), Activation(name)]] as const),
  ];
  test.each(cases)('%s', async (_, inputShape, layers) => {
    startOver();
    await expectSame(shake(new Sequential([Input({ shape: inputShape }), ...layers()])));
  });

  const merges: readonly (readonly [string, () => Layer])[] = [
    ['Add', Add],
    ['Multiply', Multiply],
    ['Average', Average],
    ['Maximum', Maximum],
    ['Minimum', Minimum],
    ['Concatenate', () => Concatenate({ axis: 1 })],
  ];
  test.each(merges)('%s', async (_, make) => {
    startOver();
    const [a, b] = [Input({ shape: image }), Input({ shape: image })];
    await expectSame(shake(new Model({ inputs: [a, b], outputs: make().apply([Conv2D(4, 1).apply(a), b]) })));
  });

  test('a graph of several outputs, with a layer used twice and models of both kinds in it, one used twice', async () => {
    startOver();
    const [a, b] = [Input({ shape: image }), Input({ shape: image })];
    const inner = Input({ shape: image });
    const twice = new Model({ inputs: inner, outputs: Conv2D(4, 1).apply(inner) });
    const chain = new Sequential([Input({ shape: image }), Conv2D(4, 2), GlobalAveragePooling2D()]);
    const shared = Conv2D(4, 3, { padding: 'same' });
    const sum = Add().apply([twice.apply(shared.apply(a)), twice.apply(b), shared.apply(b)]);
    await expectSame(shake(new Model({ inputs: [a, b], outputs: [chain.apply(sum), Flatten().apply(sum)] })));
  });

  test('weights go into shards of 4 MiB', async () => {
    startOver();
    const model = shake(new Sequential([Input({ shape: [1500] }), Dense(1000)]));
    const files = await encodeModel(model, 'model.json');
    expect([...files].map(([name, bytes]) => [name, bytes.length]).slice(0, 2)).toEqual([
      ['group1-shard1of2.bin', 4 * 2 ** 20],
      ['group1-shard2of2.bin', 1501 * 4000 - 4 * 2 ** 20],
    ]);
    await expectSame(model);
  });

  const one = (layer: Layer) => new Sequential([Input({ shape: image }), layer]);
  test.each<[string, () => Model, RegExp]>([
    [
      'a layer that tfjs lacks',
      () => {
        const [a, b] = [Input({ shape: image }), Input({ shape: image })];
        return new Model({ inputs: [a, b], outputs: Subtract({ name: 's' }).apply([a, b]) });
      },
      /tfjs: s: tfjs has no layer Subtract/,
    ],
    [
      'an activation that is another one there',
      () => one(Dense(2, { activation: 'hard_sigmoid', name: 'd' })),
      /tfjs: d: tfjs has no activation "hard_sigmoid", or another one/,
    ],
    [
      'groups',
      () => one(Conv2D(4, 1, { groups: 2, name: 'c' })),
      /tfjs: c: groups 2 is not what tfjs computes, which is 1/,
    ],
    ['a slope below', () => one(ReLU({ negativeSlope: 0.1, name: 'r' })), /tfjs: r: negative_slope 0\.1/],
    [
      'bilinear',
      () => one(UpSampling2D(2, { interpolation: 'bilinear', name: 'u' })),
      /tfjs: u: interpolation "bilinear"/,
    ],
  ])('%s is refused by name', async (_, make, message) => {
    await expect(encodeModel(make(), 'model.json')).rejects.toThrow(ValueError);
    await expect(encodeModel(make(), 'model.json')).rejects.toThrow(message);
  });

  /** A model of one Dense layer, its weights kept as told. */
  function kept(
    quantization: object | undefined,
    bytes: Uint8Array,
    change: (json: Record<string, unknown>) => void = () => {},
  ): string {
    const layer = {
      class_name: 'Dense',
      config: { name: 'd', units: 2, use_bias: false, batch_input_shape: [null, 2] },
    };
    const json = {
      modelTopology: { class_name: 'Sequential', config: { name: 'm', layers: [layer] } },
      weightsManifest: [
        {
          paths: ['w.bin'],
          weights: [{ name: 'd/kernel', shape: [2, 2], dtype: 'float32', ...(quantization && { quantization }) }],
        },
      ],
    };
    change(json);
    return written(
      new Map([
        ['model.json', new TextEncoder().encode(JSON.stringify(json))],
        ['w.bin', bytes],
      ]),
      'kept',
    );
  }

  test.each<[string, object | undefined, Uint8Array, number[]]>([
    ['float32', undefined, new Uint8Array(Float32Array.of(1, -2, 0.5, 3).buffer), [1, -2, 0.5, 3]],
    ['uint8', { dtype: 'uint8', scale: 0.5, min: -1 }, Uint8Array.of(0, 1, 2, 255), [-1, -0.5, 0, 126.5]],
    [
      'uint16',
      { dtype: 'uint16', scale: 0.25, min: 1 },
      new Uint8Array(Uint16Array.of(0, 1, 2, 65535).buffer),
      [1, 1.25, 1.5, 16384.75],
    ],
    [
      'float16',
      { dtype: 'float16' },
      new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x4200).buffer),
      [1, -2, 0.5, 3],
    ],
  ])('weights kept as %s', async (_, quantization, bytes, expected) => {
    const model = await loadModel(kept(quantization, bytes));
    expect(Array.from(await model.getWeights()[0]!.data())).toEqual(expected);
  });

  const manifest = (json: Record<string, unknown>) => (json.weightsManifest as Record<string, unknown>[])[0]!;
  const entry = (json: Record<string, unknown>) => (manifest(json).weights as Record<string, unknown>[])[0]!;
  test.each<[string, (json: Record<string, unknown>) => void, RegExp]>([
    [
      'a shard that is elsewhere',
      (json) => Object.assign(manifest(json), { paths: ['../secret.bin'] }),
      /"\.\.\/secret\.bin" is no name of a file beside it/,
    ],
    [
      'a shard at the root',
      (json) => Object.assign(manifest(json), { paths: ['/etc/passwd'] }),
      /is no name of a file beside it/,
    ],
    [
      'a shard at an address',
      (json) => Object.assign(manifest(json), { paths: ['https://x.y/z'] }),
      /is no name of a file beside it/,
    ],
    [
      'too many bytes',
      (json) => Object.assign(entry(json), { shape: [1, 2] }),
      /its weights take 8 bytes, w\.bin have 16/,
    ],
    [
      'too few bytes',
      (json) => Object.assign(entry(json), { shape: [2, 3] }),
      /d\/kernel: needs 24 bytes from 0 on, its shards have 16/,
    ],
    ['an absurd shape', (json) => Object.assign(entry(json), { shape: [2 ** 40, 2 ** 40] }), /is no shape/],
    [
      'another shape',
      (json) => Object.assign(entry(json), { shape: [4, 1] }),
      /d\/kernel has shape \[4, 1\], d\/kernel of the model has \[2, 2\]/,
    ],
    ['another name', (json) => Object.assign(entry(json), { name: 'e/kernel' }), /has no weight d\/kernel/],
    ['another type', (json) => Object.assign(entry(json), { dtype: 'string' }), /"string" is none of float32/],
    [
      'another quantization',
      (json) => Object.assign(entry(json), { quantization: { dtype: 'int32' } }),
      /are quantized as uint8, uint16 or float16, not as "int32"/,
    ],
    [
      'no scale',
      (json) => Object.assign(entry(json), { quantization: { dtype: 'uint8', min: 0 } }),
      /scale and min must be finite numbers/,
    ],
    ['no manifest', (json) => Object.assign(json, { weightsManifest: null }), /holds no model/],
    ['no paths', (json) => Object.assign(manifest(json), { paths: null }), /needs paths and weights/],
    [
      'a graph',
      (json) => Object.assign(json, { format: 'graph-model' }),
      /is a graph-model, which has lost its layers/,
    ],
  ])('%s is refused', async (_, change, message) => {
    const path = kept(undefined, new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer), change);
    await expect(loadModel(path)).rejects.toThrow(FormatError);
    await expect(loadModel(path)).rejects.toThrow(message);
  });

  test('a hard sigmoid is that of Keras 2 in its files', async () => {
    const path = kept(undefined, new Uint8Array(Float32Array.of(1, 0, 0, 1).buffer), (json) => {
      const topology = json.modelTopology;
      const config =
        isObject(topology) && isObject(topology.config) ? (topology.config.layers as { config: object }[]) : [];
      Object.assign(config[0]!.config, { activation: 'hard_sigmoid' });
    });
    const found = await (await (await loadModel(path)).predict(tensor([[1, -4]]), quiet)).data();
    expect(Array.from(found).map((v) => Math.round(v * 1e6) / 1e6)).toEqual([0.7, 0]);
  });
}, ['cpu float32']);
