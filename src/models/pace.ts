import { currentBackend } from '../engine/runtime.ts';

/** Steps between two looks at the running sums: at most one read-back in ten steps. */
const STEPS_PER_LOOK = 10;
/** On a backend that computes while it is asked: how long the program may go without seeing signals and timers. */
const LONGEST_TURN_MS = 50;

/**
 * Keeps a loop of steps a little ahead of the device and no further: a look at the results is started every few steps,
 * and the one before it is waited for. The loop itself never waits for the newest step.
 */
export class Pace<T> {
  private pending: Promise<T> | null = null;
  private turnBegan = performance.now();

  /** Called after each step; `look` starts a read. Resolves to what the look before found, when there was one. */
  async after(step: number, look: () => Promise<T>): Promise<T | null> {
    if (currentBackend().name === 'cpu') {
      if (performance.now() - this.turnBegan < LONGEST_TURN_MS) return null;
      const found = await look();
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.turnBegan = performance.now();
      return found;
    }
    if ((step + 1) % STEPS_PER_LOOK !== 0) return null;
    const before = this.pending;
    this.pending = look();
    // its failure is seen when it is waited for
    this.pending.catch(() => {});
    return before ? await before : null;
  }

  /** Waits for the look under way. */
  async rest(): Promise<void> {
    await this.pending;
    this.pending = null;
  }
}

/** Seconds on a clock that never goes back. */
export const now = (): number => performance.now() / 1000;
