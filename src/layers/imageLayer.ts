// What all layers of images [batch, height, width, channels] have in common: their checks, and the other order of axes.
import { floatDType } from '../engine/runtime.ts';
import { ShapeError } from '../errors.ts';
import { cast } from '../ops/elementwise.ts';
import { expandDims, squeeze, transpose } from '../ops/shape.ts';
import { type WindowOptions, windowGeometry } from '../ops/window.ts';
import { isFloat } from '../tensor/dtype.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type CallOptions, Layer, type LayerOptions, type PartialShape } from './layer.ts';
import { type Reader, type Readers, word } from './settings.ts';

const formats = ['channels_last', 'channels_first'] as const;
type DataFormat = (typeof formats)[number];

export interface ImageOptions extends LayerOptions {
  /** `channels_last` (default), or `channels_first` for [batch, channels, height, width]: turned round and back. Weights are the same. */
  readonly dataFormat?: string | null;
}

/** The option of every such layer. */
export const images: { readonly dataFormat: Reader<DataFormat> } = { dataFormat: word(formats, 'channels_last') };

export type ImageReaders = Readers & typeof images;

/** Height, width and channels of a sample; null where not known. */
export type ImageShape = readonly [height: number | null, width: number | null, channels: number | null];

/** Its methods see channels last, whatever the user has. */
export abstract class ImageLayer<R extends ImageReaders = ImageReaders> extends Layer<R> {
  /** Shape of a sample of the result: an image again, or something else. */
  protected abstract imageShape(input: ImageShape): PartialShape;

  protected abstract callOnImages(x: Tensor, options: CallOptions): Tensor;

  computeOutputShape(input: PartialShape): PartialShape {
    const sample = this.imageShape(this.sampleOf(input));
    const [h, w, c] = sample;
    return [input[0]!, ...(this.channelsFirst && sample.length === 3 ? [c!, h!, w!] : sample)];
  }

  protected call(x: Tensor, options: CallOptions): Tensor {
    this.sampleOf(x.shape);
    if (!this.channelsFirst) return this.callOnImages(x, options);
    const y = this.callOnImages(transpose(x, [0, 2, 3, 1]), options);
    return y.rank === 4 ? transpose(y, [0, 3, 1, 2]) : y;
  }

  protected override weightsDependOn(input: PartialShape): PartialShape {
    return this.sampleOf(input).slice(2);
  }

  private get channelsFirst(): boolean {
    return this.settings.dataFormat === 'channels_first';
  }

  private sampleOf(input: PartialShape): ImageShape {
    if (input.length !== 4) {
      const axes = this.channelsFirst ? 'channels, height, width' : 'height, width, channels';
      throw new ShapeError(`${this.name}: needs inputs [batch, ${axes}], got ${formatShape(input)}`);
    }
    const [, a, b, c] = input;
    return this.channelsFirst ? [b!, c!, a!] : [a!, b!, c!];
  }
}

/** A layer of images of which one may come alone, [h, w, c]. Bytes become floats. */
export abstract class PictureLayer<R extends ImageReaders = ImageReaders> extends ImageLayer<R> {
  override computeOutputShape(input: PartialShape): PartialShape {
    return input.length === 3 ? super.computeOutputShape([1, ...input]).slice(1) : super.computeOutputShape(input);
  }

  protected override call(x: Tensor, options: CallOptions): Tensor {
    const float = isFloat(x.dtype) ? x : cast(x, floatDType());
    return x.rank === 3 ? squeeze(super.call(expandDims(float, 0), options), 0) : super.call(float, options);
  }
}

/** Height and width behind a window, null where they are not known; a ShapeError when it does not fit. */
export function behindWindow(
  who: string,
  [h, w]: ImageShape,
  options: WindowOptions,
): [height: number | null, width: number | null] {
  // where nothing is known a window fits
  const extent = (axis: 0 | 1) => (options.window[axis] - 1) * options.dilation[axis] + 1;
  const { p, q } = windowGeometry(who, [h ?? extent(0), w ?? extent(1)], options);
  return [h === null ? null : p, w === null ? null : q];
}
