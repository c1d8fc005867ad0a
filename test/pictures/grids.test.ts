import { describe, expect, it } from 'vitest';
import { placeTiles, TILES_TOP, type TileStyle, tilesLeft } from '../../src/cli/pictures/gridPicture.ts';
import { type Augmented, drawAugmentations, drawFeatureMaps, drawFilters } from '../../src/cli/pictures/index.ts';
import { ShapeError, ValueError } from '../../src/errors.ts';
import { decode, PNG_SIGNATURE } from './decode.ts';

const DARK_BLUE = [5, 48, 97];
const NEAR_WHITE = [247, 247, 247];
const DARK_RED = [103, 0, 31];
const VIRIDIS_LOW = [68, 1, 84];
const VIRIDIS_MIDDLE = [33, 145, 140];
const VIRIDIS_HIGH = [253, 231, 37];

/** The middle of pixel (row, column) of tile i on the screen. */
function middleOf(
  shape: { rows: number; columns: number },
  count: number,
  beside?: { rows: number; columns: number },
  style?: TileStyle,
) {
  const tile = { ...shape, colourAt: () => [0, 0, 0] as const };
  const { enlarged, layout } = placeTiles(
    Array.from({ length: count }, () => tile),
    style,
  );
  const left = tilesLeft(beside && { ...beside, colourAt: tile.colourAt });
  return (i: number, row: number, column: number): [number, number] => [
    left + layout.corners[i]!.x + Math.floor((column + 0.5) * enlarged),
    TILES_TOP + layout.corners[i]!.y + Math.floor((row + 0.5) * enlarged),
  ];
}

describe('drawFilters', () => {
  it('is a PNG with one channel a colour, sized by its tiles', async () => {
    const picture = await drawFilters(new Float32Array(288), [3, 3, 1, 32]);
    expect(picture.extension).toBe('png');
    expect([...picture.bytes.subarray(0, 8)]).toEqual(PNG_SIGNATURE);
    const { width, height, channels } = await decode(picture);
    // Across: 8 tiles of 102, 7 gaps of 14, 2 margins of 28.
    expect({ width, height, channels }).toEqual({ width: 970, height: 710, channels: 3 });
  });

  it('paints each weight of each filter in its place: blue below 0, white at 0, red above', async () => {
    // [r, s, c, k] = [1, 2, 1, 3]: filter 0 is (-2, 0), filter 1 is (2, 1), filter 2 is (0, -2).
    const { colourAt } = await decode(await drawFilters(Float32Array.of(-2, 2, 0, 0, 1, -2), [1, 2, 1, 3]));
    const middle = middleOf({ rows: 1, columns: 2 }, 3);
    expect(colourAt(...middle(0, 0, 0))).toEqual(DARK_BLUE);
    expect(colourAt(...middle(0, 0, 1))).toEqual(NEAR_WHITE);
    expect(colourAt(...middle(1, 0, 0))).toEqual(DARK_RED);
    expect(colourAt(...middle(1, 0, 1))).toEqual([229, 131, 104]); // between #f4a582 and #d6604d
    expect(colourAt(...middle(2, 0, 0))).toEqual(NEAR_WHITE);
    expect(colourAt(...middle(2, 0, 1))).toEqual(DARK_BLUE);
  });

  it('enlarges without blurring and keeps gaps between filters', async () => {
    const { colourAt } = await decode(await drawFilters(Float32Array.of(-1, 1, 1, -1), [2, 1, 1, 2]));
    const corner = { x: tilesLeft(undefined), y: TILES_TOP };
    expect(colourAt(corner.x, corner.y)).toEqual(DARK_BLUE);
    expect(colourAt(corner.x + 51, corner.y + 51)).toEqual(DARK_BLUE);
    expect(colourAt(corner.x, corner.y + 52)).toEqual(DARK_RED);
    expect(colourAt(corner.x + 60, corner.y + 20)).toEqual([255, 255, 255]);
  });

  it('shows three input channels as a colour image with grey at 0', async () => {
    const { colourAt } = await decode(await drawFilters(Float32Array.of(-1, 0, 1), [1, 1, 3, 1]));
    expect(colourAt(...middleOf({ rows: 1, columns: 1 }, 1)(0, 0, 0))).toEqual([0, 128, 255]);
  });

  it('shows a kernel of zeros as zeros', async () => {
    const { colourAt } = await decode(await drawFilters(new Float32Array(4), [2, 2, 1, 1]));
    expect(colourAt(...middleOf({ rows: 2, columns: 2 }, 1)(0, 1, 1))).toEqual(NEAR_WHITE);
  });

  it('draws its texts without any system font', async () => {
    const { colourAt, width } = await decode(await drawFilters(new Float32Array(9), [3, 3, 1, 1]));
    let dark = 0;
    for (let y = 20; y < 50; y++) for (let x = 0; x < width; x++) if (colourAt(x, y)[0]! < 128) dark++;
    // A title of empty boxes, or none, has far fewer dark pixels or far more.
    expect(dark).toBeGreaterThan(300);
    expect(dark).toBeLessThan(1500);
  });

  it.each([
    ['NaN', Float32Array.of(1, Number.NaN), [1, 1, 1, 2], ValueError, /finite numbers, got NaN at 1/],
    ['an empty kernel', new Float32Array(0), [3, 3, 1, 0], ShapeError, /4 positive whole sizes, got \[3, 3, 1, 0\]/],
    ['two input channels', new Float32Array(2), [1, 1, 2, 1], ShapeError, /1 or 3 input channels/],
    ['too few numbers', new Float32Array(8), [3, 3, 1, 1], ShapeError, /needs 9 numbers, got 8/],
  ])('refuses %s', async (_, kernel, shape, error, message) => {
    const drawn = drawFilters(kernel, shape as [number, number, number, number]);
    await expect(drawn).rejects.toThrow(error);
    await expect(drawn).rejects.toThrow(message);
  });
});

