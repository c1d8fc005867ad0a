// The published networks, counted: section 12 of the specification, and what Keras prints of MobileNetV2.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import * as w from 'wgslgrad';
import { fuse } from '../../src/compile/fuse.ts';
import { hoist } from '../../src/compile/hoist.ts';
import { trace } from '../../src/compile/trace.ts';
import { md5 } from '../../src/data/md5.ts';
import { expectClose } from '../models/support.ts';

beforeAll(async () => {
  await w.init({ backend: 'cpu', seed: 1 });
});
afterAll(() => w.close());

const counts = (model: w.Model) => ({
  layers: model.layers.length,
  params: model.countParams(),
  trainable: model.trainableWeights.reduce((sum, { size }) => sum + size, 0),
  weights: model.weights.length,
  output: model.outputShape,
});

test('ResNet50 has the layers and parameters of Keras', async () => {
  const base = await w.ResNet50({ weights: null, includeTop: false, inputShape: [224, 224, 3] });
  expect(counts(base)).toEqual({
    ...{ layers: 175, params: 23_587_712, trainable: 23_534_592, weights: 318 },
    output: [null, 7, 7, 2048],
  });
  const kinds = (className: string) => base.layers.filter((layer) => layer.className === className).length;
  const names = ['Conv2D', 'BatchNormalization', 'Activation', 'Add', 'ZeroPadding2D', 'MaxPooling2D', 'InputLayer'];
  expect(names.map(kinds)).toEqual([53, 53, 49, 16, 2, 1, 1]);
  expect(base.layers.slice(13, 18).map(({ name }) => name)).toEqual([
    'conv2_block1_0_conv',
    'conv2_block1_3_conv',
    'conv2_block1_0_bn',
    'conv2_block1_3_bn',
    'conv2_block1_add',
  ]);
  const stage = (name: string) =>
    base.layers.filter((layer) => layer.name.startsWith(name)).reduce((sum, layer) => sum + layer.countParams(), 0);
  expect(['conv2', 'conv3', 'conv4', 'conv5'].map(stage)).toEqual([220_032, 1_230_336, 7_129_088, 14_998_528]);
  expect(base.getLayer('conv1_conv').countParams()).toBe(9472);
});

test('in inference its normalisations are in its convolutions, and what they need is computed once', async () => {
  const model = await w.ResNet50({ weights: null });
  const program = trace((x) => model.run([x!], {}), [{ shape: [1, 224, 224, 3], dtype: 'float32' }]);
  const { before, body, made } = hoist(fuse(program));
  const count = ({ steps }: typeof program) => steps.filter(({ op }) => !op.alias).length;
  expect([program, body, before!].map(count)).toEqual([495, 75, 372]);
  // the first, of three channels, takes the scale into its kernel
  const named = (name: string) => body.steps.filter(({ op }) => op.name === name).length;
  expect([named('conv2d'), named('conv2dScaled')]).toEqual([1, 52]);
  for (const tensor of made) tensor.dispose();
});

test('with its top it has 177 layers, and more for nothing else', async () => {
  expect(counts(await w.ResNet50({ weights: null }))).toEqual({
    ...{ layers: 177, params: 25_636_712, trainable: 25_583_592, weights: 320 },
    output: [null, 1000],
  });
});

test('R3: a frozen base and a new head', async () => {
  const base = await w.ResNet50({ weights: null, includeTop: false, inputShape: [224, 224, 3] });
  base.trainable = false;
  const head = [
    w.GlobalAveragePooling2D(),
    w.Dense(1024, { activation: 'relu' }),
    w.Dense(10, { activation: 'softmax' }),
  ];
  const model = new w.Sequential([base, ...head]);
  expect(model.countParams()).toBe(25_696_138);
  expect(model.trainableWeights.map(({ name }) => name.split('/')[1])).toEqual(['kernel', 'bias', 'kernel', 'bias']);
  expect(model.trainableWeights.reduce((sum, { size }) => sum + size, 0)).toBe(2_108_426);
  expect(model.getLayer('resnet50/conv5_block3_out').output.shape).toEqual([null, 7, 7, 2048]);
});

test.each([
  [{ weights: null }, 156, 3_538_984, 3_504_872],
  [{ weights: null, includeTop: false }, 154, 2_257_984, 2_223_872],
  [{ weights: null, alpha: 0.35, classes: 10 }, 156, 423_018, 408_938],
] as const)('MobileNetV2 %j', async (options, layers, params, trainable) => {
  const model = await w.MobileNetV2(options);
  expect([model.layers.length, model.countParams()]).toEqual([layers, params]);
  expect(model.trainableWeights.reduce((sum, { size }) => sum + size, 0)).toBe(trainable);
});

test('images of any size, and pooling in the place of the top', async () => {
  const shapes = async (options: w.applications.ApplicationOptions) =>
    (await w.MobileNetV2({ weights: null, includeTop: false, ...options })).outputShape;
  expect(await shapes({})).toEqual([null, null, null, 1280]);
  expect(await shapes({ inputShape: [97, 64, 1] })).toEqual([null, 4, 2, 1280]);
  expect(await shapes({ inputShape: [64, 64, 3], pooling: 'avg' })).toEqual([null, 1280]);
  expect(await shapes({ inputShape: [64, 64, 3], pooling: 'max' })).toEqual([null, 1280]);
});

