// Order and arithmetic of what happens to a picture, against formulas on nested lists.
import { describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { onEachBackend, type Place } from '../../models/support.ts';
import { floats } from '../../support/values.ts';
import { type Given, type Picture, transformed } from './reference.ts';

function picture(h: number, width: number, c: number, low = 0, high = 1): Picture {
  const values = floats(h * width * c, 31, low, high);
  return Array.from({ length: h }, (_, i) =>
    Array.from({ length: width }, (_, j) => Array.from({ length: c }, (_, k) => values[(i * width + j) * c + k]!)),
  );
}

async function prove(place: Place, x: Picture, given: Given, options: w.ImageDataGeneratorOptions = {}) {
  const found = await new w.ImageDataGenerator(options).applyTransform(w.tensor(x), given).data();
  const expected = transformed(x, given, options.strict).flat(2);
  const size = Math.max(...x.flat(2).map(Math.abs), 1);
  // a place is off by some 1e-6 of a pixel, and neighbours differ by as much as the values are large
  const tolerance = (place === 'cpu float64' ? 1e-6 : 2e-5) * size;
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(found[i]! - value), `element ${i}: ${found[i]} for ${value}`).toBeLessThan(tolerance);
  });
}

const some: Given = { theta: -33, tx: 1.25, ty: -0.75, shear: 12, zx: 0.8, zy: 1.3 };

onEachBackend((place) => {
  test.each<[string, Given]>([
    ['all parts of the affine transformation', some],
    ['and a flip', { ...some, flipHorizontal: true }],
    ['and the other', { ...some, flipVertical: true }],
    ['and both', { ...some, flipHorizontal: true, flipVertical: true }],
    ['a large angle', { theta: 600, zx: 1.5 }],
    ['the shift is turned with the picture', { theta: 45, tx: 2 }],
  ])('a picture that is not square: %s', async (_, given) => {
    await prove(place, picture(7, 11, 3), given);
    await prove(place, picture(7, 11, 4), given, { strict: true });
  });

  test('flips alone move pixels and change none', async () => {
    const x = picture(5, 6, 3);
    const generator = new w.ImageDataGenerator({ horizontalFlip: true, verticalFlip: true });
    const y = await generator.applyTransform(w.tensor(x), { flipHorizontal: true, flipVertical: true }).array();
    const mirrored = [...x].reverse().map((row) => [...row].reverse());
    expect(y).toEqual(mirrored);
  });

  test('channels are shifted within the values of the whole picture', async () => {
    const x = w.tensor([
      [
        [10, 200],
        [20, 100],
      ],
    ]);
    const generator = new w.ImageDataGenerator();
    const shifted = (by: number) => generator.applyTransform(x, { channelShiftIntensity: by }).array();
    expect(await shifted(50)).toEqual([
      [
        [60, 200],
        [70, 150],
      ],
    ]);
    expect(await shifted(-15)).toEqual([
      [
        [10, 185],
        [10, 85],
      ],
    ]);
    expect(await shifted(0)).toEqual(await x.array());
  });

  test('the shift comes after resampling and before brightness', async () => {
    await prove(place, picture(6, 5, 3, 0, 200), {
      ...some,
      channelShiftIntensity: 40,
      flipVertical: true,
      brightness: 1.4,
    });
    await prove(
      place,
      picture(6, 5, 3, 0, 200),
      { tx: 1, channelShiftIntensity: 40, flipVertical: true, brightness: 1.5 },
      { strict: true },
    );
  });

  describe('brightness', () => {
    const lit = async (values: number[], brightness: number, options: w.ImageDataGeneratorOptions = {}) => {
      const x = w.tensor(values, [1, values.length, 1]);
      return Array.from(await new w.ImageDataGenerator(options).applyTransform(x, { brightness }).data());
    };

    test('values up to 255 are cut off there, values up to 1 at 1', async () => {
      expect(await lit([0, 100, 200], 1.5)).toEqual([0, 150, 255]);
      expect(await lit([0, 0.25, 0.75], 2)).toEqual([0, 0.5, 1]);
      expect(await lit([0, 0.25, 1], 0.5)).toEqual([0, 0.125, 0.5]);
      expect(await lit([0.5, 1.25], 2)).toEqual([1, 2.5]);
    });

    test('bytes are cut off at 255, however dark they are', async () => {
      const x = w.tensor(Uint8Array.of(0, 1), [1, 2, 1]);
      const y = new w.ImageDataGenerator().applyTransform(x, { brightness: 3 });
      expect(Array.from(await y.data())).toEqual([0, 3]);
    });

    test('values outside get lighter from their least one on', async () => {
      expect(await lit([-1, 0, 1], 0.5)).toEqual([-1, -0.5, 0]);
      expect(await lit([-1, 0, 1], 3)).toEqual([-1, 1, 1]);
      expect(await lit([0, 256, 512], 2)).toEqual([0, 512, 512]);
      expect(await lit([-3, -3], 2)).toEqual([-3, -3]);
    });

    test('strict: whole numbers, so that nothing is left of values up to 1', async () => {
      const strict = { strict: true };
      expect(await lit([0, 0.25, 0.75, 1], 1, strict)).toEqual([0, 0, 0, 1]);
      expect(await lit([0, 100.9, 201], 1.5, strict)).toEqual([0, 150, 255]);
      expect(await lit([10, 11], 0.55, strict)).toEqual([5, 6]);
      await prove(place, picture(3, 4, 3, -3, 5), { brightness: 0.75 }, strict);
      expect(await lit([-3, -3], 2, strict)).toEqual([-3, -3]);
    });

    test('each picture of a batch by its own values', async () => {
      const x = w.tensor([[[[0.5]]], [[[50]]], [[[-5]]]]);
      const y = new w.ImageDataGenerator().applyTransform(x, { brightness: 3 });
      expect(Array.from(await y.data())).toEqual([1, 150, -5]);
    });
  });

  test('randomTransform applies what getRandomTransform draws', async () => {
    const generator = new w.ImageDataGenerator({ rotationRange: 40, zoomRange: 0.2, horizontalFlip: true });
    const x = w.tensor(picture(8, 8, 1));
    const drawn = generator.getRandomTransform(x.shape, 9);
    expect(await generator.randomTransform(x, 9).data()).toEqual(await generator.applyTransform(x, drawn).data());
  });
});
