import { describe, expect, it } from 'vitest';
import { drawConfusionMatrix } from '../../src/cli/pictures/index.ts';
import { ValueError } from '../../src/errors.ts';
import { texts } from './decode.ts';

const counts = [
  [90, 7, 3],
  [0, 1200, 45],
  [0, 0, 0],
];
const names = ['cat', '<dog> & co', 'bird'];

describe('drawConfusionMatrix', () => {
  it('holds each count, each label twice, each recall and the accuracy', async () => {
    const labels = texts(await drawConfusionMatrix(counts, names));
    for (const count of ['90', '7', '3', '1,200', '45']) expect(labels).toContain(count);
    expect(labels.filter((label) => label === '0')).toHaveLength(4);
    for (const name of names) expect(labels.filter((label) => label === name)).toHaveLength(2);
    expect(labels).toEqual(expect.arrayContaining(['true', 'predicted', 'recall']));
    expect(labels).toEqual(expect.arrayContaining(['90.0 % of 100', '96.4 % of 1,245', 'no samples']));
    expect(labels).toContain('Confusion matrix: accuracy 95.9 % (1,290 of 1,345)');
  });

  it('puts true labels down and predictions across', async () => {
    const picture = await drawConfusionMatrix(
      [
        [50, 11],
        [22, 60],
      ],
      ['a', 'b'],
    );
    const at = positions(new TextDecoder().decode(picture.bytes));
    expect(at('11').y).toBe(at('50').y);
    expect(at('11').x).toBeGreaterThan(at('50').x);
    expect(at('22').x).toBe(at('50').x);
    expect(at('22').y).toBeGreaterThan(at('50').y);
  });

  it('shows hits in blue, errors in orange and nothing in white', async () => {
    const picture = await drawConfusionMatrix(
      [
        [9, 1],
        [0, 10],
      ],
      ['a', 'b'],
    );
    const svg = new TextDecoder().decode(picture.bytes);
    const fills = [...svg.matchAll(/fill="rgb\((\d+),(\d+),(\d+)\)"/g)].map(([, r, , b]) => Number(r) - Number(b));
    expect(fills.some((redOverBlue) => redOverBlue < -50)).toBe(true);
    expect(fills.some((redOverBlue) => redOverBlue > 50)).toBe(true);
  });

  it('never says 100 % while one sample is wrong', async () => {
    const labels = texts(
      await drawConfusionMatrix(
        [
          [99999, 1],
          [0, 100000],
        ],
        ['a', 'b'],
      ),
    );
    expect(labels).toContain('99.9 % of 100,000');
    expect(labels).toContain('100.0 % of 100,000');
  });

  it.each([
    ['no class', [], [], /at least one class name/],
    [
      'no sample',
      [
        [0, 0],
        [0, 0],
      ],
      ['a', 'b'],
      /at least one sample/,
    ],
    ['a missing row', [[1, 2]], ['a', 'b'], /a row for each of the 2 class names, got 1/],
    ['a short row', [[1, 2], [3]], ['a', 'b'], /expected 2 counts in row 1, got 1/],
    [
      'NaN',
      [
        [1, Number.NaN],
        [3, 4],
      ],
      ['a', 'b'],
      /whole counts from 0 in row 0, got NaN/,
    ],
    [
      'a negative count',
      [
        [1, 2],
        [-3, 4],
      ],
      ['a', 'b'],
      /row 1, got -3/,
    ],
    ['a fraction', [[1.5]], ['a'], /row 0, got 1.5/],
  ])('refuses %s', async (_, bad, badNames, message) => {
    const drawn = drawConfusionMatrix(bad, badNames);
    await expect(drawn).rejects.toThrow(ValueError);
    await expect(drawn).rejects.toThrow(message);
  });
});

/** Where the text of a cell is drawn: echarts moves each by `translate(x y)`. */
function positions(svg: string) {
  return (text: string) => {
    const tag = svg.match(new RegExp(`<text[^>]*translate\\(([\\d.]+) ([\\d.]+)\\)[^>]*>${text}</text>`));
    if (!tag) throw new Error(`no text ${text} in the picture`);
    return { x: Number(tag[1]), y: Number(tag[2]) };
  };
}