describe('drawFeatureMaps', () => {
  it('paints the input in grey beside its maps on one scale', async () => {
    // maps [p, q, k] = [1, 2, 2]: map 0 is (0, 4), map 1 is (2, 0).
    const picture = await drawFeatureMaps(
      Float32Array.of(0, 1),
      [2, 1],
      Float32Array.of(0, 2, 4, 0),
      [1, 2, 2],
      'relu',
    );
    expect([...picture.bytes.subarray(0, 8)]).toEqual(PNG_SIGNATURE);
    const { colourAt } = await decode(picture);
    const input = { x: tilesLeft(undefined) + 10, y: TILES_TOP };
    expect(colourAt(input.x, input.y + 10)).toEqual([0, 0, 0]);
    expect(colourAt(input.x, input.y + 200)).toEqual([255, 255, 255]);
    const middle = middleOf({ rows: 1, columns: 2 }, 2, { rows: 2, columns: 1 });
    expect(colourAt(...middle(0, 0, 0))).toEqual(VIRIDIS_LOW);
    expect(colourAt(...middle(0, 0, 1))).toEqual(VIRIDIS_HIGH);
    expect(colourAt(...middle(1, 0, 0))).toEqual(VIRIDIS_MIDDLE);
    expect(colourAt(...middle(1, 0, 1))).toEqual(VIRIDIS_LOW);
  });

  it('shows maps that do not respond as dark, not as noise', async () => {
    const { colourAt } = await decode(
      await drawFeatureMaps(new Float32Array(4), [2, 2], new Float32Array(8), [2, 2, 2], 'dead'),
    );
    const middle = middleOf({ rows: 2, columns: 2 }, 2, { rows: 2, columns: 2 });
    expect(colourAt(...middle(1, 1, 1))).toEqual(VIRIDIS_LOW);
  });

  it('grows with its title, so that nothing is cut off', async () => {
    const draw = (title: string) =>
      drawFeatureMaps(new Float32Array(4), [2, 2], new Float32Array(4), [2, 2, 1], title).then(decode);
    const long = await draw('a title that goes on and on '.repeat(5));
    expect(long.width).toBeGreaterThan((await draw('short')).width);
    let ink = 0;
    for (let y = 0; y < long.height; y++) if (long.colourAt(long.width - 10, y)[0]! < 250) ink++;
    expect(ink).toBe(0);
  });

  it.each([
    ['NaN in the image', Float32Array.of(Number.NaN), Float32Array.of(1), ValueError, /image: .* got NaN at 0/],
    ['NaN in the maps', Float32Array.of(1), Float32Array.of(Number.NaN), ValueError, /maps: .* got NaN at 0/],
    [
      'empty maps',
      Float32Array.of(1),
      new Float32Array(0),
      ShapeError,
      /maps: shape \[1, 1, 1\] needs 1 numbers, got 0/,
    ],
  ])('refuses %s', async (_, image, maps, error, message) => {
    const drawn = drawFeatureMaps(image, [1, 1], maps, [1, 1, 1], 't');
    await expect(drawn).rejects.toThrow(error);
    await expect(drawn).rejects.toThrow(message);
  });
});

