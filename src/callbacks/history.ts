import type { Logs } from './callback.ts';

/** What `fit` returns: one number for each key and epoch. */
export class History {
  readonly history: Record<string, number[]> = {};
  /** Epochs that ran, counted from 0. */
  readonly epoch: number[] = [];
  readonly params: { readonly verbose: number; readonly epochs: number; readonly steps: number | null };

  constructor(params: { verbose: number; epochs: number; steps: number | null }) {
    this.params = params;
  }

  add(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) {
      const list = this.history[name];
      if (list) list.push(value);
      else this.history[name] = [value];
    }
  }
}
