import { ShapeError, ValueError } from '../errors.ts';
import { pad, slice } from '../ops/slice.ts';
import { kindOf, withPlaces } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ImageLayer, type ImageOptions, type ImageShape, images } from './imageLayer.ts';
import type { Layer, PartialShape } from './layer.ts';
import type { Reader } from './settings.ts';

/** A number for all four sides, [rows, columns] for opposite ones, or [[top, bottom], [left, right]]. */
export type Sides = number | readonly number[] | readonly (readonly number[])[];

type Frame = [rows: [top: number, bottom: number], columns: [left: number, right: number]];

const sides =
  (otherwise: number): Reader<Frame> =>
  (who, name, given = otherwise) => {
    const isLength = (n: unknown): n is number => typeof n === 'number' && Number.isInteger(n) && n >= 0;
    const isPair = (one: unknown): one is [number, number] =>
      Array.isArray(one) && one.length === 2 && one.every(isLength);
    const both = isLength(given) ? [given, given] : given;
    if (Array.isArray(both) && both.length === 2) {
      const [rows, columns]: unknown[] = both.map((one: unknown) => (isLength(one) ? [one, one] : one));
      if (isPair(rows) && isPair(columns)) return [rows, columns];
    }
    throw new ValueError(
      `${who}: ${name} must be a whole number of at least 0, two of them, or [[top, bottom], [left, right]], got ${JSON.stringify(given) ?? kindOf(given)}`,
    );
  };

const padding = { padding: sides(1), ...images };

export class ZeroPadding2DLayer extends ImageLayer<typeof padding> {
  constructor(options: object) {
    super('ZeroPadding2D', options, padding);
  }

  protected imageShape([h, w, c]: ImageShape): PartialShape {
    const [rows, columns] = this.settings.padding;
    return [h === null ? null : h + rows[0] + rows[1], w === null ? null : w + columns[0] + columns[1], c];
  }

  protected callOnImages(x: Tensor): Tensor {
    return pad(x, [[0, 0], ...this.settings.padding, [0, 0]]);
  }
}

/** Images in a frame of zeros. */
export function ZeroPadding2D(padding: Sides = 1, options: ImageOptions = {}): Layer {
  return new ZeroPadding2DLayer(withPlaces('ZeroPadding2D', options, { padding }));
}

const cropping = { cropping: sides(0), ...images };

export class Cropping2DLayer extends ImageLayer<typeof cropping> {
  constructor(options: object) {
    super('Cropping2D', options, cropping);
  }

  protected imageShape([h, w, c]: ImageShape): PartialShape {
    const left = [h, w].map((length, axis) => {
      const [before, after] = this.settings.cropping[axis]!;
      if (length === null || length > before + after) return length === null ? null : length - before - after;
      throw new ShapeError(
        `${this.name}: cropping ${JSON.stringify(this.settings.cropping)} leaves nothing of images ${formatShape([h, w, c])}`,
      );
    });
    return [...left, c];
  }

  protected callOnImages(x: Tensor): Tensor {
    const [[top], [left]] = this.settings.cropping;
    const [, h, w, c] = x.shape as [number, number, number, number];
    const size = this.imageShape([h, w, c]).map((length) => length ?? -1);
    return slice(x, [0, top, left, 0], [-1, ...size]);
  }
}

/** Images without their outer rows and columns. */
export function Cropping2D(cropping: Sides = 0, options: ImageOptions = {}): Layer {
  return new Cropping2DLayer(withPlaces('Cropping2D', options, { cropping }));
}
