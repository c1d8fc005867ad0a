// Layers that move elements, the shapes that every layer says it gives, and the names of layers.
import { beforeEach, describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import type { Layer, PartialShape } from '../../src/layers/layer.ts';
import { expectClose, onEachBackend, wave } from '../models/support.ts';

const counted = (...shape: number[]) =>
  w.tensor(
    Float32Array.from({ length: shape.reduce((size, n) => size * n, 1) }, (_, i) => i + 1),
    shape,
  );

onEachBackend((place) => {
  // biome-ignore format: a table
  const moves: readonly (readonly [what: string, make: () => Layer, x: () => w.Tensor, expected: readonly number[], shape: readonly number[]])[] = [
    ['Flatten', () => w.Flatten(), () => counted(1, 2, 2), [1, 2, 3, 4], [1, 4]],
    ['Flatten of single numbers', () => w.Flatten(), () => counted(3), [1, 2, 3], [3, 1]],
    ['Flatten of channels first', () => w.Flatten({ dataFormat: 'channels_first' }), () => counted(1, 2, 2, 2), [1, 5, 2, 6, 3, 7, 4, 8], [1, 8]],
    ['Reshape', () => w.Reshape([3, -1]), () => counted(2, 6), counted12, [2, 3, 2]],
    ['Permute', () => w.Permute([2, 1]), () => counted(1, 2, 3), [1, 4, 2, 5, 3, 6], [1, 3, 2]],
    ['ZeroPadding2D', () => w.ZeroPadding2D(), () => counted(1, 1, 1, 1), [0, 0, 0, 0, 1, 0, 0, 0, 0], [1, 3, 3, 1]],
    ['ZeroPadding2D of rows and columns', () => w.ZeroPadding2D([1, 0]), () => counted(1, 1, 2, 1), [0, 0, 1, 2, 0, 0], [1, 3, 2, 1]],
    ['ZeroPadding2D of four sides', () => w.ZeroPadding2D([[1, 0], [0, 2]]), () => counted(1, 1, 1, 1), [0, 0, 0, 1, 0, 0], [1, 2, 3, 1]],
    ['Cropping2D', () => w.Cropping2D(1), () => counted(1, 3, 3, 1), [5], [1, 1, 1, 1]],
    ['Cropping2D of four sides', () => w.Cropping2D([[1, 0], [0, 1]]), () => counted(1, 2, 2, 1), [3], [1, 1, 1, 1]],
    ['UpSampling2D', () => w.UpSampling2D([1, 2]), () => counted(1, 1, 2, 1), [1, 1, 2, 2], [1, 1, 4, 1]],
    ['UpSampling2D between pixels', () => w.UpSampling2D(2, { interpolation: 'bilinear' }), () => counted(1, 1, 2, 1), [1, 1.25, 1.75, 2, 1, 1.25, 1.75, 2], [1, 2, 4, 1]],
    ['Resizing', () => w.Resizing(1, 4), () => counted(1, 1, 2, 1), [1, 1.25, 1.75, 2], [1, 1, 4, 1]],
    ['Resizing to the nearest', () => w.Resizing(1, 4, { interpolation: 'nearest' }), () => counted(1, 1, 2, 1), [1, 1, 2, 2], [1, 1, 4, 1]],
    ['Resizing of a single image of bytes', () => w.Resizing(1, 1), () => counted(2, 2, 1).cast('uint8'), [2.5], [1, 1, 1]],
    ['Resizing of a middle', () => w.Resizing(1, 1, { cropToAspectRatio: true }), () => counted(1, 1, 3, 1), [2], [1, 1, 1, 1]],
    ['Resizing in a frame', () => w.Resizing(3, 3, { padToAspectRatio: true, fillValue: 9 }), () => counted(1, 1, 3, 1), [9, 9, 9, 1, 2, 3, 9, 9, 9], [1, 3, 3, 1]],
    ['CenterCrop', () => w.CenterCrop(1, 2), () => counted(1, 3, 3, 1), [4, 5], [1, 1, 2, 1]],
    ['CenterCrop of a smaller image', () => w.CenterCrop(2, 2), () => counted(1, 1, 2, 1), [1, 1, 1, 1], [1, 2, 2, 1]],
    ['CenterCrop of a single image', () => w.CenterCrop(1, 1), () => counted(3, 3, 1), [5], [1, 1, 1]],
  ];
  test.each(moves)('%s', async (_, make, x, expected, shape) => {
    const y = make().apply(x());
    expect(y.shape).toEqual(shape);
    expectClose(await y.data(), expected, place);
  });

  // biome-ignore format: a table
  const ofImages: readonly (readonly [name: string, make: (options: { dataFormat?: string }) => Layer])[] = [
    ['Conv2D', (o) => w.Conv2D(3, 2, { ...o, kernelInitializer: seeded, groups: 1 })],
    ['DepthwiseConv2D', (o) => w.DepthwiseConv2D(2, { ...o, depthwiseInitializer: seeded })],
    ['SeparableConv2D', (o) => w.SeparableConv2D(3, 2, { ...o, depthwiseInitializer: seeded, pointwiseInitializer: seeded })],
    ['Conv2DTranspose', (o) => w.Conv2DTranspose(3, 2, { ...o, strides: 2, kernelInitializer: seeded })],
    ['MaxPooling2D', (o) => w.MaxPooling2D([1, 2], o)],
    ['AveragePooling2D', (o) => w.AveragePooling2D([1, 2], o)],
    ['GlobalAveragePooling2D', (o) => w.GlobalAveragePooling2D(o)],
    ['GlobalMaxPooling2D', (o) => w.GlobalMaxPooling2D({ ...o, keepdims: true })],
    ['ZeroPadding2D', (o) => w.ZeroPadding2D([[1, 0], [0, 2]], o)],
    ['Cropping2D', (o) => w.Cropping2D([[1, 0], [0, 2]], o)],
    ['UpSampling2D', (o) => w.UpSampling2D([1, 2], o)],
    ['Resizing', (o) => w.Resizing(2, 5, o)],
    ['CenterCrop', (o) => w.CenterCrop(2, 1, o)],
    ['SpatialDropout2D', (o) => w.SpatialDropout2D(0.5, o)],
  ];
  test.each(ofImages)('%s of channels first is that of channels last, turned', async (_, make) => {
    const x = w.tensor(wave(2 * 4 * 5 * 3), [2, 4, 5, 3]);
    const [last, first] = [make({}), make({ dataFormat: 'channels_first' })];
    const [a, b] = [last.apply(x), first.apply(x.transpose([0, 3, 1, 2]))];
    const turned = b.rank === 4 ? b.transpose([0, 2, 3, 1]) : b;
    expect(turned.shape).toEqual(a.shape);
    expectClose(await turned.data(), Array.from(await a.data()), place);
    expect(first.computeOutputShape([null, 3, 4, 5])).toEqual([null, ...b.shape.slice(1)]);
    expect(first.weights.map(({ shape }) => shape)).toEqual(last.weights.map(({ shape }) => shape));
  });
});

const seeded = w.initializers.glorotUniform({ seed: 3 });
const counted12 = Array.from({ length: 12 }, (_, i) => i + 1);

onEachBackend(() => {
  // biome-ignore format: a table
  const all: readonly (readonly [make: () => Layer, input: readonly number[], params: number, name: string])[] = [
      [() => w.Conv2D(4, [3, 2], { strides: 2, padding: 'same' }), [7, 8, 3], 3 * 2 * 3 * 4 + 4, 'conv2d'],
      [() => w.Conv2D(4, 3, { dilationRate: 2, groups: 2, useBias: false }), [7, 8, 6], 9 * 3 * 4, 'conv2d'],
      [() => w.DepthwiseConv2D(3, { depthMultiplier: 2 }), [5, 6, 3], 9 * 6 + 6, 'depthwise_conv2d'],
      [() => w.SeparableConv2D(5, 3, { strides: [2, 1], depthMultiplier: 2 }), [5, 6, 3], 9 * 6 + 30 + 5, 'separable_conv2d'],
      [() => w.Conv2DTranspose(5, 3, { strides: 2, padding: 'same' }), [5, 6, 3], 9 * 15 + 5, 'conv2d_transpose'],
      [() => w.MaxPooling2D(2, { strides: 1 }), [5, 6, 3], 0, 'max_pooling2d'],
      [() => w.AveragePooling2D([2, 3], { padding: 'same' }), [5, 7, 3], 0, 'average_pooling2d'],
      [() => w.GlobalAveragePooling2D(), [5, 6, 3], 0, 'global_average_pooling2d'],
      [() => w.GlobalMaxPooling2D({ keepdims: true }), [5, 6, 3], 0, 'global_max_pooling2d'],
      [() => w.Flatten(), [5, 6, 3], 0, 'flatten'],
      [() => w.Reshape([15, 6]), [5, 6, 3], 0, 'reshape'],
      [() => w.Permute([3, 1, 2]), [5, 6, 3], 0, 'permute'],
      [() => w.Dense(4), [5, 6], 28, 'dense'],
      [() => w.Dropout(0.5), [5, 6], 0, 'dropout'],
      [() => w.SpatialDropout2D(0.5), [5, 6, 3], 0, 'spatial_dropout2d'],
      [() => w.GaussianNoise(0.1), [5], 0, 'gaussian_noise'],
      [() => w.GaussianDropout(0.1), [5], 0, 'gaussian_dropout'],
      [() => w.AlphaDropout(0.1), [5], 0, 'alpha_dropout'],
      [() => w.Identity(), [5, 6], 0, 'identity'],
      [() => w.ActivityRegularization(), [5, 6], 0, 'activity_regularization'],
      [() => w.UnitNormalization(), [5, 6], 0, 'unit_normalization'],
      [() => w.BatchNormalization(), [5, 6, 3], 12, 'batch_normalization'],
      [() => w.BatchNormalization({ axis: 1, scale: false }), [5, 6, 3], 15, 'batch_normalization'],
      [() => w.LayerNormalization({ axis: [1, 3] }), [5, 6, 3], 30, 'layer_normalization'],
      [() => w.GroupNormalization({ groups: 2 }), [5, 6, 4], 8, 'group_normalization'],
      [() => w.GroupNormalization({ groups: -1, axis: 1, center: false }), [5, 6, 4], 5, 'group_normalization'],
      [() => w.Activation('relu'), [5], 0, 'activation'],
      [() => w.ReLU(), [5], 0, 're_lu'],
      [() => w.LeakyReLU(), [5], 0, 'leaky_re_lu'],
      [() => w.PReLU(), [5, 2], 10, 'p_re_lu'],
      [() => w.ELU(), [5], 0, 'elu'],
      [() => w.Softmax(), [5], 0, 'softmax'],
      [() => w.ZeroPadding2D([[1, 2], [3, 4]]), [5, 6, 3], 0, 'zero_padding2d'],
      [() => w.Cropping2D([[1, 2], [3, 1]]), [5, 6, 3], 0, 'cropping2d'],
      [() => w.UpSampling2D([2, 3]), [5, 6, 3], 0, 'up_sampling2d'],
      [() => w.Rescaling(2), [5, 6, 3], 0, 'rescaling'],
      [() => w.Resizing(3, 4), [5, 6, 3], 0, 'resizing'],
      [() => w.CenterCrop(3, 4), [5, 6, 3], 0, 'center_crop'],
      [() => w.RandomCrop(3, 4), [5, 6, 3], 0, 'random_crop'],
      [() => w.RandomFlip(), [5, 6, 3], 0, 'random_flip'],
      [() => w.RandomRotation(0.1), [5, 6, 3], 0, 'random_rotation'],
      [() => w.RandomTranslation(0.1, 0.1), [5, 6, 3], 0, 'random_translation'],
      [() => w.RandomZoom(0.1), [5, 6, 3], 0, 'random_zoom'],
      [() => w.RandomContrast(0.1), [5, 6, 3], 0, 'random_contrast'],
      [() => w.RandomBrightness(0.1), [5, 6, 3], 0, 'random_brightness'],
    ];
  beforeEach(() => w.clearSession());

  test.each(all.map(([make, ...line]) => [make().className, make, ...line] as const))(
    '%s says what it gives, and is called as in Keras',
    (_, make, input, params, name) => {
      w.clearSession();
      const [layer, second] = [make(), make()];
      expect([layer.name, second.name]).toEqual([name, `${name}_1`]);
      const said = layer.computeOutputShape([null, ...input]);
      const y = layer.apply(w.tensor(wave(2 * input.reduce((a, b) => a * b)), [2, ...input]));
      expect(said).toEqual([null, ...y.shape.slice(1)]);
      expect(layer.countParams()).toBe(params);
      // whatever the height and width turn out to be
      if (input.length === 3 && layer.className !== 'LayerNormalization') {
        const open: PartialShape = make().computeOutputShape([null, null, null, input[2]!]);
        open.slice(1).forEach((length, d) => {
          if (length !== null) expect(length).toBe(said[d + 1]);
        });
      }
    },
  );

  test('what is not known stays null, side by side with what is', () => {
    expect(w.Conv2D(4, 3).computeOutputShape([null, null, 8, 3])).toEqual([null, null, 6, 4]);
    expect(w.MaxPooling2D().computeOutputShape([null, 9, null, 3])).toEqual([null, 4, null, 3]);
    expect(w.Conv2DTranspose(4, 3, { strides: 2 }).computeOutputShape([null, null, 8, 3])).toEqual([null, null, 17, 4]);
    expect(w.ZeroPadding2D(3).computeOutputShape([null, 8, null, 3])).toEqual([null, 14, null, 3]);
    expect(w.Cropping2D(1).computeOutputShape([null, 8, null, 3])).toEqual([null, 6, null, 3]);
    expect(w.Flatten().computeOutputShape([null, null, 3])).toEqual([null, null]);
    expect(w.Reshape([-1, 4]).computeOutputShape([null, null, 3])).toEqual([null, null, 4]);
  });

  test('weights fit every size of image, once the channels are known', () => {
    const layer = w.Conv2D(2, 3);
    layer.build([null, null, null, 3]);
    expect(layer.apply(w.zeros([1, 5, 6, 3])).shape).toEqual([1, 3, 4, 2]);
    expect(layer.apply(w.zeros([2, 7, 7, 3])).shape).toEqual([2, 5, 5, 2]);
    expect(() => layer.apply(w.zeros([1, 5, 6, 4]))).toThrow(/conv2d: was built for inputs.*got \[1, 5, 6, 4\]/);
    const dense = w.Dense(2);
    expect(dense.apply(w.zeros([1, 5])).shape).toEqual([1, 2]);
    expect(dense.apply(w.zeros([1, 4, 5])).shape).toEqual([1, 4, 2]);
  });

  describe('a Sequential that begins with an Input', () => {
    test('is built at once, and does not count it among its layers', () => {
      const model = new w.Sequential([w.Input({ shape: [8, 8, 1] }), w.Conv2D(2, 3), w.ReLU(), w.Flatten()]);
      expect(model.layers.map(({ name }) => name)).toEqual(['conv2d', 're_lu', 'flatten']);
      expect(model.outputShape).toEqual([null, 72]);
      expect(model.sampleShape).toEqual([8, 8, 1]);
      expect(model.countParams()).toBe(20);
      const text = model.summaryText();
      for (const line of [/re_lu \(ReLU\) +│ \(None, 6, 6, 2\) +│ +0 │/, /Total params: 20/])
        expect(text).toMatch(line);
    });

    test('takes an InputLayer with a batch shape too, one layer after the other', () => {
      const model = new w.Sequential();
      model.add(w.InputLayer({ batchShape: [null, null, null, 3] })).add(w.Conv2D(2, 1));
      expect(model.outputShape).toEqual([null, null, null, 2]);
      expect(model.apply(w.zeros([2, 4, 5, 3])).shape).toEqual([2, 4, 5, 2]);
      expect(() => model.apply(w.zeros([2, 4, 5, 1]))).toThrow(/takes inputs \[None, None, None, 3\]/);
    });

    test('refuses one that comes later, or twice', () => {
      const input = () => w.Input({ shape: [2] });
      expect(() => new w.Sequential([w.Flatten(), input()])).toThrow(/input_layer must come first/);
      expect(() => new w.Sequential([input(), input()])).toThrow(/input_layer_\d must come first/);
    });
  });

  test('inputDim is an inputShape of one axis', () => {
    expect(new w.Sequential([w.Dense(2, { inputDim: 3 })]).outputShape).toEqual([null, 2]);
  });

  test('weights that are made to be trained come first, and freeing a layer does not free the others', () => {
    const layer = w.BatchNormalization({ inputShape: [2] });
    new w.Sequential([layer]);
    const names = (weights: readonly { name: string }[]) => weights.map(({ name }) => name.replace(/.*\//, ''));
    const all = ['gamma', 'beta', 'moving_mean', 'moving_variance'];
    expect(names(layer.weights)).toEqual(all);
    expect(names(layer.trainableWeights)).toEqual(all.slice(0, 2));
    expect(names(layer.nonTrainableWeights)).toEqual(all.slice(2));
    layer.trainable = false;
    expect([layer.trainableWeights, names(layer.nonTrainableWeights), names(layer.weights)]).toEqual([[], all, all]);
    layer.trainable = true;
    expect(names(layer.trainableWeights)).toEqual(all.slice(0, 2));
  });
}, ['cpu float32']);
