// Layers that change images at random: only while training, each image in its own way, by the matrices of the specification (3.8).
import { beforeEach, describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { expectClose, onEachBackend, startOver } from '../models/support.ts';
import { floats } from '../support/values.ts';

const training = { training: true };

const counted = (h: number, width: number, c = 1) =>
  w.tensor(
    Array.from({ length: h * width * c }, (_, i) => i + 1),
    [1, h, width, c],
  );

const trained = async (layer: w.Layer, x = counted(4, 4)) => Array.from(await layer.apply(x, training).data());

const turned20 = [
  ...[1.6035, 2.5432, 4.5288, 6.414, 3.33, 5.6377, 7.9455, 10.1727],
  ...[6.8273, 9.0545, 11.3623, 13.67, 10.586, 12.4712, 14.4568, 15.3965],
];

// biome-ignore format: a table
const layers: readonly (readonly [string, () => w.Layer])[] = [
  ['RandomFlip', () => w.RandomFlip()],
  ['RandomFlip, strict', () => w.RandomFlip('horizontal_and_vertical', { strict: true })],
  ['RandomRotation', () => w.RandomRotation(0.2)],
  ['RandomTranslation', () => w.RandomTranslation(0.3, 0.2)],
  ['RandomZoom', () => w.RandomZoom(0.5)],
  ['RandomZoom along both', () => w.RandomZoom(0.5, [0.1, 0.3])],
  ['RandomContrast', () => w.RandomContrast(0.5)],
  ['RandomBrightness', () => w.RandomBrightness(0.1)],
];

onEachBackend((place) => {
  beforeEach(() => startOver(3));

  test.each<[string, () => w.Layer, number[]]>([
    [
      'zoom 1.5',
      () => w.RandomZoom([0.5, 0.5]),
      [1, 1.75, 3.25, 4, 4, 4.75, 6.25, 7, 10, 10.75, 12.25, 13, 13, 13.75, 15.25, 16],
    ],
    ['a quarter down', () => w.RandomTranslation([0.25, 0.25], 0), [1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    [
      'a quarter to the right',
      () => w.RandomTranslation(0, [0.25, 0.25]),
      [1, 1, 2, 3, 5, 5, 6, 7, 9, 9, 10, 11, 13, 13, 14, 15],
    ],
    [
      'a quarter of a turn',
      () => w.RandomRotation([0.25, 0.25]),
      [4, 8, 12, 16, 3, 7, 11, 15, 2, 6, 10, 14, 1, 5, 9, 13],
    ],
  ])('1 ... 16: %s', async (_, layer, expected) => {
    expectClose(await trained(layer()), expected, place);
  });

  test('1 ... 16: 20 degrees, and zoom 0.5', async () => {
    const found = await trained(w.RandomRotation([20 / 360, 20 / 360]));
    turned20.forEach((value, i) => {
      expect(Math.abs(found[i]! - value)).toBeLessThan(6e-5);
    });
    expectClose((await trained(w.RandomZoom([-0.5, -0.5]))).slice(0, 4), [4.75, 5.25, 5.75, 6.25], place);
  });

  test.each<[string, object, number[]]>([
    ['reflect', {}, [2, 1, 1, 2]],
    ['nearest', { fillMode: 'nearest' }, [1, 1, 1, 2]],
    ['wrap', { fillMode: 'wrap' }, [3, 4, 1, 2]],
    ['constant', { fillMode: 'constant', fillValue: 9 }, [9, 9, 1, 2]],
  ])('outside: %s', async (_, options, expected) => {
    const half = w.RandomTranslation(0, [0.5, 0.5], options);
    expect(await trained(half, counted(1, 4))).toEqual(expected);
  });

  test('constant blends at the border, and nearest pixels do not', async () => {
    const shift = (options: object) =>
      trained(w.RandomTranslation(0, [0.125, 0.125], { fillMode: 'constant', ...options }), counted(1, 4));
    expect(await shift({})).toEqual([0.5, 1.5, 2.5, 3.5]);
    expect(await shift({ interpolation: 'nearest' })).toEqual([1, 2, 3, 4]);
  });

  test.each(layers)('%s: nothing but floats without training', async (_, make) => {
    const x = w.tensor(
      Uint8Array.from({ length: 24 }, (_, i) => i),
      [1, 4, 3, 2],
    );
    for (const options of [{}, { training: false }]) {
      const y = make().apply(x, options);
      expect(y.dtype).toBe(place === 'cpu float64' ? 'float64' : 'float32');
      expect(Array.from(await y.data())).toEqual(Array.from(await x.data()));
    }
  });

  test.each(layers)('%s: single images, batches and both orders of axes', async (_, make) => {
    const values = floats(60, 61, 0, 200);
    const one = w.tensor(values, [5, 4, 3]);
    const seeded = (options: object = {}) => {
      const layer = make();
      return new (layer.constructor as new (options: object) => w.Layer)({ ...settingsOf(layer), seed: 4, ...options });
    };
    const alone = seeded().apply(one, training);
    expect(alone.shape).toEqual([5, 4, 3]);
    const batch = seeded().apply(w.expandDims(one, 0), training);
    expect(Array.from(await batch.data())).toEqual(Array.from(await alone.data()));
    const first = seeded({ dataFormat: 'channels_first' }).apply(w.transpose(one, [2, 0, 1]), training);
    expect(Array.from(await w.transpose(first, [1, 2, 0]).data())).toEqual(Array.from(await alone.data()));
  });

  test.each(layers)(
    '%s: each image in its own way, another at each call, the same again from the same seed',
    async (_, make) => {
      const image = floats(6 * 5, 62, 0, 200);
      const x = w.tensor(Array.from({ length: 40 }, () => Array.from(image)).flat(), [40, 6, 5, 1]);
      const run = async () => {
        const layer = make();
        return [await layer.apply(x, training).data(), await layer.apply(x, training).data()];
      };
      startOver(9);
      const [once, twice] = await run();
      expect(once).not.toEqual(twice);
      const images = Array.from({ length: 40 }, (_, i) => Array.from(once!.subarray(i * 30, (i + 1) * 30)).join());
      expect(new Set(images).size).toBeGreaterThan(1);
      startOver(9);
      expect(await run()).toEqual([once, twice]);
    },
  );

  test('flips take place by two coins; strict by one', async () => {
    const corners = async (layer: w.Layer) => {
      const x = w.tile(
        w.tensor([
          [
            [[0], [1]],
            [[2], [3]],
          ],
        ]),
        [400, 1, 1, 1],
      );
      const y = await layer.apply(x, training).data();
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < 400; i++) counts[y[4 * i]!]!++;
      return counts;
    };
    // the pixel that comes to the upper left: 0 none, 1 sideways, 2 upside down, 3 both; five deviations of 400 coins
    for (const count of await corners(w.RandomFlip())) expect(Math.abs(count - 100)).toBeLessThan(44);
    const [none, side, down, both] = await corners(w.RandomFlip('horizontal_and_vertical', { strict: true }));
    expect([side, down]).toEqual([0, 0]);
    expect(Math.abs(none! - 200)).toBeLessThan(50);
    expect(none! + both!).toBe(400);
    const sideways = await corners(w.RandomFlip('horizontal'));
    expect(sideways.slice(2)).toEqual([0, 0]);
    expect(Math.abs(sideways[0]! - 200)).toBeLessThan(50);
    const vertical = await corners(w.RandomFlip('vertical'));
    expect([vertical[1], vertical[3]]).toEqual([0, 0]);
  });

  test('RandomZoom keeps the ratio of sides unless it has two factors', async () => {
    // column + 10 row: how far the corners are seen apart
    const x = w.tensor(
      Array.from({ length: 25 }, (_, i) => (i % 5) + 10 * Math.floor(i / 5)),
      [1, 5, 5, 1],
    );
    const sides = async (layer: w.Layer) => {
      const y = await layer.apply(x, training).data();
      return [(y[13]! - y[12]!) / 1, (y[17]! - y[12]!) / 10];
    };
    const [across, along] = await sides(w.RandomZoom(0.4));
    expect(Math.abs(across! - along!)).toBeLessThan(1e-5);
    const [wide, high] = await sides(w.RandomZoom(0.4, 0.4));
    expect(Math.abs(wide! - high!)).toBeGreaterThan(1e-3);
    const [only, none] = await sides(w.RandomZoom(0, { widthFactor: [0.25, 0.25] }));
    expectClose([only!, none!], [1.25, 1], place);
  });

  test('RandomContrast: around the mean of each channel, cut off at the range of values', async () => {
    const x = () => w.tensor([[[[10, 0]], [[30, 100]]]]);
    const wide = { seed: 1, valueRange: [-1000, 1000] };
    const [a, b, c, d] = (await trained(w.RandomContrast(0.5, wide), x())) as [number, number, number, number];
    const factor = (c - a) / 20;
    expect(factor).toBeGreaterThanOrEqual(0.5);
    expect(factor).toBeLessThan(1.5);
    expectClose([a, b, c, d], [20 - 10 * factor, 50 - 50 * factor, 20 + 10 * factor, 50 + 50 * factor], place);
    expect(await trained(w.RandomContrast(0), x())).toEqual([10, 0, 30, 100]);
    const double = await trained(w.RandomContrast([0, 1], { valueRange: [5, 60] }), x());
    for (const value of double) expect(value >= 5 && value <= 60).toBe(true);
    expect(double[1]).toBe(5);
    expect(double[3]).toBe(60);
  });

  test('RandomBrightness: a part of the range of values', async () => {
    const x = () => w.tensor([[[[10, 200]]]]);
    expectClose(await trained(w.RandomBrightness([0.2, 0.2]), x()), [61, 251], place);
    expectClose(await trained(w.RandomBrightness([-0.2, -0.2]), x()), [0, 149], place);
    expectClose(
      await trained(w.RandomBrightness([0.5, 0.5], { valueRange: [0, 1] }), w.tensor([[[[0.25, 0.75]]]])),
      [0.75, 1],
      place,
    );
    const many = await trained(w.RandomBrightness(0.1), w.full([500, 1, 1, 1], 100));
    expect(Math.min(...many)).toBeGreaterThanOrEqual(74.5);
    expect(Math.max(...many)).toBeLessThanOrEqual(125.5);
    expect(Math.max(...many) - Math.min(...many)).toBeGreaterThan(48);
  });

  describe('RandomCrop', () => {
    test('cuts every place out as often as the others, pixel by pixel', async () => {
      const x = w.tile(counted(4, 5), [1200, 1, 1, 1]);
      const y = w.RandomCrop(3, 3).apply(x, training);
      expect(y.shape).toEqual([1200, 3, 3, 1]);
      const values = await y.data();
      const corners = new Map<number, number>();
      for (let i = 0; i < 1200; i++) {
        const corner = values[9 * i]!;
        corners.set(corner, (corners.get(corner) ?? 0) + 1);
        const expected = [0, 1, 2, 5, 6, 7, 10, 11, 12].map((off) => corner + off);
        expect(Array.from(values.subarray(9 * i, 9 * i + 9))).toEqual(expected);
      }
      expect([...corners.keys()].sort((a, b) => a - b)).toEqual([1, 2, 3, 6, 7, 8]);
      // six deviations of a sixth of 1200
      for (const count of corners.values()) expect(Math.abs(count - 200)).toBeLessThan(78);
    });

    test('of the same size changes nothing; else the largest middle, resized', async () => {
      expect(await trained(w.RandomCrop(4, 4))).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
      const middle = Array.from(await w.RandomCrop(2, 2).apply(counted(4, 4)).data());
      expectClose(middle, [3.5, 5.5, 11.5, 13.5], place);
      expect(await trained(w.RandomCrop(8, 8))).toHaveLength(64);
      expect(await trained(w.RandomCrop(2, 4), counted(1, 4))).toEqual([2, 2.25, 2.75, 3, 2, 2.25, 2.75, 3]);
      const alone = w.RandomCrop(2, 3).apply(w.reshape(counted(4, 4), [4, 4, 1]), training);
      expect(alone.shape).toEqual([2, 3, 1]);
    });
  });

  test('a model trains on changed images and predicts from those that it is given', async () => {
    const model = new w.Sequential([
      w.RandomFlip('horizontal', { inputShape: [4, 4, 1] }),
      w.RandomTranslation(0.2, 0.2),
      w.RandomRotation(0.1, { seed: 3 }),
      w.RandomContrast(0.2),
      w.RandomCrop(3, 3),
      w.Flatten(),
      w.Dense(1, { kernelInitializer: 'ones' }),
    ]);
    model.compile({ optimizer: w.optimizers.SGD({ learningRate: 0 }), loss: 'mae' });
    const x = w.tile(counted(4, 4), [6, 1, 1, 1]);
    const losses: number[] = [];
    const callbacks = [{ onEpochEnd: (_: number, { loss }: w.Logs) => void losses.push(loss!) }];
    await model.fit(x, w.zeros([6, 1]), { epochs: 4, batchSize: 2, verbose: 0, callbacks });
    expect(new Set(losses).size).toBe(4);
    const [first, second] = [await model.predict(x, { verbose: 0 }), await model.predict(x, { verbose: 0 })];
    expect(await first.data()).toEqual(await second.data());
  });
});

/** The options that make a layer again, in our words. */
function settingsOf(layer: w.Layer): object {
  const { name: _, trainable: __, dtype: ___, ...config } = layer.getConfig();
  const camel = (text: string) => text.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(
    Object.entries(config)
      .filter(([, v]) => v !== null)
      .map(([name, value]) => [camel(name), value]),
  );
}
