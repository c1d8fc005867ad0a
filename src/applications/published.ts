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
 * `use` with the file: from the cache, or from where Keras keeps it, if it is there, whole and right; else from its address, to be kept
 * once it was of use.
 *
 * @throws ResourceError when it cannot be had: where it would be, and `advice`
 * @throws FormatError when the address gives something else
 */
export async function usePublished<T>(
  who: string,
  { url, md5: expected }: Published,
  advice: string,
  use: (bytes: Uint8Array) => T | Promise<T>,
): Promise<T> {
  const isRight = (found: Uint8Array) => expected === null || md5(found) === expected;
  const name = url.slice(url.lastIndexOf('/') + 1);
  const file = keptFile(name);
  for await (const found of file.read()) {
    if (!isRight(found)) continue;
    try {
      return await use(found);
    } catch (error) {
      // without a hash a file that was cut off is found out here
      if (expected !== null || !(error instanceof FormatError)) throw error;
    }
  }
  const bytes = await fetchBytes(url, MOST_BYTES, {}).catch((cause: unknown) => {
    if (!(cause instanceof ResourceError)) throw cause;
    const place = file.folder === null ? '' : ` It may also be put into ${file.folder}.`;
    throw new ResourceError(`${who}: ${cause.message}. ${advice}${place}`, { cause });
  });
  if (!isRight(bytes))
    throw new FormatError(`${url}: the download has md5 ${md5(bytes)}, not ${expected}; nothing was kept`);
  const result = await use(bytes);
  await file.write(bytes);
  return result;
}
