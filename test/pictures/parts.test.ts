import { describe, expect, it } from 'vitest';
import { interpolate, textOn, viridis } from '../../src/cli/pictures/colourMaps.ts';
import { gridLayout } from '../../src/cli/pictures/gridLayout.ts';
import { labelsSvg, loadFont } from '../../src/cli/pictures/labels.ts';
import { loadPackage } from '../../src/cli/pictures/loadPackage.ts';
import { percent, shortNumber } from '../../src/cli/pictures/numberText.ts';
import { ResourceError } from '../../src/errors.ts';

describe('gridLayout', () => {
  it.each([
    [1, 1],
    [3, 3],
    [10, 5],
    [16, 4],
    [32, 8],
    [64, 8],
  ])('puts %i cells in %i columns', (count, columns) => {
    expect(gridLayout(count, 10, 10, 2).columns).toBe(columns);
  });

  it('keeps cells apart by the gap and inside the grid', () => {
    for (let count = 1; count <= 130; count++) {
      const { corners, width, height } = gridLayout(count, 7, 5, 3);
      expect(corners).toHaveLength(count);
      expect(new Set(corners.map(({ x, y }) => `${x},${y}`)).size).toBe(count);
      for (const { x, y } of corners) {
        expect(x % 10).toBe(0);
        expect(y % 8).toBe(0);
        expect(x + 7).toBeLessThanOrEqual(width);
        expect(y + 5).toBeLessThanOrEqual(height);
      }
    }
  });
});

describe('colour maps', () => {
  it('go through their control points, straight between them, and stop at their ends', () => {
    const map = interpolate('#000000 #0a1464 #ffffff');
    expect([-1, 0, 0.25, 0.5, 1, 2].map(map)).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [5, 10, 50],
      [10, 20, 100],
      [255, 255, 255],
      [255, 255, 255],
    ]);
  });

  it('viridis grows lighter all the way', () => {
    const light = Array.from({ length: 101 }, (_, i) => viridis(i / 100)).map(
      ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b,
    );
    for (let i = 1; i < light.length; i++) expect(light[i]).toBeGreaterThan(light[i - 1]!);
  });

  it('text on a colour is black on light and white on dark', () => {
    expect(textOn([255, 255, 255])).toBe('#000000');
    expect(textOn([253, 141, 60])).toBe('#000000');
    expect(textOn([8, 48, 107])).toBe('#ffffff');
  });
});

describe('numbers in pictures', () => {
  it.each([
    [0, '0'],
    [-0.31249, '−0.312'],
    [1234.5, '1230'],
    [1e-9, '1e−9'],
  ])('writes %f as %s', (value, text) => expect(shortNumber(value)).toBe(text));

  it.each([
    [1, '100.0 %'],
    [0.99999, '99.9 %'],
    [0.125, '12.5 %'],
    [0, '0.0 %'],
  ])('writes the share %f as %s', (share, text) => expect(percent(share)).toBe(text));
});

describe('labels', () => {
  it('are outlines of finite numbers wherever they stand', async () => {
    const font = await loadFont();
    for (let step = 0; step < 50; step++) {
      const text = 'The number over each is its output channel: −0.31 × 7';
      const svg = labelsSvg(font, [{ text, x: 28 + step / 7, y: 72 + step / 3, size: 15, anchor: 'middle' }], 500, 100);
      expect(svg).toMatch(/<path fill="#222222" d="M[MLQCZ\d. -]+"\/>/);
    }
  });

  it('end where their anchor says', async () => {
    const font = await loadFont();
    const firstX = (anchor: 'left' | 'middle' | 'right') =>
      Number(labelsSvg(font, [{ text: 'wide', x: 100, y: 50, size: 20, anchor }], 200, 100).match(/d="M([\d.-]+)/)![1]);
    const width = font.getAdvanceWidth('wide', 20);
    expect(firstX('left') - firstX('right')).toBeCloseTo(width, 1);
    expect(firstX('left') - firstX('middle')).toBeCloseTo(width / 2, 1);
  });
});

describe('loadPackage', () => {
  it('says which package to install when it is missing', async () => {
    const missing = 'wgslgrad-package-that-does-not-exist';
    const loaded = loadPackage(missing, () => import(/* @vite-ignore */ missing));
    await expect(loaded).rejects.toThrow(ResourceError);
    await expect(loaded).rejects.toThrow(`pictures need the package "${missing}": npm install --save-dev ${missing}`);
    await expect(loaded).rejects.toHaveProperty('cause');
  });

  it('gives the module when it is there', async () => {
    expect(await loadPackage('a package', async () => 7)).toBe(7);
  });
});
