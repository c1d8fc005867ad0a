// What a file holds of a layer: Keras' words, from which the same layer comes back.
import { beforeEach, describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { layerFromConfig } from '../../src/layers/fromConfig.ts';

const { constraints, initializers, regularizers } = w;

// biome-ignore format: a table
const layers: readonly (() => w.Layer)[] = [
  () => w.Conv2D(4, [3, 2], { strides: [2, 1], padding: 'SAME', dataFormat: 'channelsFirst', groups: 2, activation: 'relu', useBias: false, trainable: false, kernelInitializer: initializers.heNormal({ seed: 3 }), kernelRegularizer: 'l2', kernelConstraint: constraints.MaxNorm(3), activityRegularizer: regularizers.L1(0.5) }),
  () => w.Conv2D(4, 3, { dilationRate: 2, activation: 'hardSwish', biasRegularizer: regularizers.L1L2({ l1: 0.1, l2: 0.2 }), biasConstraint: 'NonNeg' }),
  () => w.DepthwiseConv2D(3, { depthMultiplier: 2, depthwiseInitializer: initializers.orthogonal({ gain: 2 }), depthwiseConstraint: constraints.UnitNorm({ axis: [0, 1] }), depthwiseRegularizer: 'l1' }),
  () => w.SeparableConv2D(5, 3, { pointwiseInitializer: initializers.varianceScaling({ scale: 2, mode: 'fan_avg', distribution: 'uniform' }), pointwiseRegularizer: 'l1', pointwiseConstraint: 'max_norm' }),
  () => w.Conv2DTranspose(5, 3, { strides: 2, outputPadding: 1, kernelInitializer: initializers.randomUniform({ minval: -1 }) }),
  () => w.MaxPooling2D(3, { strides: 2, padding: 'same' }),
  () => w.MaxPooling2D(),
  () => w.AveragePooling2D([2, 3]),
  () => w.GlobalAveragePooling2D({ keepdims: true }),
  () => w.GlobalMaxPooling2D(),
  () => w.Flatten(),
  () => w.Reshape([3, -1]),
  () => w.Permute([2, 1]),
  () => w.Dense(4, { name: 'mine', activation: 'softmax', kernelInitializer: initializers.truncatedNormal({ mean: 1 }), biasInitializer: initializers.constant(2) }),
  () => w.Dropout(0.3, { noiseShape: [null, 1, 3], seed: 4 }),
  () => w.SpatialDropout2D(0.3),
  () => w.GaussianNoise(0.3, { seed: 1 }),
  () => w.GaussianDropout(0.3),
  () => w.AlphaDropout(0.3, { noiseShape: [null, 1] }),
  () => w.Identity(),
  () => w.ActivityRegularization({ l1: 0.1 }),
  () => w.UnitNormalization({ axis: [1, 2] }),
  () => w.Dense(2, { kernelConstraint: constraints.MinMaxNorm({ minValue: 0.5, rate: 0.25 }) }),
  () => w.BatchNormalization({ axis: 1, momentum: 0.9, epsilon: 1e-5, scale: false, movingMeanInitializer: 'ones', betaRegularizer: 'l2', gammaConstraint: 'non_neg' }),
  () => w.LayerNormalization({ axis: [1, 2], betaInitializer: initializers.randomNormal({ stddev: 1 }) }),
  () => w.GroupNormalization({ groups: 4, center: false }),
  () => w.Activation('leakyRelu'),
  () => w.ReLU({ maxValue: 6, negativeSlope: 0.1, threshold: 1 }),
  () => w.LeakyReLU(0.1),
  () => w.PReLU({ sharedAxes: [1, 2], alphaInitializer: initializers.identity({ gain: 2 }), alphaRegularizer: 'l1', alphaConstraint: 'unit_norm' }),
  () => w.ELU(0.5),
  () => w.Softmax(1),
  () => w.ZeroPadding2D([1, 2]),
  () => w.Cropping2D([[1, 0], [0, 2]]),
  () => w.UpSampling2D(3, { interpolation: 'bilinear' }),
  () => w.Rescaling(1 / 255, { offset: -1 }),
  () => w.Rescaling([1, 2]),
  () => w.Resizing(8, 9, { interpolation: 'nearest', cropToAspectRatio: true }),
  () => w.Resizing(8, 9, { padToAspectRatio: true, fillValue: 1 }),
  () => w.CenterCrop(8, 9),
  () => w.RandomFlip(),
  () => w.RandomFlip('vertical', { seed: 3, strict: true }),
  () => w.RandomRotation(0.2, { fillMode: 'constant', fillValue: 3, interpolation: 'nearest' }),
  () => w.RandomTranslation([-0.1, 0.2], 0.3, { fillMode: 'wrap' }),
  () => w.RandomZoom(0.2),
  () => w.RandomZoom([-0.5, -0.2], 0.1, { dataFormat: 'channels_first' }),
  () => w.RandomContrast([0.2, 0.4], { valueRange: [0, 1] }),
  () => w.RandomBrightness(0.3, { seed: 1 }),
  () => w.RandomCrop(3, 4, { seed: 7 }),
  () => w.InputLayer({ shape: [8, null, 3] }),
];

const entryOf = (layer: w.Layer) => ({ class_name: layer.className, config: layer.getConfig() });

beforeEach(() => w.clearSession());

test.each(layers.map((make) => [make().className, make] as const))('%s comes back from its text', (_, make) => {
  const layer = make();
  const text = JSON.stringify(entryOf(layer));
  const again = layerFromConfig(JSON.parse(text));
  expect(JSON.stringify(entryOf(again))).toBe(text);
  expect([again.className, again.name, again.trainable]).toEqual([layer.className, layer.name, layer.trainable]);
});

test('every option of Conv2D in the words of Keras', () => {
  const described = (module: string, class_name: string, config: object) => ({
    module: `keras.${module}`,
    class_name,
    config,
    registered_name: null,
  });
  const layer = w.Conv2D(32, 3, {
    activation: 'swish',
    kernelRegularizer: regularizers.l2(0.1),
    kernelConstraint: 'max_norm',
  });
  expect(layer.getConfig()).toEqual({
    name: 'conv2d',
    trainable: true,
    dtype: { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null },
    filters: 32,
    kernel_size: [3, 3],
    strides: [1, 1],
    padding: 'valid',
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    groups: 1,
    activation: 'silu',
    use_bias: true,
    kernel_initializer: described('initializers', 'GlorotUniform', { seed: null }),
    bias_initializer: described('initializers', 'Zeros', {}),
    kernel_regularizer: described('regularizers', 'L2', { l2: 0.1 }),
    bias_regularizer: null,
    kernel_constraint: described('constraints', 'MaxNorm', { max_value: 2, axis: 0 }),
    bias_constraint: null,
  });
});

// biome-ignore format: a table
const named: readonly (readonly [made: object, class_name: string, config: object])[] = [
  [initializers.Zeros(), 'Zeros', {}],
  [initializers.Ones(), 'Ones', {}],
  [initializers.Constant(), 'Constant', { value: 0 }],
  [initializers.Identity(), 'Identity', { gain: 1 }],
  [initializers.RandomNormal(), 'RandomNormal', { seed: null, mean: 0, stddev: 0.05 }],
  [initializers.RandomUniform({ seed: 2 }), 'RandomUniform', { seed: 2, minval: -0.05, maxval: 0.05 }],
  [initializers.TruncatedNormal(), 'TruncatedNormal', { seed: null, mean: 0, stddev: 0.05 }],
  [initializers.VarianceScaling(), 'VarianceScaling', { seed: null, scale: 1, mode: 'fan_in', distribution: 'truncated_normal' }],
  [initializers.Orthogonal(), 'Orthogonal', { seed: null, gain: 1 }],
  ...(['GlorotUniform', 'GlorotNormal', 'HeUniform', 'HeNormal', 'LecunUniform', 'LecunNormal'] as const).map(
    (name) => [initializers[name]({ seed: 5 }), name, { seed: 5 }] as const,
  ),
  [regularizers.L1(), 'L1', { l1: 0.01 }],
  [regularizers.L2(), 'L2', { l2: 0.01 }],
  [regularizers.L1L2(), 'L1L2', { l1: 0, l2: 0 }],
  [constraints.MaxNorm(), 'MaxNorm', { max_value: 2, axis: 0 }],
  [constraints.MinMaxNorm(), 'MinMaxNorm', { min_value: 0, max_value: 1, rate: 1, axis: 0 }],
  [constraints.NonNeg(), 'NonNeg', {}],
  [constraints.UnitNorm(), 'UnitNorm', { axis: 0 }],
];
test.each(named.map(([made, name, config]) => [name, made, config] as const))(
  '%s knows itself',
  (name, made, config) => {
    expect([Reflect.get(made, 'className'), Reflect.get(made, 'config')]).toEqual([name, config]);
  },
);

describe('files of Keras 2', () => {
  test('a first layer with its input, initializers with a dtype, strings for policies', () => {
    const layer = layerFromConfig({
      class_name: 'Conv2D',
      config: {
        name: 'first',
        trainable: true,
        batch_input_shape: [null, 28, 28, 1],
        dtype: 'float32',
        filters: 2,
        kernel_size: [3, 3],
        strides: [1, 1],
        padding: 'valid',
        data_format: 'channels_last',
        dilation_rate: [1, 1],
        groups: 1,
        activation: 'relu',
        use_bias: true,
        kernel_initializer: { class_name: 'GlorotUniform', config: { seed: null, dtype: 'float32' } },
        bias_initializer: { class_name: 'Zeros', config: {} },
        kernel_regularizer: { class_name: 'L2', config: { l2: 0.5 } },
        bias_regularizer: null,
        activity_regularizer: null,
        kernel_constraint: null,
        bias_constraint: null,
      },
    });
    expect(new w.Sequential([layer]).outputShape).toEqual([null, 26, 26, 2]);
    expect(layer.getConfig()).toMatchObject({ kernel_regularizer: { class_name: 'L2', config: { l2: 0.5 } } });
  });

  test('names and lists of then', () => {
    const ofThen = (class_name: string, config: object) => layerFromConfig({ class_name, config }).getConfig();
    expect(ofThen('LeakyReLU', { alpha: 0.25 })).toMatchObject({ negative_slope: 0.25 });
    expect(ofThen('BatchNormalization', { axis: [3] })).toMatchObject({ axis: 3 });
    expect(ofThen('InputLayer', { batch_input_shape: [null, 2], sparse: false, name: 'in' })).toMatchObject({
      batch_shape: [null, 2],
    });
    const convolution = {
      filters: 2,
      kernel_size: [1, 1],
      groups: 1,
      kernel_initializer: { class_name: 'Zeros', config: {} },
    };
    expect(ofThen('SeparableConv2D', convolution)).toMatchObject({ filters: 2 });
  });
});

test('options of Keras 3 that change nothing are passed over', () => {
  const of = (class_name: string, config: object) => () => layerFromConfig({ class_name, config });
  expect(of('BatchNormalization', { synchronized: false })().className).toBe('BatchNormalization');
  expect(of('Resizing', { height: 1, width: 1, antialias: false, fill_mode: 'constant' })().className).toBe('Resizing');
  expect(of('Dense', { units: 1, quantization_config: null })().className).toBe('Dense');
  expect(of('BatchNormalization', { synchronized: true })).toThrow(/BatchNormalization with synchronized true/);
});

test.each<[string, unknown, RegExp]>([
  ['nothing', null, /FormatError|expected \{ class_name, config \}, got null/],
  ['no class', { config: {} }, /expected \{ class_name, config \}/],
  ['a config that is none', { class_name: 'Dense', config: 3 }, /expected \{ class_name, config \}/],
  ['an unknown class', { class_name: 'LSTM', config: {} }, /unknown layer LSTM; there are Activation, /],
  ['a name that every object has', { class_name: 'constructor', config: {} }, /unknown layer constructor/],
  ['code', { class_name: 'Lambda', config: { function: 'gAAAA' } }, /a Lambda layer is Python code/],
  ['an option that does not exist', { class_name: 'Flatten', config: { depth: 2 } }, /Flatten: unknown option depth/],
  [
    'a missing argument',
    { class_name: 'Dense', config: {} },
    /dense: units must be a whole number of at least 1, got undefined/,
  ],
  [
    'a function of the user’s own',
    {
      class_name: 'Activation',
      config: { activation: { module: 'builtins', class_name: 'function', config: 'mine' } },
    },
    /unknown activation .*mine/,
  ],
  [
    'an unknown initializer',
    { class_name: 'Dense', config: { units: 1, kernel_initializer: { class_name: 'Mine', config: {} } } },
    /dense: kernelInitializer: unknown initializer string "Mine"/,
  ],
  [
    'an initializer that is described wrongly',
    { class_name: 'Dense', config: { units: 1, kernel_initializer: { class_name: 'Constant', config: { gain: 1 } } } },
    /initializer constant: unknown option gain/,
  ],
])('%s is refused', (_, given, says) => {
  expect(() => layerFromConfig(given)).toThrow(says);
});

test('functions of the user’s own are named, as Keras does', () => {
  const layer = w.Dense(1, {
    activation: function mine(x) {
      return x;
    },
    kernelInitializer: (shape) => new Float64Array(shape[0]! * shape[1]!),
  });
  expect(layer.getConfig()).toMatchObject({
    activation: { module: 'builtins', class_name: 'function', config: 'mine', registered_name: 'function' },
    kernel_initializer: { class_name: 'function', config: 'kernelInitializer' },
  });
});
