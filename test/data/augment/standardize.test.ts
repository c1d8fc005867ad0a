// What is done to every batch, and what fit finds out for it, against sums over plain arrays.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as w from 'wgslgrad';
import { checkOptions } from '../../../src/data/augment/options.ts';
import { samplesOf } from '../../../src/data/augment/samples.ts';
import { fitStatistics, newStatistics, picturesOf } from '../../../src/data/augment/statistics.ts';
import { expectClose, onEachBackend } from '../../models/support.ts';
import { expectAllBack, settledMemory } from '../../support/settled.ts';
import { floats } from '../../support/values.ts';

const shape = [6, 4, 3, 2] as const;
const values = floats(6 * 4 * 3 * 2, 41, -3, 7);
const pictures = () => w.tensor(values, [...shape]);
const PIXELS = 12;

/** The numbers of channel c. */
const channel = (all: ArrayLike<number>, c: number) => Array.from(all).filter((_, i) => i % 2 === c);
const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
const std = (list: readonly number[]) => Math.sqrt(mean(list.map((value) => (value - mean(list)) ** 2)));
const picture = (n: number) => Array.from(values).slice(n * 2 * PIXELS, (n + 1) * 2 * PIXELS);

let warn: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => warn.mockRestore());

async function standardized(options: w.ImageDataGeneratorOptions, x = pictures(), fitTo: w.Tensor | null = pictures()) {
  const generator = new w.ImageDataGenerator(options);
  if (fitTo) await generator.fit(fitTo);
  return generator.standardize(x).data();
}