describe('drawAugmentations', () => {
  const words = { title: 'what became of it', subtitle: 'numbers are seeds' };
  const of = (...values: number[]): Augmented => ({
    image: Float32Array.from(values),
    captions: ['turned', 'moved', 'not mirrored'],
  });

  it('paints the original beside what became of it, on its scale', async () => {
    const drawn = await drawAugmentations(of(0, 2), [1, 2, 1], [of(2, 0), of(1, 5)], words);
    const { colourAt } = await decode(drawn);
    const original = { x: tilesLeft(undefined), y: TILES_TOP + 60 };
    expect(colourAt(original.x + 60, original.y)).toEqual([0, 0, 0]);
    expect(colourAt(original.x + 190, original.y)).toEqual([255, 255, 255]);
    const middle = middleOf({ rows: 1, columns: 2 }, 2, { rows: 1, columns: 2 }, { size: 168, lines: 3 });
    expect(colourAt(...middle(0, 0, 0))).toEqual([255, 255, 255]);
    expect(colourAt(...middle(0, 0, 1))).toEqual([0, 0, 0]);
    expect(colourAt(...middle(1, 0, 0))).toEqual([128, 128, 128]);
    expect(colourAt(...middle(1, 0, 1)), 'lighter than anything in the original').toEqual([255, 255, 255]);
  });

  it('paints three channels in their colours', async () => {
    const { colourAt } = await decode(await drawAugmentations(of(0, 1, 0.2), [1, 1, 3], [of(1, 0, 0.4)], words));
    const middle = middleOf({ rows: 1, columns: 1 }, 1, { rows: 1, columns: 1 }, { size: 168, lines: 3 });
    expect(colourAt(tilesLeft(undefined) + 9, TILES_TOP + 9)).toEqual([0, 255, 51]);
    expect(colourAt(...middle(0, 0, 0))).toEqual([255, 0, 102]);
  });

  it('writes its lines under each tile, between it and the number of the next row', async () => {
    const tiles = Array.from({ length: 12 }, () => of(1));
    const { colourAt } = await decode(await drawAugmentations(of(0), [1, 1, 1], tiles, words));
    const { layout } = placeTiles(
      tiles.map(() => ({ rows: 1, columns: 1, colourAt: () => [0, 0, 0] as const })),
      { size: 168, lines: 3 },
    );
    const left = tilesLeft({ rows: 1, columns: 1, colourAt: () => [0, 0, 0] });
    const ink = (from: number, to: number) => {
      let dark = 0;
      for (let y = from; y < to; y++) for (let x = left; x < left + 168; x++) if (colourAt(x, y)[0]! < 128) dark++;
      return dark;
    };
    const under = TILES_TOP + 168 + 2;
    const next = TILES_TOP + layout.corners[4]!.y;
    for (const line of [0, 1, 2]) expect(ink(under + 18 * line, under + 18 * line + 18)).toBeGreaterThan(30);
    expect(ink(under + 56, next - 18)).toBe(0);
    expect(ink(next - 18, next - 2), 'the number').toBeGreaterThan(10);
  });

  it.each([
    ['two channels', of(1, 2), [1, 1, 2], [of(1, 2)], ShapeError, /1 or 3 channels in \[h, w, c\], got \[1, 1, 2\]/],
    [
      'a picture of another size',
      of(1),
      [1, 1, 1],
      [of(1), of(1, 2)],
      ShapeError,
      /picture 1: .* needs 1 numbers, got 2/,
    ],
    ['NaN', of(1), [1, 1, 1], [of(Number.NaN)], ValueError, /picture 0: .* got NaN at 0/],
    ['an original of NaN', of(Number.NaN), [1, 1, 1], [of(1)], ValueError, /original: .* got NaN at 0/],
  ])('refuses %s', async (_, original, shape, augmented, error, message) => {
    const drawn = drawAugmentations(original, shape as [number, number, number], augmented, words);
    await expect(drawn).rejects.toThrow(error);
    await expect(drawn).rejects.toThrow(message);
  });
});
