import { type Pair, pair } from '../../ops/window.ts';
import { type Platform, platform, type RawImage } from '../../platform/index.ts';
import type { ImageFile } from '../imageFolder.ts';
import { inParallel } from '../inParallel.ts';
import { decodeImage } from './decodeImage.ts';
import { type ImageSource, readImage } from './imageSource.ts';
import { type ShapeOptions, shaper } from './loadImg.ts';

export interface DecodeImagesOptions extends ShapeOptions {
  /** [height, width] of every picture. */
  readonly targetSize: Pair;
}

/** Files that are read and decoded at the same time: each may take the memory of a whole photograph. */
export const IN_FLIGHT = 8;

/**
 * Pictures as `loadImg` loads them, one after another in one array: bytes [n, height, width, channels].
 *
 * @throws as `loadImg` does, naming the file
 */
export async function decodeImages(
  who: string,
  sources: readonly (ImageSource | ImageFile)[],
  options: DecodeImagesOptions,
  host: Platform = platform,
): Promise<Uint8Array<ArrayBuffer>> {
  pair(who, 'targetSize', options.targetSize);
  const shaped = shaper(who, options);
  let batch = new Uint8Array();
  await inParallel(sources.length, IN_FLIGHT, async (i) => {
    const { data } = shaped(await decoded(who, sources[i]!, host));
    if (batch.length === 0) batch = new Uint8Array(sources.length * data.length);
    batch.set(data, i * data.length);
  });
  return batch;
}

async function decoded(who: string, source: ImageSource | ImageFile, host: Platform): Promise<RawImage> {
  const isListed = typeof source === 'object' && 'read' in source;
  return isListed ? decodeImage(await source.read(), source.path, host) : readImage(who, source, undefined, host);
}
