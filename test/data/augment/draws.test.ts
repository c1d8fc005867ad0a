// What is drawn, from where to where, how often; and that the host and both backends draw the same numbers.
import { describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { DrawStream } from '../../../src/data/augment/drawStream.ts';
import { type Drawn, distributions, drawn, drawOnHost } from '../../../src/data/augment/draws.ts';
import { checkOptions } from '../../../src/data/augment/options.ts';
import { ParameterMaker } from '../../../src/data/augment/parameters.ts';
import { onEachBackend } from '../../models/support.ts';

const COUNT = 2000;

/** Many draws of one quantity for pictures of 20 x 10 pixels. */
function drawMany<Name extends keyof w.PictureTransform>(options: w.ImageDataGeneratorOptions, name: Name) {
  const generator = new w.ImageDataGenerator(options);
  return Array.from({ length: COUNT }, (_, seed) => generator.getRandomTransform([20, 10, 1], seed)[name]);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('numbers between two', () => {
  test.each<[string, w.ImageDataGeneratorOptions, keyof w.PictureTransform, number, number]>([
    ['rotationRange', { rotationRange: 30 }, 'theta', -30, 30],
    ['shearRange', { shearRange: 15 }, 'shear', -15, 15],
    ['a fraction of the width', { widthShiftRange: 0.2 }, 'tx', -2, 2],
    ['a fraction of the height', { heightShiftRange: 0.2 }, 'ty', -4, 4],
    ['pixels', { widthShiftRange: 1.5 }, 'tx', -1.5, 1.5],
    ['zoomRange', { zoomRange: 0.25 }, 'zx', 0.75, 1.25],
    ['zoomRange of the height', { zoomRange: [0.5, 2] }, 'zy', 0.5, 2],
    ['channelShiftRange', { channelShiftRange: 10 }, 'channelShiftIntensity', -10, 10],
    ['brightnessRange', { brightnessRange: [0.5, 1.5] }, 'brightness', 0.5, 1.5],
  ])('%s', (_, options, name, low, high) => {
    const found = drawMany(options, name).map(Number);
    const span = high - low;
    expect(Math.min(...found)).toBeGreaterThanOrEqual(low);
    expect(Math.max(...found)).toBeLessThanOrEqual(high);
    expect(Math.min(...found)).toBeLessThan(low + 0.01 * span);
    expect(Math.max(...found)).toBeGreaterThan(high - 0.01 * span);
    // six deviations of the mean of so many uniform numbers
    expect(Math.abs(mean(found) - (low + high) / 2)).toBeLessThan((6 * span) / Math.sqrt(12 * COUNT));
  });

  test('the factors of both axes are drawn apart, and nothing is drawn without an option', () => {
    const generator = new w.ImageDataGenerator({ zoomRange: 0.5 });
    const { zx, zy } = generator.getRandomTransform([20, 10, 1], 1);
    expect(zx).not.toBe(zy);
    expect(new w.ImageDataGenerator().getRandomTransform([20, 10, 1], 1)).toEqual({
      ...{ theta: 0, tx: 0, ty: 0, shear: 0, zx: 1, zy: 1 },
      ...{ flipHorizontal: false, flipVertical: false, channelShiftIntensity: null, brightness: null },
    });
  });
});

describe('one of a few numbers, in either direction', () => {
  test.each<[string, w.ImageDataGeneratorOptions, keyof w.PictureTransform, number[]]>([
    ['whole pixels below k', { widthShiftRange: 3 }, 'tx', [-2, -1, 0, 0, 1, 2]],
    ['k = 1 is no shift', { widthShiftRange: 1 }, 'tx', [0]],
    ['elements, not an interval', { widthShiftRange: [2, 5] }, 'tx', [-5, -2, 2, 5]],
    ['elements below 1 are fractions', { heightShiftRange: [0.1, 0.5] }, 'ty', [-10, -2, 2, 10]],
  ])('%s', (_, options, name, likely) => {
    const found = drawMany(options, name).map((value) => Number(value) + 0);
    const values = [...new Set(likely)];
    expect([...new Set(found)].sort((a, b) => a - b)).toEqual(values);
    for (const value of values) {
      const share = likely.filter((one) => one === value).length / likely.length;
      const count = found.filter((one) => one === value).length;
      expect(Math.abs(count - share * COUNT)).toBeLessThanOrEqual(6 * Math.sqrt(share * (1 - share) * COUNT));
    }
  });
});

test('two coins, each of its own', () => {
  const generator = new w.ImageDataGenerator({ horizontalFlip: true, verticalFlip: true });
  const sides = Array.from({ length: COUNT }, (_, seed) => {
    const { flipHorizontal, flipVertical } = generator.getRandomTransform([4, 4, 1], seed);
    return 2 * Number(flipHorizontal) + Number(flipVertical);
  });
  for (let side = 0; side < 4; side++)
    expect(Math.abs(sides.filter((one) => one === side).length - COUNT / 4)).toBeLessThan(
      6 * Math.sqrt((3 * COUNT) / 16),
    );
  const one = new w.ImageDataGenerator({ horizontalFlip: true });
  const flips = Array.from({ length: COUNT }, (_, seed) => one.getRandomTransform([4, 4, 1], seed));
  expect(flips.some(({ flipVertical }) => flipVertical)).toBe(false);
  expect(flips.filter(({ flipHorizontal }) => flipHorizontal).length).toBe(sides.filter((side) => side >= 2).length);
});

test('strict: the draw for the width is called ty, and counts along the width still', () => {
  const options = { widthShiftRange: 0.2, heightShiftRange: 0.1 };
  const usual = new w.ImageDataGenerator(options).getRandomTransform([100, 10, 1], 7);
  const strict = new w.ImageDataGenerator({ ...options, strict: true }).getRandomTransform([100, 10, 1], 7);
  expect(strict).toEqual({ ...usual, tx: usual.ty, ty: usual.tx });
  expect(Math.abs(usual.tx)).toBeLessThan(2);
});

test('one option more does not change what the others draw', () => {
  const few = new w.ImageDataGenerator({ rotationRange: 20 }).getRandomTransform([8, 8, 1], 3);
  const many = new w.ImageDataGenerator({
    rotationRange: 20,
    zoomRange: 0.1,
    horizontalFlip: true,
    brightnessRange: [0, 1],
  });
  expect(many.getRandomTransform([8, 8, 1], 3).theta).toBe(few.theta);
});

test('the same seed draws the same; without one every call draws anew, after setRandomSeed the same again', () => {
  const generator = new w.ImageDataGenerator({ rotationRange: 20 });
  const draw = (seed?: number) => generator.getRandomTransform([8, 8, 1], seed).theta;
  expect(draw(5)).toBe(draw(5));
  expect(draw(5)).not.toBe(draw(6));
  w.setRandomSeed(1);
  const first = [draw(), draw()];
  expect(first[0]).not.toBe(first[1]);
  w.setRandomSeed(1);
  expect([draw(), draw()]).toEqual(first);
});

const everything = checkOptions({
  ...{ rotationRange: 20, widthShiftRange: 0.2, heightShiftRange: [1, 2.5, 7], shearRange: 5, zoomRange: 0.3 },
  ...{ horizontalFlip: true, verticalFlip: true, channelShiftRange: 0.1, brightnessRange: [0.3, 1.7] },
});

onEachBackend(() => {
  test('tensors hold what the host draws, to the bit', async () => {
    const all = distributions(everything, 28, 24);
    const stream = new DrawStream([11, 12]);
    stream.seek(3);
    const maker = new ParameterMaker(all);
    for (const draw of [3, 4]) {
      const { values, columns } = maker.make(stream.draw(5, drawn.length));
      const found = await values.data();
      const width = values.shape[1]!;
      for (let row = 0; row < 5; row++) {
        const here = (name: Drawn) => found[row * width + columns[name]];
        const expected = drawOnHost(all, [11, 12], row, draw);
        expect(Object.fromEntries(drawn.map((name) => [name, here(name)]))).toEqual(expected);
      }
    }
  });
});