test('a network may begin with what other layers gave', async () => {
  const input = w.Input({ shape: [64, 64, 3] });
  const scaled = w.Rescaling(1 / 255).apply(input);
  const model = await w.ResNet50({ weights: null, includeTop: false, inputTensor: scaled });
  expect(model.layers.slice(0, 3).map(({ className }) => className)).toEqual([
    'InputLayer',
    'Rescaling',
    'ZeroPadding2D',
  ]);
  expect([model.inputs[0] === input, model.layers.length, model.outputShape]).toEqual([true, 176, [null, 2, 2, 2048]]);
});

test('MobileNetV2 is named after its width and its images, and there are weights for several sizes', async () => {
  const name = async (options: object) => (await w.MobileNetV2({ weights: null, includeTop: false, ...options })).name;
  expect(await name({ inputShape: [96, 96, 3], alpha: 0.35 })).toBe('mobilenetv2_0.35_96');
  expect(await name({ inputShape: [100, 100, 3] })).toBe('mobilenetv2_1.00_100');
  expect(await name({ alpha: 0.5 })).toBe('mobilenetv2_0.50_None');
  const asked: string[] = [];
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url.slice(url.lastIndexOf('kernels_')));
    throw new TypeError('fetch failed');
  });
  const fails = async (options: object, says: RegExp) => expect(w.MobileNetV2(options)).rejects.toThrow(says);
  await fails({ inputShape: [96, 96, 3], alpha: 0.35, includeTop: false }, /cannot download/);
  await fails({ inputShape: [160, 160, 3] }, /cannot download/);
  await fails({ inputShape: [96, 128, 3], alpha: 1.4, includeTop: false }, /cannot download/);
  await fails({ inputShape: [100, 100, 3] }, /takes square images of 224, 192, 160, 128, 96, got \[100,100,3\]/);
  expect(asked).toEqual(['kernels_0.35_96_no_top.h5', 'kernels_1.0_160.h5', 'kernels_1.4_224_no_top.h5']);
  vi.unstubAllGlobals();
});

test('images become what the networks were trained on', async () => {
  const rgb = w.tensor([[255, 128, 0]]);
  const { resnet50, mobilenetV2 } = w.applications;
  expectClose(await resnet50.preprocessInput(rgb).data(), [-103.939, 11.221, 131.32], 'cpu float32');
  expectClose(await mobilenetV2.preprocessInput(rgb).data(), [1, 128 / 127.5 - 1, -1], 'cpu float32');
  const bytes = w.tensor(Uint8Array.of(255, 128, 0), [1, 1, 3]);
  expectClose(await resnet50.preprocessInput(bytes).data(), [-103.939, 11.221, 131.32], 'cpu float32');
});

test('MD5 is that of another implementation', () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 131) & 255);
    expect(md5(bytes)).toBe(createHash('md5').update(bytes).digest('hex'));
  }
});

test.each<[string, object, RegExp]>([
  ['classes beside the weights of imagenet', { classes: 10 }, /have 1000 classes, got 10/],
  ['one channel with these', { includeTop: false, inputShape: [64, 64, 1] }, /for 3 channels, got 1/],
  ['another size with these', { inputShape: [96, 96, 3] }, /takes square images of 224, got \[96,96,3\]/],
  ['small images', { weights: null, inputShape: [31, 64, 3] }, /at least 32 by 32/],
  ['no channels', { weights: null, inputShape: [64, 64] }, /inputShape must be \[height, width, channels\]/],
  ['another pooling', { weights: null, pooling: 'mean' }, /pooling must be 'avg', 'max' or null/],
  ['no classes', { weights: null, classes: 0 }, /classes must be a whole number/],
  ['a word for a truth', { weights: null, includeTop: 'no' }, /includeTop must be true or false/],
  [
    'weights that are a number',
    { weights: 3, includeTop: false, inputShape: [32, 32, 3] },
    /weights must be 'imagenet', a path/,
  ],
  ['an unknown option', { weights: null, inputTensors: 1 }, /unknown option inputTensors/],
  ['a number to begin with', { weights: null, inputTensor: 1 }, /inputTensor must be what Input\(\) and layers gave/],
  [
    'two shapes',
    { weights: null, inputTensor: w.Input({ shape: [64, 64, 3] }), inputShape: [32, 32, 3] },
    /inputTensor has images \[64, 64, 3\], inputShape says \[32,32,3\]/,
  ],
  [
    'another end with these',
    { classifierActivation: 'sigmoid' },
    /the classifier ends in 'softmax' or null, got string "sigmoid"/,
  ],
])('%s is refused', async (_, options, says) => {
  await expect(w.ResNet50(options)).rejects.toThrow(says);
});

test('scores in another shape are refused', async () => {
  await expect(w.applications.resnet50.decodePredictions(w.zeros([2, 10]))).rejects.toThrow(
    /needs predictions \[n, 1000\]/,
  );
  expect(() => w.applications.resnet50.preprocessInput(w.zeros([2, 2]))).toThrow(/needs images \[\.\.\., 3\]/);
});
