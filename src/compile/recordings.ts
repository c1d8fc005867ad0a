import type { Executable } from './replay.ts';

/** Something recorded, with whatever its user wants to know of it. */
export interface Recording {
  readonly executable: Executable;
}

/** What nobody can call any more gives back its memory. */
const lost = new FinalizationRegistry<Recordings<Recording>>((recordings) => recordings.dispose());

/** What was recorded stays prepared, each by a key that says for what: shapes and dtypes. */
export class Recordings<R extends Recording> {
  private readonly mostBytes: number;
  /** The one used last comes last. */
  private readonly kept = new Map<string, { readonly pending: Promise<R>; found: R | null }>();

  /** Those used last are kept while they hold no more than `mostBytes` together; the very last one always. */
  constructor(mostBytes = Number.POSITIVE_INFINITY) {
    this.mostBytes = mostBytes;
  }

  /** Disposes of itself when `owner`, which it must not refer to, is lost. */
  disposeWith(owner: object): this {
    lost.register(owner, this);
    return this;
  }

  /**
   * `run` on what is kept under `key`, or is recorded for it. `run` is called at once, so that nobody else can use the same memory
   * between what it gives to the executable and what it takes from it.
   */
  async use<T>(key: string, record: () => Promise<R>, run: (recording: R) => T): Promise<T> {
    for (;;) {
      const known = this.kept.get(key);
      if (known && known.found?.executable.isCurrent() === false) this.drop(key);
      const entry = this.kept.get(key) ?? this.begin(key, record());
      const recording = await entry.pending;
      // it may have been dropped while it was waited for
      if (this.kept.get(key) !== entry) continue;
      this.kept.delete(key);
      this.kept.set(key, entry);
      this.trim();
      return run(recording);
    }
  }

  dispose(): void {
    for (const key of [...this.kept.keys()]) this.drop(key);
  }

  private begin(key: string, pending: Promise<R>) {
    const entry: { readonly pending: Promise<R>; found: R | null } = { pending, found: null };
    this.kept.set(key, entry);
    pending.then(
      (found) => {
        entry.found = found;
        if (this.kept.get(key) !== entry) found.executable.dispose();
      },
      () => {
        if (this.kept.get(key) === entry) this.kept.delete(key);
      },
    );
    return entry;
  }

  private drop(key: string): void {
    const entry = this.kept.get(key);
    this.kept.delete(key);
    entry?.found?.executable.dispose();
  }

  private trim(): void {
    const bytes = [...this.kept.values()].reduce((total, { found }) => total + (found?.executable.bytes ?? 0), 0);
    let tooMuch = bytes - this.mostBytes;
    for (const [key, { found }] of [...this.kept].slice(0, -1)) {
      if (tooMuch <= 0) return;
      if (!found) continue;
      tooMuch -= found.executable.bytes;
      this.drop(key);
    }
  }
}
