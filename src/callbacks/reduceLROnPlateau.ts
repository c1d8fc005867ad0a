import { finiteNumber, refuseUnknown, wholeNumber } from '../tensor/options.ts';
import type { Callback, Logs, TrainedModel } from './callback.ts';
import { pythonFloat } from './formatNumber.ts';
import { Monitor, type MonitorOptions } from './monitor.ts';
import { isVerbose, requireSettableRate, type VerboseOption } from './options.ts';
import { say } from './say.ts';

export interface ReduceLROnPlateauOptions extends MonitorOptions, VerboseOption {
  /** What the learning rate is multiplied by; below 1, default 0.1. */
  readonly factor?: number;
  /** Epochs without improvement before that; default 10. */
  readonly patience?: number;
  /** A change by so much or less is no improvement; default 1e-4. */
  readonly minDelta?: number;
  /** Epochs after a reduction that do not count; default 0. */
  readonly cooldown?: number;
  /** The learning rate never goes below it; default 0. */
  readonly minLr?: number;
}

const known = ['monitor', 'factor', 'patience', 'verbose', 'mode', 'minDelta', 'cooldown', 'minLr'];
const who = 'ReduceLROnPlateau';

class ReduceLROnPlateauCallback implements Callback {
  private readonly monitor: Monitor;
  private readonly factor: number;
  private readonly patience: number;
  private readonly cooldown: number;
  private readonly minLr: number;
  private readonly speaks: boolean;
  private model!: TrainedModel;
  private wait = 0;
  private coolingFor = 0;

  constructor(options: ReduceLROnPlateauOptions) {
    refuseUnknown(who, options, known);
    this.monitor = new Monitor(who, options, options.minDelta ?? 1e-4);
    this.factor = finiteNumber(who, 'factor', options.factor ?? 0.1, 0, 1);
    this.patience = wholeNumber(who, 'patience', options.patience ?? 10, 0);
    this.cooldown = wholeNumber(who, 'cooldown', options.cooldown ?? 0, 0);
    this.minLr = finiteNumber(who, 'minLr', options.minLr ?? 0, 0);
    this.speaks = isVerbose(who, options.verbose ?? 0);
  }

  setModel(model: TrainedModel): void {
    this.model = model;
  }

  async onTrainBegin(): Promise<void> {
    await requireSettableRate(who, this.model);
    this.monitor.begin(this.model);
    this.monitor.best = null;
    this.wait = 0;
    this.coolingFor = 0;
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const rate = await this.model.optimizer.currentLearningRate();
    logs.learning_rate = rate;
    const value = this.monitor.read(logs);
    if (value === null) return;
    if (this.coolingFor > 0) {
      this.coolingFor--;
      this.wait = 0;
    }
    if (this.monitor.improves(value)) this.wait = 0;
    else if (this.coolingFor === 0 && ++this.wait >= this.patience) this.reduce(epoch, rate);
  }

  private reduce(epoch: number, rate: number): void {
    // In float32 as both are kept: the bound itself would otherwise pass for a rate above it, and be set again and again.
    if (Math.fround(rate) <= Math.fround(this.minLr)) return;
    const reduced = Math.max(rate * this.factor, this.minLr);
    this.model.optimizer.learningRate = reduced;
    if (this.speaks) say(`Epoch ${epoch + 1}: ReduceLROnPlateau reducing learning rate to ${pythonFloat(reduced)}.`);
    this.coolingFor = this.cooldown;
    this.wait = 0;
  }
}

/**
 * Makes the learning rate smaller when a value has stopped getting better, and adds `learning_rate` to the logs.
 *
 * @throws ValueError when training begins with a rate that follows a schedule, or nobody knows which way the value gets better
 */
export function ReduceLROnPlateau(options: ReduceLROnPlateauOptions = {}): Callback {
  return new ReduceLROnPlateauCallback(options);
}