onEachBackend(
  (place) => {
    test('rescale', async () => {
      expectClose(
        await standardized({ rescale: 1 / 255 }),
        Array.from(values, (value) => value / 255),
        place,
      );
      expect(await standardized({ rescale: null })).toEqual(await pictures().data());
      expect(await standardized({ rescale: 0 })).toEqual(await pictures().data());
    });

    test('samplewise: one mean and one deviation for each picture', async () => {
      const centered = Array.from({ length: 6 }, (_, n) => picture(n).map((value) => value - mean(picture(n))));
      expectClose(await standardized({ samplewiseCenter: true }), centered.flat(), place);
      const scaled = centered.map((one) => one.map((value) => value / (std(one) + 1e-6)));
      expectClose(
        await standardized({ samplewiseCenter: true, samplewiseStdNormalization: true }),
        scaled.flat(),
        place,
      );
      // a single picture, and one of a single value
      const [first] = scaled;
      const alone = w.tensor(picture(0), [4, 3, 2]);
      expectClose(await standardized({ samplewiseStdNormalization: true }, alone), first!, place);
      expectClose(await standardized({ samplewiseStdNormalization: true }, w.full([2, 2, 1], 7)), [0, 0, 0, 0], place);
    });

    test('featurewise: one mean and one deviation for each channel', async () => {
      const [means, deviations] = [mean, std].map((of) => [0, 1].map((c) => of(channel(values, c)))) as [
        number[],
        number[],
      ];
      const centered = Array.from(values, (value, i) => value - means[i % 2]!);
      expectClose(await standardized({ featurewiseCenter: true }), centered, place);
      const scaled = centered.map((value, i) => value / (deviations[i % 2]! + 1e-6));
      const options = { featurewiseCenter: true, featurewiseStdNormalization: true };
      expectClose(await standardized(options), scaled, place);
      const generator = new w.ImageDataGenerator(options);
      await generator.fit(pictures());
      expect([generator.mean!.shape, generator.std!.shape]).toEqual([
        [1, 1, 2],
        [1, 1, 2],
      ]);
      expectClose(await generator.mean!.data(), means, place);
      expectClose(await generator.std!.data(), deviations, place);
    });

    test('fit rescales first, and takes bytes, typed arrays and lists', async () => {
      const bytes = Uint8Array.from({ length: 24 }, (_, i) => i * 10);
      const expected = [0, 1].map((c) => mean(channel(bytes, c)) / 255);
      const lists = await w.tensor(bytes, [2, 3, 2, 2]).array();
      for (const [x, options] of [
        [w.tensor(bytes, [2, 3, 2, 2]), {}],
        [bytes, { inputShape: [3, 2, 2] }],
        [lists as never, {}],
      ] as const) {
        const generator = new w.ImageDataGenerator({ featurewiseCenter: true, rescale: 1 / 255 });
        await generator.fit(x, options);
        expectClose(await generator.mean!.data(), expected, place);
      }
    });

    test('in order: the function, rescale, picture, channels', async () => {
      const preprocessingFunction = (x: w.Tensor) => w.add(w.square(x), 1);
      const options = { preprocessingFunction, rescale: 0.5, samplewiseCenter: true, featurewiseCenter: true };
      const generator = new w.ImageDataGenerator(options);
      // fit does not know the function, as in Keras
      await generator.fit(pictures());
      const means = [0, 1].map((c) => mean(channel(values, c)) * 0.5);
      const expected = Array.from({ length: 6 }, (_, n) => {
        const half = picture(n).map((value) => (value ** 2 + 1) * 0.5);
        return half.map((value, i) => value - mean(half) - means[i % 2]!);
      });
      expectClose(await generator.standardize(pictures()).data(), expected.flat(), place);
    });

    test('fit with augment sees transformed pictures, the same at each look, and others in each round', async () => {
      const options = {
        featurewiseStdNormalization: true,
        featurewiseCenter: true,
        horizontalFlip: true,
        widthShiftRange: 0.3,
      };
      const fitted = async (fit: object) => {
        const generator = new w.ImageDataGenerator(options);
        await generator.fit(pictures(), fit);
        return [...(await generator.mean!.data()), ...(await generator.std!.data())];
      };
      const plain = await fitted({});
      const once = await fitted({ augment: true, seed: 4 });
      expect(once).toEqual(await fitted({ augment: true, seed: 4 }));
      expect(once).not.toEqual(plain);
      expect(once).not.toEqual(await fitted({ augment: true, seed: 5 }));
      expect(once).not.toEqual(await fitted({ augment: true, seed: 4, rounds: 2 }));
      // the deviation around a mean of other pictures would be another
      const generator = new w.ImageDataGenerator(options);
      await generator.fit(pictures(), { augment: true, seed: 4, rounds: 3 });
      const deviations = await generator.std!.data();
      for (const one of deviations) expect(one).toBeGreaterThan(1);
    });

    describe('ZCA', () => {
      const count = 200;
      const d = 2 * 3 * 2;
      // pixels that depend on each other
      const mixed = () => {
        const raw = floats(count * d, 43);
        return Float32Array.from(raw, (value, i) => value + 0.8 * (raw[i - 1] ?? 0) + (i % 3) * 0.1);
      };
      const whitened = async (options: w.ImageDataGeneratorOptions = {}) => {
        const x = w.tensor(mixed(), [count, 2, 3, 2]);
        const generator = new w.ImageDataGenerator({ zcaWhitening: true, featurewiseCenter: true, ...options });
        await generator.fit(x);
        return { generator, y: await generator.standardize(x).data() };
      };

      test('makes the covariance of pixels the identity', async () => {
        const { y } = await whitened();
        const tolerance = place === 'cpu float64' ? 1e-6 : 1e-3;
        for (let i = 0; i < d; i++) {
          for (let j = 0; j < d; j++) {
            let sum = 0;
            for (let n = 0; n < count; n++) sum += y[n * d + i]! * y[n * d + j]!;
            expect(Math.abs(sum / count - Number(i === j)), `${i}, ${j}`).toBeLessThan(tolerance);
          }
        }
      });

      test('changes pictures as little as can be: its matrix is symmetric, and its square the inverse of the covariance', async () => {
        const { generator } = await whitened();
        const matrix = generator.zcaWhiteningMatrix!;
        expect(matrix.shape).toEqual([d, d]);
        const turned = w.transpose(matrix);
        expect(await w.max(w.abs(w.sub(matrix, turned))).item()).toBeLessThan(1e-6);
        const means = await generator.mean!.data();
        const x = w.tensor(
          mixed().map((value, i) => value - means[i % 2]!),
          [count, d],
        );
        const covariance = w.div(w.matmul(x, x, { transposeA: true }), count);
        const unit = w.matmul(w.matmul(matrix, covariance), matrix);
        expect(await w.max(w.abs(w.sub(unit, w.eye(d)))).item()).toBeLessThan(1e-3);
      });

      test('a larger epsilon whitens less', async () => {
        const { y } = await whitened({ zcaEpsilon: 1000 });
        expect(Math.max(...Array.from(y, Math.abs))).toBeLessThan(0.1);
      });

      test('pixels that never change stay small', async () => {
        const raw = floats(50 * 4, 44);
        const x = w.tensor(
          Float32Array.from(raw, (value, i) => (i % 4 === 2 ? 5 : value)),
          [50, 2, 2, 1],
        );
        const generator = new w.ImageDataGenerator({ zcaWhitening: true, featurewiseCenter: true });
        await generator.fit(x);
        const y = await generator.standardize(x).data();
        expect(y.every(Number.isFinite)).toBe(true);
      });
    });

    test('more pictures than are looked at together', async () => {
      const settings = checkOptions({ featurewiseCenter: true, featurewiseStdNormalization: true });
      const whitening = checkOptions({ featurewiseCenter: true, zcaWhitening: true });
      const found = async (valuesAtOnce: number) => {
        const into = [newStatistics(settings, 2, 8), newStatistics(whitening, 2, 8)] as const;
        const many = samplesOf('x', w.tensor(floats(60 * 8, 45), [60, 2, 2, 2]), null);
        for (const one of into)
          await fitStatistics(
            one,
            picturesOf(many, 2, (x) => w.clone(x), valuesAtOnce),
            1e-6,
          );
        const [{ mean: center, std: deviation }, { zca }] = into;
        return Promise.all([center!, deviation!, zca!].map(async (one) => Array.from(await one.data())));
      };
      const [center, deviation, zca] = await found(1e6);
      // two pictures at a time, and one
      for (const values of [2.5 * 24, 1]) {
        const [inParts, deviationInParts, zcaInParts] = await found(values);
        expectClose(inParts!, center!, place);
        expectClose(deviationInParts!, deviation!, place);
        const largest = Math.max(...zca!.map(Math.abs));
        zcaInParts!.forEach((value, i) => {
          expect(Math.abs(value - zca![i]!)).toBeLessThan((place === 'cpu float64' ? 1e-9 : 1e-4) * largest);
        });
      }
    });

    test('what was set takes the place of fit', async () => {
      const generator = new w.ImageDataGenerator({ featurewiseCenter: true, featurewiseStdNormalization: true });
      generator.mean = [[[1, 2]]];
      generator.std = w.tensor([2, 4]);
      const y = await generator.standardize(w.tensor([[[5, 10]]])).data();
      expectClose(y, [4 / 2.000001, 8 / 4.000001], place);
      expect(warn).not.toHaveBeenCalled();
    });

    test('nothing of fitting stays in memory but what was found', async () => {
      const generator = new w.ImageDataGenerator({ featurewiseStdNormalization: true, featurewiseCenter: true });
      const x = pictures();
      await generator.fit(x);
      const before = await settledMemory();
      await generator.fit(x);
      for (let i = 0; i < 5; i++) generator.standardize(x).dispose();
      await expectAllBack(before);
    });
  },
  ['cpu float32', 'cpu float64', 'webgpu'],
);

