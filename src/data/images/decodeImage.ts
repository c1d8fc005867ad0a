import { FormatError } from '../../errors.ts';
import { type Platform, platform, type RawImage } from '../../platform/index.ts';
import { decodeBmp } from './bmp.ts';
import { MOST_PIXELS } from './limits.ts';
import { decodePpm } from './ppm.ts';

/** How files of the formats begin that the platform decodes; '.' stands for any byte. */
const begins = ['\x89PNG\r\n\x1a\n', '\xff\xd8\xff', 'GIF8', 'RIFF....WEBP', 'II*\0', 'MM\0*'];

/**
 * The pixels of a picture file: 8 bits a channel, 1 to 4 channels. Which format it is, its first bytes say.
 *
 * @param name what an error calls the file
 * @throws FormatError when it is damaged, of another format, or of more than MOST_PIXELS pixels
 */
export async function decodeImage(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  host: Platform = platform,
): Promise<RawImage> {
  if (bytes.length === 0) throw new FormatError(`${name}: the file is empty`);
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  if (start.startsWith('BM')) return decodeBmp(bytes, name);
  if (/^P[1-6]\s/.test(start)) return decodePpm(bytes, name);
  const isKnown = begins.some((begin) => [...begin].every((sign, i) => sign === '.' || sign === start[i]));
  if (!isKnown)
    throw new FormatError(`${name}: no picture: it does not begin as PNG, JPEG, GIF, WebP, TIFF, BMP or PPM do`);
  const image = await host.images.decode(bytes, name, MOST_PIXELS);
  if (image.channels > 4) throw new FormatError(`${name}: ${image.channels} channels; 1 to 4 are read`);
  return image;
}
