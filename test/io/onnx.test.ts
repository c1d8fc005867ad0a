import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  Activation,
  Add,
  Average,
  AveragePooling2D,
  applications,
  BatchNormalization,
  CenterCrop,
  Concatenate,
  Conv2D,
  Conv2DTranspose,
  Cropping2D,
  close,
  Dense,
  DepthwiseConv2D,
  Dropout,
  ELU,
  Flatten,
  GlobalAveragePooling2D,
  GlobalMaxPooling2D,
  GroupNormalization,
  Input,
  init,
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
  Resizing,
  SeparableConv2D,
  Sequential,
  Softmax,
  SpatialDropout2D,
  Subtract,
  type Tensor,
  tensor,
  UpSampling2D,
  ValueError,
  ZeroPadding2D,
} from 'wgslgrad';
import { encodeModel } from '../../src/io/save.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { startOver, wave } from '../models/support.ts';
import { fixturePath } from './fixture.ts';

beforeAll(async () => {
  await init({ backend: 'cpu' });
  startOver();
});
afterAll(close);

/** Numbers for each weight, none at its first value. */
function shake(model: Model): Model {
  model.setWeights(
    model.weights.map(({ name, size }, i) => {
      const values = wave(size, 1 + i).map((v) => 0.5 * v);
      // a variance is positive
      return name.endsWith('variance') ? values.map((v) => 1 + v) : values;
    }),
  );
  return model;
}

async function inOnnx(model: Model): Promise<ort.InferenceSession> {
  const [bytes] = (await encodeModel(model, 'model.onnx')).values();
  return ort.InferenceSession.create(bytes!);
}

async function runOnnx(session: ort.InferenceSession, xs: readonly Tensor[]): Promise<ort.Tensor[]> {
  const feeds = await Promise.all(
    xs.map(async (x, i) => [
      session.inputNames[i]!,
      new ort.Tensor('float32', Float32Array.from(await x.data()), [...x.shape]),
    ]),
  );
  const results = await session.run(Object.fromEntries(feeds));
  return session.outputNames.map((name) => results[name]!);
}

/** Both engines on the same numbers, with two sizes of batch in one file. */
async function expectSame(
  model: Model,
  shapes: readonly (readonly number[])[] = model.inputs.map(({ shape }) => shape.slice(1) as number[]),
): Promise<void> {
  const session = await inOnnx(model);
  for (const batch of [1, 3]) {
    const xs = shapes.map((shape, i) =>
      tensor(
        wave(batch * sizeOf(shape), 1 + i).map((v) => 3 * v),
        [batch, ...shape],
      ),
    );
    const ours = await model.predictAll(xs.length === 1 ? xs[0]! : xs, { verbose: 0 });
    const theirs = await runOnnx(session, xs);
    expect(theirs).toHaveLength(ours.length);
    for (const [i, result] of ours.entries()) {
      expect(theirs[i]!.dims).toEqual(result.shape);
      const [expected, got] = [await result.data(), theirs[i]!.data as Float32Array];
      expected.forEach((value, k) => {
        expect(Math.abs(got[k]! - value), `element ${k}: ${got[k]} for ${value}`).toBeLessThanOrEqual(
          2e-5 * Math.max(1, Math.abs(value)),
        );
      });
    }
  }
}

