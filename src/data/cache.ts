import { ResourceError } from '../errors.ts';
import type { Files } from '../platform/index.ts';

/**
 * Keeps a file for the next run: all of it or nothing.
 *
 * @throws ResourceError when the folder cannot be written or the disk is full, with what to do about it
 */
export async function writeCached(files: Files, path: string, bytes: Uint8Array): Promise<void> {
  try {
    await files.writeAtomic(path, bytes);
  } catch (cause) {
    if (!(cause instanceof ResourceError)) throw cause;
    throw new ResourceError(`${cause.message}. Set WGSLGRAD_CACHE to a folder that can be written and has room.`, {
      cause,
    });
  }
}
