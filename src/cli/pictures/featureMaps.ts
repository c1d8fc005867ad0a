import { checkShape, range } from './checks.ts';
import { grey, viridis } from './colourMaps.ts';
import { drawGridPicture } from './gridPicture.ts';
import { shortNumber } from './numberText.ts';
import type { Picture } from './picture.ts';
import type { Tile } from './tile.ts';

/**
 * An input image [h, w] beside the k feature maps [p, q, k] that a layer makes of it, as PNG.
 * One scale serves all maps, from the smallest to the largest value (from 0 where nothing is negative, as after a relu),
 * so a map that stays dark is one that does not respond. ShapeError when data and shape do not fit, ValueError for
 * numbers that are not finite.
 */
export async function drawFeatureMaps(
  image: Float32Array,
  imageShape: readonly [number, number],
  maps: Float32Array,
  mapsShape: readonly [number, number, number],
  title: string,
): Promise<Picture> {
  checkShape('drawFeatureMaps: image', image.length, imageShape, 2);
  checkShape('drawFeatureMaps: maps', maps.length, mapsShape, 3);
  const [height, width] = imageShape;
  const [rows, columns, channels] = mapsShape;
  const ink = range('drawFeatureMaps: image', image);
  const response = range('drawFeatureMaps: maps', maps);
  const low = Math.min(0, response.low);
  const tiles = Array.from(
    { length: channels },
    (_, channel): Tile => ({
      rows,
      columns,
      colourAt: (row, column) =>
        viridis(position(maps[(row * columns + column) * channels + channel]!, low, response.high)),
    }),
  );
  const input: Tile = {
    rows: height,
    columns: width,
    colourAt: (row, column) => grey(position(image[row * width + column]!, ink.low, ink.high)),
  };
  return drawGridPicture({
    title,
    subtitle: `${channels} feature ${channels === 1 ? 'map' : 'maps'} of ${rows} × ${columns}. The number over each is its channel. All share one colour scale.`,
    tiles,
    scale: { map: viridis, low, high: response.high, name: 'response' },
    beside: {
      tile: input,
      captions: [`input, ${height} × ${width}`, `black ${shortNumber(ink.low)}, white ${shortNumber(ink.high)}`],
    },
  });
}

/** Where a value lies between low and high, 0 to 1; 0 where they are equal. */
function position(value: number, low: number, high: number): number {
  return high === low ? 0 : (value - low) / (high - low);
}
