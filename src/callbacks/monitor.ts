import { ValueError } from '../errors.ts';
import { entryNamed } from '../tensor/names.ts';
import { finiteNumber } from '../tensor/options.ts';
import type { Logs, TrainedModel } from './callback.ts';
import { filledText, oneOf } from './options.ts';
import { warn } from './say.ts';

export interface MonitorOptions {
  /** The key in the logs to watch; default `val_loss`. */
  readonly monitor?: string;
  /** Whether smaller or larger is better; `auto` (default) asks the model. */
  readonly mode?: 'auto' | 'min' | 'max';
}

/** A value of the logs that should get better, and the best of it so far. */
export class Monitor {
  readonly key: string;
  best: number | null;
  private readonly who: string;
  private readonly mode: 'auto' | 'min' | 'max';
  private readonly minDelta: number;
  private largerIsBetter = false;
  private hasWarned = false;

  /** A change by `minDelta` or less is no improvement; only its size counts. `best` is where to start, null for anything. */
  constructor(who: string, options: MonitorOptions, minDelta: number, best: number | null = null) {
    this.who = who;
    this.key = filledText(who, 'monitor', options.monitor ?? 'val_loss');
    this.mode = oneOf(who, 'mode', options.mode ?? 'auto', ['auto', 'min', 'max']);
    this.minDelta = Math.abs(finiteNumber(who, 'minDelta', minDelta));
    this.best = best;
  }

  /** Settles which way is better. @throws ValueError when neither the options nor the model say so */
  begin(model: TrainedModel): void {
    const direction = this.mode === 'auto' ? model.directionOf(this.key.replace(/^val_/, '')) : this.mode;
    if (direction === null) {
      throw new ValueError(
        `${this.who}: nobody knows whether a larger or a smaller ${this.key} is better; say mode: 'max' or mode: 'min'`,
      );
    }
    this.largerIsBetter = direction === 'max';
    this.hasWarned = false;
  }

  /** The value, or null after a warning, which comes once a run. */
  read(logs: Logs): number | null {
    const value = entryNamed(logs, this.key);
    if (value !== null) return value;
    if (!this.hasWarned) {
      warn(`${this.who}: there is no ${this.key} to watch, only ${Object.keys(logs).join(', ') || 'nothing'}`);
    }
    this.hasWarned = true;
    return null;
  }

  /** Whether the value is better than the best one, which it then becomes. The first value always is. */
  improves(value: number): boolean {
    const { best, minDelta } = this;
    const isBetter = best === null || (this.largerIsBetter ? value - minDelta > best : value + minDelta < best);
    if (isBetter) this.best = value;
    return isBetter;
  }
}
