// Code that is loaded when it is first needed. Kernels are planned without waiting, so what is missing is thrown; who can wait asks
// again. A browser so downloads the kernels that its programs use, and the ways that its device takes.
import { BackendError } from '../../errors.ts';

/** Thrown where code is needed that is not here yet. */
export class NotLoaded extends Error {
  /** Rejects with a BackendError when the code cannot be had. */
  readonly loaded: Promise<void>;

  constructor(loaded: Promise<void>) {
    super('code that is loaded on first use is not here yet');
    this.loaded = loaded;
  }
}

/** What `load` resolves to. Until then asking for it begins to load it, and throws NotLoaded. */
export function later<T extends object>(load: () => Promise<T>): () => T {
  let found: T | undefined;
  let loading: Promise<void> | undefined;
  const take = async () => {
    try {
      found = await load();
    } catch (cause) {
      // whoever asks again tries again
      loading = undefined;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new BackendError(`a part of wgslgrad cannot be loaded: ${why}`, { cause });
    }
  };
  return () => {
    if (found) return found;
    loading ??= take();
    throw new NotLoaded(loading);
  };
}

/** What `work` gives, as soon as all that it asks for is here. It must do nothing before that. */
export async function whenLoaded<T>(work: () => T): Promise<T> {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error;
      await error.loaded;
    }
  }
}
