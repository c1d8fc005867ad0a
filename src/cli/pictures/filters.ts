import { ShapeError } from '../../errors.ts';
import { checkShape, range } from './checks.ts';
import { blueToRed, grey, type Rgb } from './colourMaps.ts';
import { drawGridPicture } from './gridPicture.ts';
import type { Picture } from './picture.ts';
import type { Tile } from './tile.ts';

/**
 * The k filters of a convolution kernel [r, s, c, k] as PNG, numbered from 0. One scale, even about 0, serves all filters.
 * With one input channel a weight is blue below 0, white at 0, red above; with three, each filter is a colour image
 * in which mid-grey is 0. ShapeError for other channel counts, ValueError for numbers that are not finite.
 */
export async function drawFilters(
  kernel: Float32Array,
  shape: readonly [number, number, number, number],
): Promise<Picture> {
  checkShape('drawFilters: kernel', kernel.length, shape, 4);
  const [rows, columns, channels, filters] = shape;
  if (channels !== 1 && channels !== 3) {
    throw new ShapeError(`drawFilters: expected 1 or 3 input channels in [r, s, c, k], got [${shape.join(', ')}]`);
  }
  const { low, high } = range('drawFilters: kernel', kernel);
  const limit = Math.max(-low, high);
  const position = (row: number, column: number, channel: number, filter: number) => {
    const weight = kernel[((row * columns + column) * channels + channel) * filters + filter]!;
    return limit === 0 ? 0.5 : (weight / limit + 1) / 2;
  };
  const colour = (row: number, column: number, filter: number): Rgb => {
    if (channels === 1) return blueToRed(position(row, column, 0, filter));
    const byte = (channel: number) => Math.round(255 * position(row, column, channel, filter));
    return [byte(0), byte(1), byte(2)];
  };
  const tiles = Array.from(
    { length: filters },
    (_, filter): Tile => ({ rows, columns, colourAt: (row, column) => colour(row, column, filter) }),
  );
  return drawGridPicture({
    title: `${filters} ${filters === 1 ? 'filter' : 'filters'} of ${rows} × ${columns} × ${channels}`,
    subtitle: 'The number over each is its output channel. All share one colour scale.',
    tiles,
    scale: {
      map: channels === 1 ? blueToRed : grey,
      low: -limit,
      high: limit,
      name: channels === 1 ? 'weight' : 'weight, for each of red, green and blue',
    },
  });
}
