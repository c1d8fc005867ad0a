import { FormatError } from '../../errors.ts';

/** The most pixels of a picture that is read, 89 million (Pillow warns from there on): 358 MB as RGBA. */
export const MOST_PIXELS = 89_478_485;

/** The most bytes of a picture file. */
export const MOST_FILE_BYTES = 512 * 2 ** 20;

/** Refuses a picture by the size that its header claims, before memory is taken for it. */
export function requirePixels(name: string, width: number, height: number): void {
  if (width * height > MOST_PIXELS)
    throw new FormatError(`${name}: ${width} x ${height} pixels; at most ${MOST_PIXELS} are read`);
}
