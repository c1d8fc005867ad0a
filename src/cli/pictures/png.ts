import type { Font } from 'opentype.js';
import type { Canvas } from './canvas.ts';
import { type Label, labelsSvg } from './labels.ts';
import { loadPackage } from './loadPackage.ts';
import type { Picture } from './picture.ts';

/** The canvas with its labels on top, as an RGB PNG. ResourceError when `sharp` is missing. */
export async function encodePng(canvas: Canvas, labels: readonly Label[], font: Font): Promise<Picture> {
  const { default: sharp } = await loadPackage('sharp', () => import('sharp'));
  const { width, height, pixels } = canvas;
  const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(labelsSvg(font, labels, width, height)) }])
    .removeAlpha()
    .png({ compressionLevel: 9 })
    .toBuffer();
  return { extension: 'png', bytes };
}
