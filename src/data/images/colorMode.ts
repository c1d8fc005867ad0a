import type { RawImage } from '../../platform/index.ts';

/** Channels of each colour mode. */
export const colorModes = { grayscale: 1, rgb: 3, rgba: 4 } as const;

export type ColorMode = keyof typeof colorModes;

/** The picture in these colours. Alpha is dropped, not blended; grey is the luma of ITU-R BT.601 as Pillow rounds it. */
export function inColorMode(image: RawImage, mode: ColorMode): RawImage {
  const { width, height, channels: from, data } = image;
  const to = colorModes[mode];
  if (from === to) return image;
  const pixels = new Uint8Array(width * height * to);
  const isGrey = from < 3;
  const alpha = from === 2 ? 1 : from === 4 ? 3 : -1;
  for (let at = 0, i = 0; i < pixels.length; at += from, i += to) {
    const [r, g, b] = isGrey ? [data[at]!, data[at]!, data[at]!] : [data[at]!, data[at + 1]!, data[at + 2]!];
    if (to === 1) {
      pixels[i] = isGrey ? r : luma(r, g, b);
    } else {
      pixels[i] = r;
      pixels[i + 1] = g;
      pixels[i + 2] = b;
      if (to === 4) pixels[i + 3] = alpha < 0 ? 255 : data[at + alpha]!;
    }
  }
  return { width, height, channels: to, data: pixels };
}

/** 0.299 R + 0.587 G + 0.114 B in 1/65536. */
const luma = (r: number, g: number, b: number) => (19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16;
