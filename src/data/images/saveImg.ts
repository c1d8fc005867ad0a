import { ResourceError, ValueError } from '../../errors.ts';
import { type ImageFormat, type Platform, platform, type RawImage } from '../../platform/index.ts';
import type { TensorData } from '../../tensor/nested.ts';
import { kindOf, refuseUnknown } from '../../tensor/options.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { inColorMode } from './colorMode.ts';
import { type ArrayToImgOptions, arrayToImg, isImage, requireImage } from './imageArrays.ts';

export interface SaveImgOptions extends ArrayToImgOptions {
  /** 'png', 'jpg', 'jpeg', 'webp', 'tif', 'tiff' or 'gif'. Default: the ending of the path. */
  readonly fileFormat?: string;
}

/** Endings, and what they mean. */
const formats: ReadonlyMap<string, ImageFormat> = new Map([
  ['png', 'png'],
  ['jpg', 'jpeg'],
  ['jpeg', 'jpeg'],
  ['webp', 'webp'],
  ['tif', 'tiff'],
  ['tiff', 'tiff'],
  ['gif', 'gif'],
]);

/**
 * Writes a tensor, as `arrayToImg` takes it, or a picture to a file: all of it or nothing. Node only; needs npm package sharp.
 * JPEG has no alpha: it is dropped.
 */
export async function saveImg(
  path: string,
  x: Tensor | TensorData | RawImage,
  options: SaveImgOptions = {},
  host: Platform = platform,
): Promise<void> {
  refuseUnknown('saveImg', options, ['fileFormat', 'scale']);
  const { fileFormat, ...others } = options;
  const format = formatOf(path, fileFormat);
  const { files, images } = host;
  if (!files || !images.encode) throw new ResourceError('saveImg: this place has no file system to write to');
  const image = isImage(x) ? x : await arrayToImg(x, others);
  requireImage('saveImg', image);
  await files.writeAtomic(path, await images.encode(writable(image, format), format));
}

function formatOf(path: unknown, fileFormat: unknown): ImageFormat {
  if (typeof path !== 'string' || path === '')
    throw new ValueError(`saveImg: path must be a string, got ${kindOf(path)}`);
  const ending = fileFormat ?? /\.([^./\\]+)$/.exec(path)?.[1];
  const format = typeof ending === 'string' ? formats.get(ending.toLowerCase()) : undefined;
  if (format) return format;
  throw new ValueError(
    `saveImg: the format must be one of ${[...formats.keys()].join(', ')}, got ${kindOf(ending)} for ${path}`,
  );
}

function writable(image: RawImage, format: ImageFormat): RawImage {
  return format === 'jpeg' && image.channels === 4 ? inColorMode(image, 'rgb') : image;
}
