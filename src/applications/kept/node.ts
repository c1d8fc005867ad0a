import { writeCached } from '../../data/cache.ts';
import { kerasHome } from '../../data/local/kerasHome.ts';
import { platform } from '../../platform/index.ts';
import type { KeptFile } from './keptFile.ts';

/** A file of the cache folder, or of the one of Keras, which is only read. */
export function keptFile(name: string): KeptFile {
  const files = platform.files!;
  const folder = files.join(files.cacheFolder(), 'models');
  const keras = kerasHome(platform);
  return {
    folder,
    async *read() {
      for (const place of [folder, ...(keras ? [files.join(keras, 'models')] : [])]) {
        const found = await files.read(files.join(place, name));
        if (found) yield found;
      }
    },
    write: (bytes) => writeCached(files, files.join(folder, name), bytes),
  };
}
