// Images brought to one size. Both layers take a single image [h, w, c] too.
import { ValueError } from '../errors.ts';
import { resizeBilinear, resizeNearest } from '../ops/resize2d.ts';
import { pad, slice } from '../ops/slice.ts';
import { withPlaces } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ImageOptions, type ImageReaders, type ImageShape, images, PictureLayer } from './imageLayer.ts';
import type { Layer, PartialShape } from './layer.ts';
import { flag, number, whole, word } from './settings.ts';

const target = { height: whole(1), width: whole(1), ...images };

abstract class SizeLayer<R extends ImageReaders & typeof target> extends PictureLayer<R> {
  protected imageShape([, , c]: ImageShape): PartialShape {
    return [...this.size, c];
  }

  protected get size(): [height: number, width: number] {
    const { height, width }: { height: number; width: number } = this.settings;
    return [height, width];
  }
}

export interface ResizingOptions extends ImageOptions {
  /** `bilinear` (default, without antialiasing) or `nearest`. */
  readonly interpolation?: string;
  /** Cut what is too long off both ends instead of distorting. Default false. */
  readonly cropToAspectRatio?: boolean;
  /** Add a margin of `fillValue` to both ends instead. Default false. */
  readonly padToAspectRatio?: boolean;
  /** Default 0. */
  readonly fillValue?: number;
}

const resizing = {
  ...target,
  interpolation: word(['bilinear', 'nearest'], 'bilinear'),
  cropToAspectRatio: flag(false),
  padToAspectRatio: flag(false),
  fillValue: number(0),
};

export class ResizingLayer extends SizeLayer<typeof resizing> {
  constructor(options: object) {
    super('Resizing', options, resizing);
    const { cropToAspectRatio, padToAspectRatio } = this.settings;
    if (cropToAspectRatio && padToAspectRatio)
      throw new ValueError(`${this.name}: cropToAspectRatio and padToAspectRatio exclude each other`);
  }

  protected callOnImages(x: Tensor): Tensor {
    const { interpolation, cropToAspectRatio, padToAspectRatio, fillValue } = this.settings;
    const resize = interpolation === 'bilinear' ? resizeBilinear : resizeNearest;
    if (cropToAspectRatio) return resize(cropped(x, this.size), this.size);
    return resize(padToAspectRatio ? padded(x, this.size, fillValue) : x, this.size);
  }
}

/** Images sampled to [height, width, c], pixels taken as areas (half-pixel centres). */
export function Resizing(height: number, width: number, options: ResizingOptions = {}): Layer {
  return new ResizingLayer(withPlaces('Resizing', options, { height, width }));
}

export class CenterCropLayer extends SizeLayer<typeof target> {
  constructor(options: object) {
    super('CenterCrop', options, target);
  }

  protected callOnImages(x: Tensor): Tensor {
    const [, h, w] = x.shape as [number, number, number, number];
    const [height, width] = this.size;
    if (h < height || w < width) return resizeBilinear(cropped(x, this.size), this.size);
    return middle(x, height, width);
  }
}

/** The middle of images, [height, width, c]. Of smaller ones the largest middle of that shape, enlarged. */
export function CenterCrop(height: number, width: number, options: ImageOptions = {}): Layer {
  return new CenterCropLayer(withPlaces('CenterCrop', options, { height, width }));
}

function middle(x: Tensor, height: number, width: number): Tensor {
  const [, h, w] = x.shape as [number, number, number, number];
  return slice(x, [0, Math.floor((h - height) / 2), Math.floor((w - width) / 2), 0], [-1, height, width, -1]);
}

/** The largest middle that has the target's ratio of sides. */
export function cropped(x: Tensor, [height, width]: readonly [number, number]): Tensor {
  const [, h, w] = x.shape as [number, number, number, number];
  const rows = Math.max(Math.min(h, Math.floor((w * height) / width)), 1);
  const columns = Math.max(Math.min(w, Math.floor((h * width) / height)), 1);
  return middle(x, rows, columns);
}

/** The smallest frame around x that has the target's ratio of sides. */
function padded(x: Tensor, [height, width]: readonly [number, number], value: number): Tensor {
  const [, h, w] = x.shape as [number, number, number, number];
  const rows = Math.max(h, Math.floor((w * height) / width)) - h;
  const columns = Math.max(w, Math.floor((h * width) / height)) - w;
  const sides = (cells: number) => [Math.floor(cells / 2), Math.ceil(cells / 2)];
  return pad(x, [[0, 0], sides(rows), sides(columns), [0, 0]], value);
}
