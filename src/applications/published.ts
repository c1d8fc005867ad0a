// Files that Keras publishes: downloaded once, checked, and kept for the next time.
import { fetchBytes } from '../data/download.ts';
import { md5 } from '../data/md5.ts';
import { FormatError, ResourceError } from '../errors.ts';
import { keptFile } from './kept/index.ts';

/** A file at its address. */
export interface Published {
  readonly url: string;
  /** null where none is published: then what the file holds must tell whether it is whole. */
  readonly md5: string | null;
}

/** More than any of these files has. */
export const MOST_BYTES = 2 ** 30;

/**
 * From the cache if it is there, whole and right; else from its address, to be kept.
 *
 * @throws ResourceError when it cannot be had, which ends in `advice`: what to do without a network
 * @throws FormatError when the address gives something else
 */
export async function publishedBytes(
  who: string,
  { url, md5: expected }: Published,
  advice: string,
): Promise<Uint8Array> {
  const isRight = (found: Uint8Array) => expected === null || md5(found) === expected;
  const name = url.slice(url.lastIndexOf('/') + 1);
  const file = keptFile(name);
  const kept = await file.read();
  if (kept && isRight(kept)) return kept;
  const bytes = await fetchBytes(url, MOST_BYTES, {}).catch((cause: unknown) => {
    if (!(cause instanceof ResourceError)) throw cause;
    throw new ResourceError(`${who}: ${cause.message}. ${advice}`, { cause });
  });
  if (!isRight(bytes))
    throw new FormatError(`${url}: the download has md5 ${md5(bytes)}, not ${expected}; nothing was kept`);
  await file.write(bytes);
  return bytes;
}
