import { describe, expect, it } from 'vitest';
import { placeTiles, TILES_TOP, tilesLeft } from '../../src/cli/pictures/gridPicture.ts';
import { drawFeatureMaps, drawFilters } from '../../src/cli/pictures/index.ts';
import { ShapeError, ValueError } from '../../src/errors.ts';
import { decode, PNG_SIGNATURE } from './decode.ts';

const DARK_BLUE = [5, 48, 97];
const NEAR_WHITE = [247, 247, 247];
const DARK_RED = [103, 0, 31];
const VIRIDIS_LOW = [68, 1, 84];
const VIRIDIS_MIDDLE = [33, 145, 140];
const VIRIDIS_HIGH = [253, 231, 37];

/** The middle of pixel (row, column) of tile i on the screen. */
function middleOf(shape: { rows: number; columns: number }, count: number, beside?: { rows: number; columns: number }) {
  const tile = { ...shape, colourAt: () => [0, 0, 0] as const };
  const { enlarged, layout } = placeTiles(Array.from({ length: count }, () => tile));
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
