import { ensureStarted } from '../../engine/start.ts';
import { ValueError } from '../../errors.ts';
import { type Pair, pair } from '../../ops/window.ts';
import type { RawImage } from '../../platform/index.ts';
import { kindOf, refuseUnknown, truth } from '../../tensor/options.ts';
import { type ColorMode, colorModes, inColorMode } from './colorMode.ts';
import { cropTo } from './crop.ts';
import { type ImageSource, readImage } from './imageSource.ts';
import { type Interpolation, interpolations, resample } from './resample.ts';

export interface LoadImgOptions {
  /** 'rgb' (default), 'rgba' or 'grayscale'. */
  readonly colorMode?: ColorMode;
  /** [height, width]; a number for a square. Default: the size that it has. */
  readonly targetSize?: Pair | null;
  /** 'nearest' (default), 'bilinear', 'bicubic', 'hamming', 'box' or 'lanczos', as Pillow computes them: all but nearest look at every pixel. */
  readonly interpolation?: Interpolation;
  /** Cuts a part of the target's proportions from the middle first, where a picture would else be stretched. Default false. */
  readonly keepAspectRatio?: boolean;
  /** Stops a download. */
  readonly signal?: AbortSignal | undefined;
}

const known = ['colorMode', 'targetSize', 'interpolation', 'keepAspectRatio'];

/**
 * A picture as bytes: { height, width, channels, data }, row-major. Formats: PNG, JPEG, GIF (the first picture), WebP, TIFF (in
 * Node), BMP, PPM. In Node npm package sharp decodes all but the last two.
 *
 * @throws ResourceError when there is no such file, no answer from the address, or no sharp
 * @throws FormatError when it is damaged, of another format, or of more than 89,478,485 pixels
 */
export async function loadImg(source: ImageSource, options: LoadImgOptions = {}): Promise<RawImage> {
  refuseUnknown('loadImg', options, [...known, 'signal']);
  const shaped = shaper('loadImg', options);
  // What comes next is imgToArray, which cannot wait for it.
  await ensureStarted();
  return shaped(await readImage('loadImg', source, options.signal));
}

/** What is done to each picture that was decoded. */
export interface ShapeOptions extends Omit<LoadImgOptions, 'signal'> {}

/** Checks the options, and gives the function that brings a decoded picture to its colours and size. */
export function shaper(who: string, options: ShapeOptions): (image: RawImage) => RawImage {
  const mode = colorModeOption(who, options.colorMode);
  const { targetSize = null, interpolation = 'nearest' } = options;
  const size = targetSize === null ? null : pair(who, 'targetSize', targetSize);
  if (!interpolations.includes(interpolation))
    throw new ValueError(
      `${who}: interpolation must be one of ${interpolations.join(', ')}, got ${kindOf(interpolation)}`,
    );
  const keepsRatio = truth(who, 'keepAspectRatio', options.keepAspectRatio ?? false);
  return (decoded) => {
    const image = inColorMode(decoded, mode);
    const { height, width } = image;
    if (!size || (size[0] === height && size[1] === width)) return image;
    return resample(image, size, interpolation, keepsRatio ? cropTo(image, size) : undefined);
  };
}

export function colorModeOption(who: string, mode: unknown = 'rgb'): ColorMode {
  if (mode === 'rgb' || mode === 'rgba' || mode === 'grayscale') return mode;
  throw new ValueError(`${who}: colorMode must be one of ${Object.keys(colorModes).join(', ')}, got ${kindOf(mode)}`);
}
