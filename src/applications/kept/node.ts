import { writeCached } from '../../data/cache.ts';
import { platform } from '../../platform/index.ts';
import type { KeptFile } from './keptFile.ts';

/** A file of the cache folder. */
export function keptFile(name: string): KeptFile {
  const files = platform.files!;
  const path = files.join(files.cacheFolder(), 'models', name);
  return { read: () => files.read(path), write: (bytes) => writeCached(files, path, bytes) };
}
