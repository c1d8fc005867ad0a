// What is asked of a device happens in the order in which it was asked for, also where one piece of it must wait for its code.
import { NotLoaded } from './later.ts';

export class WorkOrder {
  private readonly blame: (error: unknown) => void;
  private waiting: (() => void)[] = [];
  /** Settles when nothing waits any more; null when nothing does. */
  private caughtUp: Promise<void> | null = null;

  /** `blame` is told what went wrong where nobody is left to catch it. */
  constructor(blame: (error: unknown) => void) {
    this.blame = blame;
  }

  get isWaiting(): boolean {
    return this.caughtUp !== null;
  }

  /** Does `work` now; but behind what waits, from work that throws NotLoaded until that is done. Such work must have done nothing yet. */
  take(work: () => void): void {
    if (this.isWaiting) {
      this.waiting.push(work);
      return;
    }
    try {
      work();
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error;
      this.waiting.push(work);
      this.caughtUp = this.catchUp(error);
    }
  }

  /** The same for work with a result. */
  ask<T>(work: () => Promise<T>): Promise<T> {
    if (!this.isWaiting) return work();
    return new Promise((resolve, reject) => this.waiting.push(() => void work().then(resolve, reject)));
  }

  /** Resolves when nothing waits. */
  async settle(): Promise<void> {
    while (this.caughtUp) await this.caughtUp;
  }

  private async catchUp(first: NotLoaded): Promise<void> {
    for (let missing: NotLoaded | null = first; missing; missing = this.goOn()) {
      try {
        await missing.loaded;
      } catch (error) {
        this.blame(error);
        this.waiting.shift();
      }
    }
    this.caughtUp = null;
  }

  /** Does what waits, up to what is not loaded. */
  private goOn(): NotLoaded | null {
    for (const [at, work] of this.waiting.entries()) {
      try {
        work();
      } catch (error) {
        if (error instanceof NotLoaded) {
          this.waiting.splice(0, at);
          return error;
        }
        this.blame(error);
      }
    }
    this.waiting = [];
    return null;
  }
}
