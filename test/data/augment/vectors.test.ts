// The numbers of the specification (sections 10.2 and 16), on every backend.
import { describe, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import type { FillMode } from '../../../src/backend/kernels.ts';
import { affineResample } from '../../../src/ops/affine.ts';
import { expectClose, onEachBackend } from '../../models/support.ts';

const counted = (h: number, width: number) =>
  w.tensor(
    Array.from({ length: h * width }, (_, i) => i + 1),
    [h, width, 1],
  );

async function seen(transform: w.PictureTransform, options: w.ImageDataGeneratorOptions = {}, x = counted(4, 4)) {
  return (await new w.ImageDataGenerator(options).applyTransform(x, transform).data()) as ArrayLike<number>;
}

/** The samples 1 2 3 4 at a place. */
async function sampleAt(t: number, fill: FillMode, linear = true): Promise<number> {
  const row = w.tensor([1, 2, 3, 4], [1, 1, 4, 1]);
  const matrix = w.tensor([[0, 0, t, 0, 0, 0]]);
  return affineResample(row, matrix, { p: 1, q: 1, fill, value: 0, linear }).item();
}

const places = [-2.25, -0.75, -0.25, 3.25, 5.25];

onEachBackend((place) => {
  test.each([
    ['90 degrees', { theta: 90 }, [4, 8, 12, 16, 3, 7, 11, 15, 2, 6, 10, 14, 1, 5, 9, 13]],
    [
      '20 degrees',
      { theta: 20 },
      [
        1.6035, 2.5432, 4.5288, 6.414, 3.33, 5.6377, 7.9455, 10.1727, 6.8273, 9.0545, 11.3623, 13.67, 10.586, 12.4712,
        14.4568, 15.3965,
      ],
    ],
    ['a shift to the left', { tx: 1 }, [2, 3, 4, 4, 6, 7, 8, 8, 10, 11, 12, 12, 14, 15, 16, 16]],
    ['a shift up', { ty: 1 }, [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 13, 14, 15, 16]],
    ['zoom above 1 shrinks', { zx: 2 }, [1, 1.5, 3.5, 4, 5, 5.5, 7.5, 8, 9, 9.5, 11.5, 12, 13, 13.5, 15.5, 16]],
    [
      'shear',
      { shear: 30 },
      [
        2.5538, 3.5538, 4.5538, 4.8038, 5.5179, 6.5179, 7.5179, 8.2679, 8.7321, 9.4821, 10.4821, 11.4821, 12.1962,
        12.4462, 13.4462, 14.4462,
      ],
    ],
    ['a flip to the side', { flipHorizontal: true }, [4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9, 16, 15, 14, 13]],
    ['a flip upside down', { flipVertical: true }, [13, 14, 15, 16, 9, 10, 11, 12, 5, 6, 7, 8, 1, 2, 3, 4]],
    ['nothing', {}, Array.from({ length: 16 }, (_, i) => i + 1)],
  ])('1 ... 16: %s', async (_, transform, expected) => {
    const found = await seen(transform);
    // the vectors have four decimals
    expected.forEach((value, i) => {
      if (Number.isInteger(value * 2)) expect(found[i]).toBe(value);
      else expect(Math.abs(found[i]! - value), `element ${i}`).toBeLessThan(6e-5);
    });
  });

  test.each<[FillMode, number[]]>([
    ['nearest', [1, 1, 1, 4, 4]],
    ['reflect', [2.25, 1, 1, 4, 2.75]],
    ['constant', [0, 0, 0, 0, 0]],
    ['wrapEnds', [1.75, 3.25, 3.75, 1.25, 3.25]],
    ['wrap', [2.75, 3.25, 1.75, 3.25, 2.25]],
    ['blend', [0, 0.25, 0.75, 3, 0]],
  ])('samples 1 2 3 4 outside: %s', async (fill, expected) => {
    const found = await Promise.all(places.map((t) => sampleAt(t, fill)));
    expectClose(found, expected, place);
  });

  test('the nearest sample, of halves the one after', async () => {
    const found = (fill: FillMode, at: number[]) => Promise.all(at.map((t) => sampleAt(t, fill, false)));
    expect(await found('nearest', [-9, -0.5, 0.49, 0.5, 1.5, 2.75, 9])).toEqual([1, 1, 1, 2, 3, 4, 4]);
    expect(await found('reflect', [-1.5, -0.51, 3.5, 4.5, 5])).toEqual([2, 1, 4, 4, 3]);
    expect(await found('wrap', [-1, -0.5, 3.5, 4])).toEqual([4, 1, 1, 1]);
    expect(await found('constant', [-0.1, 0, 3, 3.1])).toEqual([0, 1, 4, 0]);
    expect(await found('blend', [-0.6, -0.5, 3.4, 3.5])).toEqual([0, 1, 4, 0]);
  });

  describe('options of ImageDataGenerator', () => {
    const row = () => counted(1, 4);

    test.each([
      ['nearest', {}, [3, 4, 4, 4]],
      ['reflect', { fillMode: 'reflect' }, [3, 4, 4, 3]],
      ['constant', { fillMode: 'constant', cval: 9 }, [3, 4, 9, 9]],
      ['wrap', { fillMode: 'wrap' }, [3, 4, 1, 2]],
      ['strict wrap', { fillMode: 'wrap', strict: true }, [3, 4, 2, 3]],
    ])('fillMode %s', async (_, options, expected) => {
      // strict: what is called ty shifts sideways where pictures are not square, but only in what is drawn
      expect(Array.from(await seen({ tx: 2 }, options, row()))).toEqual(expected);
    });

    test('interpolationOrder 0 takes the nearest pixel', async () => {
      expect(Array.from(await seen({ tx: 0.5 }, { interpolationOrder: 0 }, row()))).toEqual([2, 3, 4, 4]);
      expect(Array.from(await seen({ tx: 0.5 }, {}, row()))).toEqual([1.5, 2.5, 3.5, 4]);
    });

    test('pictures that are not square turn about their centre; strict about another point', async () => {
      const wide = () => counted(2, 4);
      expect(Array.from(await seen({ theta: 180 }, {}, wide()))).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
      // centre (0.5, 1.5) instead of (1.5, 0.5): column 1 - x, row 3 - y
      expect(Array.from(await seen({ theta: 180 }, { strict: true }, wide()))).toEqual([6, 5, 5, 5, 6, 5, 5, 5]);
    });

    test('channels first', async () => {
      const planes = w.tensor([
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ]);
      const generator = new w.ImageDataGenerator({ dataFormat: 'channels_first' });
      const turned = generator.applyTransform(planes, { flipHorizontal: true });
      expect(await turned.array()).toEqual([
        [
          [2, 1],
          [4, 3],
        ],
        [
          [6, 5],
          [8, 7],
        ],
      ]);
    });

    test('a batch and bytes', async () => {
      const x = w.tensor(Uint8Array.of(1, 2, 3, 4, 250, 251, 252, 253), [2, 2, 2, 1]);
      const y = new w.ImageDataGenerator().applyTransform(x, { flipVertical: true });
      expect(y.dtype).not.toBe('uint8');
      expect(Array.from(await y.data())).toEqual([3, 4, 1, 2, 252, 253, 250, 251]);
    });
  });
});
