import type { KeptFile } from './keptFile.ts';

/** A page keeps nothing; the browser's own cache serves repeated downloads. */
export function keptFile(_name: string): KeptFile {
  return { folder: null, async *read() {}, write: async () => {} };
}