describe('what is said', () => {
  const said = () => warn.mock.calls.map((call: readonly unknown[]) => String(call[0]));

  test.each<[string, w.ImageDataGeneratorOptions, string[]]>([
    ['nothing for what is whole', { featurewiseCenter: true, featurewiseStdNormalization: true }, []],
    [
      'a deviation centres',
      { featurewiseStdNormalization: true },
      ['featurewiseStdNormalization means featurewiseCenter too'],
    ],
    [
      'a deviation of pictures centres',
      { samplewiseStdNormalization: true },
      ['samplewiseStdNormalization means samplewiseCenter too'],
    ],
    ['ZCA centres', { zcaWhitening: true }, ['zcaWhitening means featurewiseCenter too']],
    [
      'ZCA divides by nothing',
      { zcaWhitening: true, featurewiseCenter: true, featurewiseStdNormalization: true },
      ['zcaWhitening leaves featurewiseStdNormalization out'],
    ],
  ])('%s', (_, options, expected) => {
    new w.ImageDataGenerator(options);
    expect(said()).toEqual(expected.map((text) => `ImageDataGenerator: ${text}`));
  });

  test('once for what was never fitted, and the pictures pass', async () => {
    await w.init({ backend: 'cpu' });
    const generator = new w.ImageDataGenerator({ featurewiseCenter: true, featurewiseStdNormalization: true });
    const x = pictures();
    for (let i = 0; i < 2; i++) expect(await generator.standardize(x).data()).toEqual(values);
    expect(said()).toEqual(
      ['featurewiseCenter', 'featurewiseStdNormalization'].map(
        (option) => `ImageDataGenerator: ${option} needs fit(x) first; pictures are left without it`,
      ),
    );
    await w.close();
  });

  test('that pictures have an unusual number of channels', async () => {
    await w.init({ backend: 'cpu' });
    const x = pictures();
    await new w.ImageDataGenerator().fit(x);
    new w.ImageDataGenerator().flow(x);
    expect(said()).toEqual(
      ['fit', 'flow'].map((who) => `${who}: pictures have 1, 3 or 4 channels; x [6, 4, 3, 2] has 2`),
    );
    await w.close();
  });
});
