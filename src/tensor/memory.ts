import type { Backend, Storage } from '../backend/backend.ts';

/** Storage that several tensors may view; it goes back to the backend with the last of them. */
export class SharedStorage {
  readonly backend: Backend;
  readonly storage: Storage;
  private holders = 1;

  constructor(backend: Backend, storage: Storage) {
    this.backend = backend;
    this.storage = storage;
  }

  retain(): this {
    this.holders++;
    return this;
  }

  release(): void {
    if (this.holders === 0) return;
    this.holders--;
    if (this.holders === 0) this.backend.free(this.storage);
  }
}

// The net under scopes and dispose(): a tensor that the program has lost gives its storage back.
export const lostTensors = new FinalizationRegistry<() => void>((letGo) => letGo());
