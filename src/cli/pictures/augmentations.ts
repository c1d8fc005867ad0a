import { ShapeError } from '../../errors.ts';
import { checkShape, range } from './checks.ts';
import { grey, type Rgb } from './colourMaps.ts';
import { drawGridPicture, type TileStyle } from './gridPicture.ts';
import { shortNumber } from './numberText.ts';
import type { Picture } from './picture.ts';
import type { Tile } from './tile.ts';

/** What became of a picture, and by what: up to three lines. */
export interface Augmented {
  readonly image: Float32Array;
  readonly captions: readonly string[];
}

const STYLE: TileStyle = { size: 168, lines: 3 };

/**
 * A picture [h, w, c] of one or three channels beside what augmentation makes of it, numbered from 0, as PNG. One scale serves all,
 * that of the original. ShapeError when data and shape do not fit, ValueError for numbers that are not finite.
 */
export async function drawAugmentations(
  original: Augmented,
  shape: readonly [number, number, number],
  augmented: readonly Augmented[],
  { title, subtitle }: { readonly title: string; readonly subtitle: string },
): Promise<Picture> {
  const [rows, columns, channels] = shape;
  if (channels !== 1 && channels !== 3)
    throw new ShapeError(`drawAugmentations: expected 1 or 3 channels in [h, w, c], got [${shape.join(', ')}]`);
  const ink = range('drawAugmentations: original', original.image);
  const tileOf = (what: string, image: Float32Array): Tile => {
    checkShape(`drawAugmentations: ${what}`, image.length, shape, 3);
    range(`drawAugmentations: ${what}`, image);
    const colour = (row: number, column: number, channel: number): Rgb => {
      const value = image[(row * columns + column) * channels + (channels === 1 ? 0 : channel)]!;
      return grey(ink.high === ink.low ? 0 : (value - ink.low) / (ink.high - ink.low));
    };
    const colourAt = (row: number, column: number): Rgb => [
      colour(row, column, 0)[0],
      colour(row, column, 1)[1],
      colour(row, column, 2)[2],
    ];
    return { rows, columns, colourAt };
  };
  return drawGridPicture({
    title,
    subtitle,
    tiles: augmented.map(({ image }, i) => tileOf(`picture ${i}`, image)),
    style: STYLE,
    captions: augmented.map(({ captions }) => captions),
    beside: {
      tile: tileOf('original', original.image),
      captions: [...original.captions, `black ${shortNumber(ink.low)}, white ${shortNumber(ink.high)}`],
    },
  });
}
