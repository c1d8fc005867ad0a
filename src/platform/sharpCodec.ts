import type { Sharp } from 'sharp';
import { FormatError, ResourceError } from '../errors.ts';
import type { ImageCodec, ImageFormat, RawImage } from './platform.ts';

/** What Pillow, and with it Keras, writes: JPEG of quality 75, TIFF without loss. */
const writing: Partial<Record<ImageFormat, object>> = { jpeg: { quality: 75 }, tiff: { compression: 'lzw' } };

/** Pictures by npm package sharp, loaded when the first one is asked for. */
export const sharpCodec: ImageCodec = {
  async decode(bytes, name, maxPixels) {
    const sharp = await loadSharp();
    try {
      // The limit is our own, so that its message is too: nothing is decoded before it is checked.
      const open = () => sharp(bytes, { failOn: 'error', ignoreIcc: true, limitInputPixels: false });
      const { width, height, space, depth, hasAlpha } = await open().metadata();
      if (width * height > maxPixels)
        throw new FormatError(`${width} x ${height} pixels; at most ${maxPixels} are read`);
      if (depth !== 'uchar' && depth !== 'ushort')
        throw new FormatError(`samples of type ${depth}; 8 or 16 bits are read`);
      const image = await read(inItsColours(open(), space, hasAlpha));
      return space === 'cmyk' && image.channels === 4 ? rgbOfCmyk(image) : image;
    } catch (cause) {
      // Messages of libvips go over many lines, mostly of the same words.
      throw new FormatError(`${name}: ${message(cause).split('\n')[0]}`, { cause });
    }
  },

  async encode({ width, height, channels, data }, format) {
    const sharp = await loadSharp();
    const kind = channels === 1 ? 1 : channels === 2 ? 2 : channels === 3 ? 3 : 4;
    const picture = sharp(data, { raw: { width, height, channels: kind } });
    const coloured = channels < 3 ? picture.toColourspace('b-w') : picture;
    return new Uint8Array(await coloured.toFormat(format, writing[format] ?? {}).toBuffer());
  },
};

async function loadSharp(): Promise<typeof import('sharp').default> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new ResourceError(
      `images need npm package "sharp" in Node, which is not installed or does not load here; try \`npm install sharp\` (${message(cause)})`,
      { cause },
    );
  }
}

/** sharp would make everything RGB: grey of 8 bits stays grey (its alpha would be lost), and CMYK is left to the formula below. */
function inItsColours(picture: Sharp, space: string, hasAlpha: boolean): Sharp {
  if (space === 'b-w' && !hasAlpha) return picture.toColourspace('b-w');
  return space === 'cmyk' ? picture.pipelineColourspace('cmyk').toColourspace('cmyk') : picture;
}

async function read(picture: Sharp): Promise<RawImage> {
  const { data: buffer, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const data = new Uint8Array(buffer);
  if (data.length !== width * height * channels) throw new FormatError(`${data.length} bytes for ${width} x ${height}`);
  return { width, height, channels, data };
}

/** RGB of inks as Pillow has it, without a profile of any printer: (255 - K) * (255 - C) / 255. */
function rgbOfCmyk({ width, height, data }: RawImage): RawImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    const white = 255 - data[from + 3]!;
    for (let c = 0; c < 3; c++) {
      const ink = data[from + c]! * white + 128;
      rgb[to++] = white - ((ink + (ink >> 8)) >> 8);
    }
  }
  return { width, height, channels: 3, data: rgb };
}

const message = (error: unknown) => (error instanceof Error ? error.message : String(error));