const image = [6, 5, 4];
const cases: readonly (readonly [name: string, shape: readonly number[], layers: () => Layer[]])[] = [
  ['Conv2D same, strides', image, () => [Conv2D(3, [3, 2], { padding: 'same', strides: [2, 1], activation: 'relu' })]],
  ['Conv2D valid, groups, no bias', image, () => [Conv2D(6, 2, { groups: 2, useBias: false })]],
  ['Conv2D dilated', image, () => [Conv2D(2, 2, { dilationRate: 3, padding: 'same', activation: 'tanh' })]],
  ['DepthwiseConv2D', image, () => [DepthwiseConv2D(3, { depthMultiplier: 2, padding: 'same', strides: 2 })]],
  ['SeparableConv2D', image, () => [SeparableConv2D(5, 3, { depthMultiplier: 2, activation: 'sigmoid' })]],
  ['Conv2DTranspose valid', image, () => [Conv2DTranspose(3, 3, { strides: 2 })]],
  ['Conv2DTranspose same', image, () => [Conv2DTranspose(3, 3, { strides: 2, padding: 'same', activation: 'relu' })]],
  ['Conv2DTranspose, small kernel', image, () => [Conv2DTranspose(3, 1, { strides: 3 })]],
  [
    'Conv2DTranspose, even kernel',
    image,
    () => [Conv2DTranspose(2, 4, { strides: [2, 3], padding: 'same', useBias: false })],
  ],
  [
    'Conv2DTranspose, outputPadding',
    image,
    () => [Conv2DTranspose(2, 3, { strides: 2, padding: 'same', outputPadding: 1 })],
  ],
  ['MaxPooling2D', image, () => [MaxPooling2D(2)]],
  ['MaxPooling2D same', image, () => [MaxPooling2D(3, { strides: 2, padding: 'same' })]],
  ['AveragePooling2D', image, () => [AveragePooling2D(2, { strides: 1 })]],
  ['AveragePooling2D same', image, () => [AveragePooling2D(3, { strides: 2, padding: 'same' })]],
  ['GlobalAveragePooling2D', image, () => [GlobalAveragePooling2D()]],
  ['GlobalAveragePooling2D, keepdims', image, () => [GlobalAveragePooling2D({ keepdims: true })]],
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
  ['UpSampling2D bilinear', image, () => [UpSampling2D(2, { interpolation: 'bilinear' })]],
  ['Resizing', image, () => [Resizing(9, 3)]],
  ['Resizing nearest', image, () => [Resizing(4, 11, { interpolation: 'nearest' })]],
  ['CenterCrop', image, () => [CenterCrop(3, 2)]],
  ['Dense', [7], () => [Dense(3, { activation: 'softmax' })]],
  ['Dense on images', image, () => [Dense(3, { useBias: false })]],
  ['Flatten behind a convolution', image, () => [Conv2D(3, 2), Flatten(), Dense(2)]],
  ['Reshape', image, () => [Conv2D(6, 1), Reshape([-1, 3])]],
  ['Permute', image, () => [Conv2D(6, 1), Permute([3, 1, 2])]],
  ['BatchNormalization', image, () => [Conv2D(3, 2), BatchNormalization()]],
  ['BatchNormalization of rows', [5], () => [BatchNormalization({ scale: false, epsilon: 0.1 })]],
  ['BatchNormalization of an inner axis', image, () => [BatchNormalization({ axis: 1, center: false })]],
  ['LayerNormalization', image, () => [Conv2D(3, 2), LayerNormalization()]],
  ['LayerNormalization, bare', [6], () => [LayerNormalization({ center: false, scale: false })]],
  ['Rescaling', image, () => [Conv2D(3, 2), Rescaling([1, 2, -3], { offset: 0.5 })]],
  ['dropout', image, () => [Dropout(0.5), SpatialDropout2D(0.5), Conv2D(2, 2)]],
  ['ReLU', image, () => [ReLU()]],
  ['ReLU cut', image, () => [ReLU(6)]],
  ['ReLU of all kinds', image, () => [ReLU({ maxValue: 2, negativeSlope: 0.1, threshold: 0.5 })]],
  ['LeakyReLU', image, () => [Conv2D(3, 1), LeakyReLU(0.1)]],
  ['ELU', image, () => [ELU({ alpha: 0.7 })]],
  ['PReLU', image, () => [Conv2D(3, 1), PReLU()]],
  ['PReLU, one a channel', image, () => [PReLU({ sharedAxes: [1, 2] })]],
  ['Softmax of channels', image, () => [Conv2D(3, 1), Softmax()]],
  ['Softmax of rows', image, () => [Conv2D(3, 1), Softmax(1)]],
  ...[
    ...[
      'linear',
      'relu',
      'relu6',
      'leaky_relu',
      'elu',
      'selu',
      'sigmoid',
      'hard_sigmoid',
      'tanh',
      'exponential',
      'softplus',
    ],
    ...['softsign', 'silu', 'hard_silu', 'gelu', 'mish', 'softmax', 'log_softmax'],
  ].map((name) => [`activation ${name}`, image, () => [Conv2D(3, 1), Activation(name)]] as const),
];

