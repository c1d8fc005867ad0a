import sharp from 'sharp';
import type { Picture } from '../../src/cli/pictures/index.ts';

/** The pixels of a PNG picture, and the colour at one of them. */
export async function decode(picture: Picture) {
  const { data, info } = await sharp(picture.bytes).raw().toBuffer({ resolveWithObject: true });
  return {
    ...info,
    colourAt: (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)],
  };
}

/** The texts of an SVG picture, in order, with character references read. */
export function texts(picture: Picture): string[] {
  const svg = new TextDecoder().decode(picture.bytes);
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) =>
    text!.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
  );
}

export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
