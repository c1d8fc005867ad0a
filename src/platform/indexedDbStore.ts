import { ResourceError } from '../errors.ts';
import type { Store } from './platform.ts';

const DATABASE = 'wgslgrad';
const KEPT = 'kept';

/** Texts in IndexedDB. A page without it, as in some private windows, has nothing kept and cannot keep anything. */
export const indexedDbStore: Store = {
  async read(name) {
    if (!globalThis.indexedDB) return null;
    const found: unknown = await withKept('readonly', (kept) => kept.get(name));
    return typeof found === 'string' ? found : null;
  },
  async write(name, text) {
    if (!globalThis.indexedDB) throw new ResourceError('this page has no IndexedDB');
    await withKept('readwrite', (kept) => kept.put(text, name));
  },
};

async function withKept<T>(mode: IDBTransactionMode, ask: (kept: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  try {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(KEPT);
    const database = await answer(opening);
    try {
      return await answer(ask(database.transaction(KEPT, mode).objectStore(KEPT)));
    } finally {
      database.close();
    }
  } catch (cause) {
    throw new ResourceError(`IndexedDB: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
