// The test vectors of the specification that layers must reproduce.
import { describe, expect, test } from 'vitest';
import {
  AveragePooling2D,
  BatchNormalization,
  Conv2D,
  DepthwiseConv2D,
  GlobalAveragePooling2D,
  GlobalMaxPooling2D,
  GroupNormalization,
  grad,
  type Layer,
  LayerNormalization,
  MaxPooling2D,
  mul,
  SeparableConv2D,
  Sequential,
  sum,
  type Tensor,
  tensor,
  UnitNormalization,
} from 'wgslgrad';
import { expectClose, onEachBackend } from '../models/support.ts';

/** 1, 2, ... as an image. */
const counted = (height: number, width = height, channels = 1) =>
  tensor(
    Float32Array.from({ length: height * width * channels }, (_, i) => i + 1),
    [1, height, width, channels],
  );

const sobel = Float32Array.of(1, 0, -1, 2, 0, -2, 1, 0, -1);

/** A layer on its own, with these weights. */
function withWeights(layer: Layer, x: Tensor, ...weights: Float32Array[]): Tensor {
  const model = new Sequential([layer]);
  model.build(x.shape);
  model.setWeights(weights);
  return model.apply(x);
}

onEachBackend((place) => {
  // biome-ignore format: tables
  const convolutions = [
    { side: 4, strides: 1, expected: [-10, -6, -6, 13, -24, -8, -8, 28, -40, -8, -8, 44, -38, -6, -6, 41] },
    { side: 4, strides: 2, expected: [-8, 28, -6, 41] },
    { side: 5, strides: 2, expected: [-11, -6, 17, -48, -8, 56, -61, -6, 67] },
  ];
  test.each(convolutions)('Conv2D same, strides $strides on $side x $side', async ({ side, strides, expected }) => {
    const layer = Conv2D(1, 3, { padding: 'SAME', strides, useBias: false });
    expectClose(await withWeights(layer, counted(side), sobel).data(), expected, place);
  });

  test('trap 1: same with strides 2 on an even side pads at the bottom and right only', async () => {
    const corner = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0);
    const layer = Conv2D(1, 3, { padding: 'same', strides: 2, useBias: false });
    expectClose(await withWeights(layer, counted(4), corner).data(), [1, 3, 9, 11], place);
  });

  // biome-ignore format: tables
  const pools = [
    { make: AveragePooling2D, side: 3, size: 2, strides: 2, expected: [3, 4.5, 7.5, 9] },
    { make: MaxPooling2D, side: 3, size: 2, strides: 2, expected: [5, 6, 8, 9] },
    // trap 2: cells of the padding do not count in a mean
    { make: AveragePooling2D, side: 3, size: 2, strides: 1, expected: [3, 4, 4.5, 6, 7, 7.5, 7.5, 8.5, 9] },
    { make: AveragePooling2D, side: 4, size: 3, strides: 2, expected: [6, 7.5, 12, 13.5] },
  ];
  test.each(pools)('$make.name same, $size x $size strides $strides on $side x $side', async (one) => {
    const y = one.make(one.size, { strides: one.strides, padding: 'same' }).apply(counted(one.side));
    expectClose(await y.data(), one.expected, place);
  });

  test('MaxPooling2D same over negative cells: padding never wins', async () => {
    const y = MaxPooling2D(2, { padding: 'same' }).apply(counted(3).neg());
    expectClose(await y.data(), [-1, -3, -7, -9], place);
  });

  test('the gradient of a maximum goes to the first of equals, that of a mean to all', async () => {
    const flat = tensor(new Float32Array(4).fill(2), [1, 2, 2, 1]);
    const slope = (layer: Layer) => grad((x: Tensor) => sum(mul(layer.apply(x), 6)))(flat);
    expectClose(await slope(MaxPooling2D(2)).data(), [6, 0, 0, 0], place);
    expectClose(await slope(GlobalMaxPooling2D()).data(), [6, 0, 0, 0], place);
    expectClose(await slope(GlobalAveragePooling2D()).data(), [1.5, 1.5, 1.5, 1.5], place);
  });

  test('global pools see each channel', async () => {
    const x = counted(2, 2, 2);
    expectClose(await GlobalAveragePooling2D().apply(x).data(), [4, 5], place);
    expectClose(await GlobalMaxPooling2D().apply(x).data(), [7, 8], place);
    expect(GlobalMaxPooling2D({ keepdims: true }).apply(x).shape).toEqual([1, 1, 1, 2]);
  });

  describe('grouped, dilated, depthwise and separable convolutions', () => {
    test('each group of filters sees its own channels', async () => {
      // kernel [1, 1, 2, 2]: filter 0 is (1, 2) over channels 0 and 1, filter 1 is (10, 20) over channels 2 and 3
      const layer = Conv2D(2, 1, { groups: 2, useBias: false });
      const y = withWeights(layer, tensor([[[[1, 2, 3, 4]]]]), Float32Array.of(1, 10, 2, 20));
      expectClose(await y.data(), [5, 110], place);
      expect(layer.countParams()).toBe(4);
    });

    test('dilation 2 reads every second cell', async () => {
      const layer = Conv2D(1, 2, { dilationRate: 2, useBias: false });
      const y = withWeights(layer, counted(3), Float32Array.of(1, 10, 100, 1000));
      expectClose(await y.data(), [1 + 30 + 700 + 9000], place);
    });

    test('channel c gives results c * multiplier + m', async () => {
      const layer = DepthwiseConv2D(1, { depthMultiplier: 2 });
      const y = withWeights(layer, tensor([[[[1, 10]]]]), Float32Array.of(1, 2, 3, 4), Float32Array.of(0, 0, 0.5, 0));
      expectClose(await y.data(), [1, 2, 30.5, 40], place);
      expect(layer.countParams()).toBe(8);
    });

    test('a separable one mixes them afterwards, and adds its bias only there', async () => {
      const layer = SeparableConv2D(2, 1, { depthMultiplier: 2 });
      const pointwise = Float32Array.of(1, 0, 1, 0, 0, 1, 0, 1);
      const y = withWeights(
        layer,
        tensor([[[[1, 10]]]]),
        Float32Array.of(1, 2, 3, 4),
        pointwise,
        Float32Array.of(0.5, 0),
      );
      expectClose(await y.data(), [3.5, 70], place);
      expect(layer.weights.map(({ name }) => name.replace(/.*\//, ''))).toEqual([
        'depthwise_kernel',
        'pointwise_kernel',
        'bias',
      ]);
    });
  });

  describe('normalisation', () => {
    const rows = () =>
      tensor([
        [1, 2],
        [3, 6],
        [5, 4],
      ]);
    const moving = async (layer: Layer) => {
      const values = await Promise.all(layer.weights.slice(2).map(({ variable }) => variable.data()));
      return values.flatMap((one) => Array.from(one));
    };

    test('BatchNormalization on its batch, and what it remembers', async () => {
      const layer = BatchNormalization();
      const y = layer.apply(rows(), { training: true });
      expectClose(await y.data(), [-1.22451498, -1.22451498, 0, 1.22451498, 1.22451498, 0], place);
      expectClose(await moving(layer), [0.03, 0.04, 1.01666667, 1.01666667], place);
      // x s + (b - m s) with s = g / sqrt(v + e)
      const scale = 1 / Math.sqrt(1.01666667 + 1e-3);
      const expected = [0.97, 1.96, 2.97, 5.96, 4.97, 3.96].map((off) => off * scale);
      expectClose(await layer.apply(rows()).data(), expected, place);
      expectClose(await moving(layer), [0.03, 0.04, 1.01666667, 1.01666667], place);
    });

    test('BatchNormalization along another axis', async () => {
      const layer = BatchNormalization({ axis: 1 });
      const y = layer.apply(rows().transpose().reshape([1, 2, 3]), { training: true });
      expectClose(await y.data(), [-1.22451498, 0, 1.22451498, -1.22451498, 1.22451498, 0], place);
      expectClose(await moving(layer), [0.03, 0.04, 1.01666667, 1.01666667], place);
    });

    test('its statistics are sound far from 0', async () => {
      const y = BatchNormalization({ epsilon: 0 }).apply(tensor([[10000], [10001], [10002]]), { training: true });
      expectClose(await y.data(), [-1.22474487, 0, 1.22474487], place);
    });

    test('UnitNormalization along an axis, and along several; zeros stay', async () => {
      const x = tensor([[3, 4], [0, 0]]); // biome-ignore format: rows
      expectClose(await UnitNormalization().apply(x).data(), [0.6, 0.8, 0, 0], place);
      const cube = tensor([0, 1, 2, 3, 4, 5, 6, 7], [2, 2, 2]);
      const norms = [Math.sqrt(14), Math.sqrt(126)];
      expectClose(
        await UnitNormalization({ axis: [1, 2] })
          .apply(cube)
          .data(),
        [0, 1, 2, 3, 4, 5, 6, 7].map((v, k) => v / norms[k >> 2]!),
        place,
      );
      const slope = await grad((v: Tensor) => UnitNormalization().apply(v).sum())(x).data();
      // (1 - u Σu) / length of a vector with direction u; none where there is no direction
      expectClose(slope.subarray(0, 2), [(1 - 0.6 * 1.4) / 5, (1 - 0.8 * 1.4) / 5], place);
      expect(Array.from(slope).every((v) => Number.isFinite(v))).toBe(true);
    });

    test('LayerNormalization and GroupNormalization on each sample', async () => {
      const deviation = Math.sqrt(1.25 + 1e-3);
      const each = [-1.5, -0.5, 0.5, 1.5].map((off) => off / deviation);
      const x = tensor([
        [1, 2, 3, 4],
        [10, 11, 12, 13],
      ]);
      expectClose(await LayerNormalization().apply(x).data(), [...each, ...each], place);
      // two pixels of four channels in two groups
      const image = tensor([1, 2, 30, 40, 3, 4, 50, 60], [1, 2, 1, 4]);
      const large = Math.sqrt(125 + 1e-3);
      const [a, b, c, d] = [-15, -5, 5, 15].map((off) => off / large) as [number, number, number, number];
      const expected = [each[0]!, each[1]!, a, b, each[2]!, each[3]!, c, d];
      expectClose(await GroupNormalization({ groups: 2 }).apply(image).data(), expected, place);
    });
  });
});