test.each(cases)('%s', async (_, inputShape, layers) => {
  await expectSame(shake(new Sequential([Input({ shape: inputShape }), ...layers()])));
});

const merges: readonly (readonly [string, Layer])[] = [
  ['Add', Add()],
  ['Subtract', Subtract()],
  ['Multiply', Multiply()],
  ['Average', Average()],
  ['Maximum', Maximum()],
  ['Minimum', Minimum()],
  ['Concatenate', Concatenate()],
  ['Concatenate of rows', Concatenate({ axis: 1 })],
];
test.each(merges)('%s', async (_, layer) => {
  const [a, b] = [Input({ shape: image }), Input({ shape: image })];
  // one lies with its channels first, the other does not
  await expectSame(shake(new Model({ inputs: [a, b], outputs: layer.apply([Conv2D(4, 1).apply(a), b]) })));
});

test('values of different shapes meet from the last axis on', async () => {
  const [a, b] = [Input({ shape: image }), Input({ shape: [1, 1, 4] })];
  await expectSame(shake(new Model({ inputs: [a, b], outputs: Multiply().apply([Conv2D(4, 1).apply(a), b]) })));
});

test('images of any size', async () => {
  const model = shake(
    new Sequential([Input({ shape: [null, null, 3] }), Conv2D(4, 3, { padding: 'same', strides: 2 }), UpSampling2D(2)]),
  );
  await expectSame(model, [[6, 4, 3]]);
  await expectSame(model, [[9, 11, 3]]);
});

test.each([
  ['MobileNetV2', () => applications.MobileNetV2({ weights: null, alpha: 0.35, inputShape: [32, 32, 3], classes: 7 })],
  ['ResNet50', () => applications.ResNet50({ weights: null, inputShape: [32, 32, 3], classes: 7 })],
] as const)(
  '%s for small images',
  async (_, make) => {
    const model = await make();
    let state = 1;
    const draw = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 31 - 1;
    };
    const values = model.weights.map(({ name, shape, size }) => {
      const isKernel = name.endsWith('kernel');
      // as large as He's uniform ones: what is larger leaves the range of floats after fifty layers
      const scale = isKernel ? Math.sqrt((6 * shape.at(-1)!) / size) : 0.3;
      return Float32Array.from({ length: size }, () => scale * draw() + (/variance|gamma/.test(name) ? 1 : 0));
    });
    model.setWeights(values);
    await expectSame(model);
  },
  300_000,
);

test('a graph of Keras with models in models', async () => {
  await expectSame(await loadModel(fixturePath('graph.keras')));
});

test.each<[string, () => Model, RegExp]>([
  [
    'a function as activation',
    () => new Sequential([Dense(2, { inputShape: [3], activation: (x: Tensor) => x.mul(2), name: 'd' })]),
    /onnx: d: its activation is a function/,
  ],
  [
    'a layer that it does not have',
    () => new Sequential([GroupNormalization({ groups: 2, inputShape: [4], name: 'g' })]),
    /onnx: g: there is no GroupNormalization/,
  ],
  [
    'an axis that it does not have',
    () => new Sequential([LayerNormalization({ axis: 1, inputShape: [4, 3], name: 'n' })]),
    /onnx: n: normalising over other axes/,
  ],
  ['a model that is not built', () => new Sequential([Dense(2)]), /is not built/],
])('%s is refused by name', async (_, make, message) => {
  await expect(encodeModel(make(), 'x.onnx')).rejects.toThrow(ValueError);
  await expect(encodeModel(make(), 'x.onnx')).rejects.toThrow(message);
});
