// Every option of every layer, initializer, regularizer and constraint with values that it must refuse by its name.
import { beforeEach, describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { onEachBackend } from '../models/support.ts';

/** How a layer is called with some options wrong: by place first. */
type Make = (options: never) => unknown;

const whole = [0, -1, 1.5, Number.NaN, '2', null];
const pairs = [0, [1], [1, 2, 3], [1, 0], 1.5, 'two', null];
const numbers = [Number.NaN, Infinity, '1', [1]];
const positive = [...numbers, -1];
const shares = [-0.1, 1.1, Number.NaN, '0.5'];
const truths = [1, 'true'];
const words = ['no_such', 3];
const seeds = [-1, 1.5, 'x', Number.NaN];
const functions = ['no_such', 3, {}, { class_name: 'NoSuch', config: {} }];

const weight = (role: string) => ({
  [`${role}Initializer`]: functions,
  [`${role}Regularizer`]: functions,
  [`${role}Constraint`]: functions,
});
const common = {
  name: ['', 3],
  inputShape: [3, [0], [1.5], 'x', [-1]],
  inputDim: [0, 1.5, 'x'],
  trainable: truths,
  activityRegularizer: functions,
};
const image = { dataFormat: words };
const random = { seed: seeds, ...image };
const filling = { fillMode: [...words, 'wrapEnds'], fillValue: numbers, interpolation: [...words, 'bicubic'] };
const factors = [1.5, -1.5, [0.1], [0, 1.5], [0.1, 'x'], [], 'x', Number.NaN, {}, true];
const ranges = [5, [1], [1, 0], [1, 1], [0, Number.NaN], 'x', {}];
const affine = { activation: [...words, {}], useBias: truths, ...weight('bias') };
const convolution = {
  strides: [...pairs.slice(0, -1)],
  padding: words,
  dilationRate: pairs.slice(0, -1),
  ...image,
  ...affine,
};
const normalization = { epsilon: positive, center: truths, scale: truths, ...weight('gamma'), ...weight('beta') };

/** What stands before the options is tried through `places`. */
interface Line {
  readonly make: Make;
  readonly options: Readonly<Record<string, readonly unknown[]>>;
  readonly places?: Readonly<Record<string, readonly [make: (value: never) => unknown, values: readonly unknown[]]>>;
}

const sides = [
  -1,
  1.5,
  'x',
  [1],
  [[1, 2], [3]],
  [
    [1, 2],
    [3, -1],
  ],
  {},
];
const lists = [3, 'x', [1.5], [0]];

// biome-ignore format: a table
const layers: Readonly<Record<string, Line>> = {
  Conv2D: {
    make: (o) => w.Conv2D(2, 3, o),
    options: { ...convolution, groups: whole.slice(0, -1), ...weight('kernel') },
    places: { filters: [(v) => w.Conv2D(v, 3), whole], kernelSize: [(v) => w.Conv2D(2, v), pairs] },
  },
  DepthwiseConv2D: {
    make: (o) => w.DepthwiseConv2D(3, o),
    options: { ...convolution, depthMultiplier: whole.slice(0, -1), ...weight('depthwise') },
    places: { kernelSize: [(v) => w.DepthwiseConv2D(v), pairs] },
  },
  SeparableConv2D: {
    make: (o) => w.SeparableConv2D(2, 3, o),
    options: { ...convolution, depthMultiplier: whole.slice(0, -1), ...weight('depthwise'), ...weight('pointwise') },
    places: { filters: [(v) => w.SeparableConv2D(v, 3), whole], kernelSize: [(v) => w.SeparableConv2D(2, v), pairs] },
  },
  Conv2DTranspose: {
    make: (o) => w.Conv2DTranspose(2, 3, o),
    options: { ...convolution, outputPadding: [-1, 1, 'x', [0]], ...weight('kernel') },
    places: { filters: [(v) => w.Conv2DTranspose(v, 3), whole], kernelSize: [(v) => w.Conv2DTranspose(2, v), pairs] },
  },
  MaxPooling2D: {
    make: (o) => w.MaxPooling2D(2, o), options: { strides: pairs.slice(0, -1), padding: words, ...image },
    places: { poolSize: [(v) => w.MaxPooling2D(v), pairs] },
  },
  AveragePooling2D: {
    make: (o) => w.AveragePooling2D(2, o), options: { strides: pairs.slice(0, -1), padding: words, ...image },
    places: { poolSize: [(v) => w.AveragePooling2D(v), [undefined, ...pairs]] },
  },
  GlobalAveragePooling2D: { make: (o) => w.GlobalAveragePooling2D(o), options: { keepdims: truths, ...image } },
  GlobalMaxPooling2D: { make: (o) => w.GlobalMaxPooling2D(o), options: { keepdims: truths, ...image } },
  Flatten: { make: (o) => w.Flatten(o), options: image },
  Reshape: { make: (o) => w.Reshape([1], o), options: {}, places: { targetShape: [(v) => w.Reshape(v), [...lists, [-1, -1], [-2]]] } },
  Permute: { make: (o) => w.Permute([1], o), options: {}, places: { dims: [(v) => w.Permute(v), [...lists, [2], [1, 1]]] } },
  Dense: { make: (o) => w.Dense(2, o), options: { ...affine, ...weight('kernel') }, places: { units: [(v) => w.Dense(v), whole] } },
  Dropout: {
    make: (o) => w.Dropout(0.5, o), options: { noiseShape: lists, seed: seeds },
    places: { rate: [(v) => w.Dropout(v), shares] },
  },
  SpatialDropout2D: {
    make: (o) => w.SpatialDropout2D(0.5, o), options: { seed: seeds, ...image },
    places: { rate: [(v) => w.SpatialDropout2D(v), shares] },
  },
  AlphaDropout: {
    make: (o) => w.AlphaDropout(0.5, o), options: { noiseShape: lists, seed: seeds },
    places: { rate: [(v) => w.AlphaDropout(v), shares] },
  },
  GaussianDropout: {
    make: (o) => w.GaussianDropout(0.5, o), options: { seed: seeds },
    places: { rate: [(v) => w.GaussianDropout(v), [...shares, 1]] },
  },
  Identity: { make: (o) => w.Identity(o), options: {} },
  ActivityRegularization: { make: (o) => w.ActivityRegularization(o), options: { l1: positive, l2: positive } },
  UnitNormalization: { make: (o) => w.UnitNormalization(o), options: { axis: [1.5, 'x', ['x'], []] } },
  GaussianNoise: {
    make: (o) => w.GaussianNoise(0.5, o), options: { seed: seeds },
    places: { stddev: [(v) => w.GaussianNoise(v), positive] },
  },
  BatchNormalization: {
    make: (o) => w.BatchNormalization(o),
    options: { axis: [1.5, 'x', [1, 2]], momentum: shares, movingMeanInitializer: functions, movingVarianceInitializer: functions, ...normalization },
  },
  LayerNormalization: { make: (o) => w.LayerNormalization(o), options: { axis: [1.5, 'x', ['x']], ...normalization } },
  GroupNormalization: { make: (o) => w.GroupNormalization(o), options: { groups: [0, -2, 1.5, 'x'], axis: [1.5, 'x'], ...normalization } },
  Activation: { make: (o) => w.Activation('relu', o), options: {}, places: { activation: [(v) => w.Activation(v), words] } },
  ReLU: { make: (o) => w.ReLU(o), options: { maxValue: positive, negativeSlope: positive, threshold: positive } },
  LeakyReLU: { make: (o) => w.LeakyReLU(o), options: { negativeSlope: positive } },
  PReLU: { make: (o) => w.PReLU(o), options: { sharedAxes: lists, ...weight('alpha') } },
  ELU: { make: (o) => w.ELU(o), options: { alpha: numbers } },
  Softmax: { make: (o) => w.Softmax(o), options: { axis: [1.5, 'x', [1]] } },
  ZeroPadding2D: { make: (o) => w.ZeroPadding2D(1, o), options: image, places: { padding: [(v) => w.ZeroPadding2D(v), sides] } },
  Cropping2D: { make: (o) => w.Cropping2D(1, o), options: image, places: { cropping: [(v) => w.Cropping2D(v), sides] } },
  UpSampling2D: {
    make: (o) => w.UpSampling2D(2, o), options: { interpolation: [...words, 'bicubic'], ...image },
    places: { size: [(v) => w.UpSampling2D(v), pairs] },
  },
  Rescaling: {
    make: (o) => w.Rescaling(1, o), options: { offset: [Number.NaN, 'x', ['x']] },
    places: { scale: [(v) => w.Rescaling(v), [Number.NaN, 'x', ['x'], undefined]] },
  },
  Resizing: {
    make: (o) => w.Resizing(2, 3, o),
    options: { interpolation: [...words, 'lanczos3'], cropToAspectRatio: truths, padToAspectRatio: truths, fillValue: numbers, ...image },
    places: { height: [(v) => w.Resizing(v, 2), whole], width: [(v) => w.Resizing(2, v), whole] },
  },
  CenterCrop: {
    make: (o) => w.CenterCrop(2, 3, o), options: image,
    places: { height: [(v) => w.CenterCrop(v, 2), whole], width: [(v) => w.CenterCrop(2, v), whole] },
  },
  RandomFlip: {
    make: (o) => w.RandomFlip('horizontal', o), options: { strict: truths, ...random },
    places: { mode: [(v) => w.RandomFlip(v), [...words, 'both', {}]] },
  },
  RandomRotation: {
    make: (o) => w.RandomRotation(0.1, o), options: { ...filling, ...random },
    places: { factor: [(v) => w.RandomRotation(v), factors] },
  },
  RandomTranslation: {
    make: (o) => w.RandomTranslation(0.1, 0.2, o), options: { ...filling, ...random },
    places: { heightFactor: [(v) => w.RandomTranslation(v, 0), factors], widthFactor: [(v) => w.RandomTranslation(0, v), factors] },
  },
  RandomZoom: {
    make: (o) => w.RandomZoom(0.1, 0.2, o), options: { ...filling, ...random },
    places: {
      heightFactor: [(v) => w.RandomZoom(v), factors],
      widthFactor: [(v) => w.RandomZoom(0.1, { widthFactor: v }), factors],
    },
  },
  RandomContrast: {
    make: (o) => w.RandomContrast(0.1, o), options: { valueRange: ranges, ...random },
    places: { factor: [(v) => w.RandomContrast(v), [...factors, -0.1, [-0.1, 0.1]]] },
  },
  RandomBrightness: {
    make: (o) => w.RandomBrightness(0.1, o), options: { valueRange: ranges, ...random },
    places: { factor: [(v) => w.RandomBrightness(v), factors] },
  },
  RandomCrop: {
    make: (o) => w.RandomCrop(2, 3, o), options: random,
    places: { height: [(v) => w.RandomCrop(v, 2), whole], width: [(v) => w.RandomCrop(2, v), whole] },
  },
  Input: { make: (o) => w.Input(o), options: { shape: [3, [0], 'x'], batchShape: [3, [0], 'x'], name: ['', 3] } },
};

const lines = Object.entries(layers).flatMap(([layer, { make, options, places = {} }]) => [
  ...Object.entries(layer === 'Input' ? options : { ...common, ...options }).flatMap(([name, values]) =>
    values.map((value) => [layer, name, value, () => make({ [name]: value } as never)] as const),
  ),
  ...Object.entries(places).flatMap(([name, [call, values]]) =>
    values.map((value) => [layer, name, value, () => call(value as never)] as const),
  ),
]);

beforeEach(() => w.clearSession());

test.each(lines)('%s: %s is not %j', (_, name, __, call) => {
  expect(call).toThrow(
    expect.objectContaining({ name: 'ValueError', message: expect.stringMatching(new RegExp(`\\b${name}\\b`)) }),
  );
});

test.each(Object.entries(layers))('%s refuses what it does not know, and what are no options', (layer, { make }) => {
  const title = layer === 'Input' ? 'InputLayer' : layer;
  expect(() => make({ no_such: 1 } as never)).toThrow(new RegExp(`^${title}: unknown option no_such`));
  for (const value of [null, 'x']) expect(() => make(value as never)).toThrow(/options must be an object/);
});

test.each(Object.entries(layers).filter(([, { places }]) => places))(
  '%s: an argument by place is no option',
  (layer, { make, places }) => {
    for (const name of Object.keys(places!))
      expect(() => make({ [name]: 1 } as never)).toThrow(new RegExp(`^${layer}: unknown option ${name}`));
  },
);

// biome-ignore format: a table
test.each<[string, () => unknown, RegExp]>([
  ['strides with dilation', () => w.SeparableConv2D(1, 3, { strides: 2, dilationRate: 2 }), /strides \[2, 2\] and dilationRate \[2, 2\] cannot both/],
  ['strides with dilation along different axes', () => w.Conv2D(1, 3, { strides: [2, 1], dilationRate: [1, 2] }), /cannot both be above 1/],
  ['filters that groups do not divide', () => w.Conv2D(3, 1, { groups: 2 }), /conv2d: filters \(3\) must be a multiple of groups \(2\)/],
  ['outputPadding of the strides', () => w.Conv2DTranspose(1, 3, { strides: 2, outputPadding: 2 }), /outputPadding \[2, 2\] must be below the strides/],
  ['both ways to keep the ratio', () => w.Resizing(1, 1, { cropToAspectRatio: true, padToAspectRatio: true }), /exclude each other/],
  ['inputDim beside inputShape', () => w.Dense(1, { inputDim: 2, inputShape: [2] }), /inputShape and inputDim exclude each other/],
  ['an Input without a shape', () => w.Input({}), /input_layer: needs the shape of one sample/],
])('%s is refused', (_, call, says) => {
  expect(call).toThrow(says);
});

describe('inputs that do not fit', () => {
  // biome-ignore format: a table
  const misfits: readonly (readonly [what: string, make: () => w.Layer, shape: readonly number[], says: RegExp])[] = [
    ['no image', () => w.Conv2D(1, 1), [2, 3], /conv2d: needs inputs \[batch, height, width, channels\], got \[2, 3\]/],
    ['no image, channels first', () => w.MaxPooling2D(1, { dataFormat: 'channels_first' }), [2, 3], /needs inputs \[batch, channels, height, width\]/],
    ['channels that groups do not divide', () => w.Conv2D(2, 1, { groups: 2 }), [1, 2, 2, 3], /3 input channels do not divide into 2 groups/],
    ['a window larger than the image', () => w.DepthwiseConv2D(3), [1, 2, 3, 1], /the height needs 3, has 2/],
    ['a pool larger than the image', () => w.AveragePooling2D(3), [1, 3, 2, 1], /the width needs 3, has 2/],
    ['no features', () => w.Dense(1), [3], /dense: needs inputs \[batch, ..., features\]/],
    ['another size', () => w.Reshape([4]), [2, 3], /reshape: \[3\] \(3 elements\) does not fit \[4\]/],
    ['another rank', () => w.Permute([2, 1]), [2, 3], /permute: needs samples of 2 axes, got inputs \[2, 3\]/],
    ['nothing left', () => w.Cropping2D([1, 0]), [1, 2, 2, 1], /cropping2d: cropping \[\[1,1\],\[0,0\]\] leaves nothing/],
    ['an axis too far', () => w.BatchNormalization({ axis: 3 }), [2, 3], /batch_normalization: axis 3 is outside/],
    ['an axis too far', () => w.LayerNormalization({ axis: -4 }), [2, 3], /layer_normalization: axis -4 is outside/],
    ['channels that groups do not divide', () => w.GroupNormalization({ groups: 2 }), [2, 3], /3 channels do not divide into 2 groups/],
    ['a shared axis too far', () => w.PReLU({ sharedAxes: [3] }), [2, 3], /p_re_lu: axis 3 is outside/],
    ['a mask of another rank', () => w.Dropout(0.5, { noiseShape: [1] }), [2, 3], /dropout: noiseShape \[1\] does not fit inputs \[2, 3\]/],
    ['a mask of another length', () => w.Dropout(0.5, { noiseShape: [null, 2] }), [2, 3], /noiseShape \[None, 2\] does not fit inputs/],
    ['an image of rank 2', () => w.Resizing(1, 1), [2, 3], /resizing: needs inputs \[batch, height, width, channels\], got \[2, 3\]/],
  ];
  onEachBackend(() => {
    test.each(misfits)('%s: %#', (_, make, shape, says) => {
      expect(() => make().apply(w.zeros(shape), { training: true })).toThrow(says);
    });

    test('no tensor at all', () => {
      expect(() => w.Flatten().apply([1] as never)).toThrow(/flatten: x\[0\] must be a tensor, got number 1/);
    });
  }, ['cpu float32']);

  test.each<[string, () => w.Layer, (number | null)[]]>([
    ['Conv2D', () => w.Conv2D(1, 1), [null, 2, 2, null]],
    ['Dense', () => w.Dense(1), [null, null]],
    ['BatchNormalization', () => w.BatchNormalization(), [null, null]],
    ['PReLU', () => w.PReLU(), [null, null, 2]],
    ['GroupNormalization', () => w.GroupNormalization(), [null, 2, null]],
  ])('%s cannot be built where the lengths of its weights are not known', (_, make, shape) => {
    expect(() => make().build(shape)).toThrow(/not known|needs inputs/);
  });
});

// biome-ignore format: a table
const others: readonly (readonly [what: string, make: (options: never) => unknown, options: Readonly<Record<string, readonly unknown[]>>])[] = [
  ['constant', w.initializers.constant, { value: numbers }],
  ['identity', w.initializers.identity, { gain: numbers }],
  ['randomUniform', w.initializers.randomUniform, { minval: numbers, maxval: numbers, seed: seeds }],
  ['randomNormal', w.initializers.randomNormal, { mean: numbers, stddev: positive, seed: seeds }],
  ['truncatedNormal', w.initializers.truncatedNormal, { mean: numbers, stddev: positive, seed: seeds }],
  ['varianceScaling', w.initializers.varianceScaling, { scale: [...positive, 0], mode: words, distribution: words, seed: seeds }],
  ['orthogonal', w.initializers.orthogonal, { gain: numbers, seed: seeds }],
  ['zeros', w.initializers.zeros, {}],
  ['ones', w.initializers.ones, {}],
  ...(['glorotUniform', 'glorotNormal', 'heUniform', 'heNormal', 'lecunUniform', 'lecunNormal'] as const).map((name) => [name, w.initializers[name], { seed: seeds }] as const),
  ['L1', w.regularizers.L1, { l1: positive }],
  ['L2', w.regularizers.L2, { l2: positive }],
  ['L1L2', w.regularizers.L1L2, { l1: positive, l2: positive }],
  ['MaxNorm', w.constraints.MaxNorm, { maxValue: positive, axis: [1.5, 'x', ['x']] }],
  ['MinMaxNorm', w.constraints.MinMaxNorm, { minValue: positive, maxValue: positive, rate: shares, axis: [1.5, 'x', ['x']] }],
  ['NonNeg', w.constraints.NonNeg, {}],
  ['UnitNorm', w.constraints.UnitNorm, { axis: [1.5, 'x', ['x']] }],
];

test.each(
  others.flatMap(([what, make, options]) =>
    Object.entries(options).flatMap(([name, values]) => values.map((value) => [what, name, value, make] as const)),
  ),
)('%s: %s is not %j', (_, name, value, make) => {
  expect(() => make({ [name]: value } as never)).toThrow(
    expect.objectContaining({
      name: 'ValueError',
      message: expect.stringMatching(new RegExp(`\\b${name === 'axis' ? 'axis' : name}\\b`)),
    }),
  );
});

test.each(others)('%s refuses what it does not know', (_, make) => {
  expect(() => make({ no_such: 1 } as never)).toThrow(/unknown option no_such/);
  expect(() => make('x' as never)).toThrow(/options must be an object/);
});
