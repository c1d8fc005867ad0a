import { keep } from '../engine/scope.ts';
import { finiteNumber, refuseUnknown, truth, wholeNumber } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Callback, Logs, TrainedModel } from './callback.ts';
import { Monitor, type MonitorOptions } from './monitor.ts';
import { isVerbose, type VerboseOption } from './options.ts';
import { say } from './say.ts';

export interface EarlyStoppingOptions extends MonitorOptions, VerboseOption {
  /** A change by so much or less is no improvement; default 0. */
  readonly minDelta?: number;
  /** Epochs without improvement after which training stops; default 0. */
  readonly patience?: number;
  /** Accepted for programs written for Keras; changes nothing, as in Keras from September 2026 on. */
  readonly baseline?: number | null;
  /** Puts back the weights of the best epoch when training ends, for whatever reason it does; default false. */
  readonly restoreBestWeights?: boolean;
  /** Epochs to begin with that do not count; default 0. */
  readonly startFromEpoch?: number;
}

// biome-ignore format: a table
const known = [
  'monitor', 'minDelta', 'patience', 'verbose', 'mode', 'baseline', 'restoreBestWeights', 'startFromEpoch',
];
const who = 'EarlyStopping';

class EarlyStoppingCallback implements Callback {
  /** Epochs since the last improvement. */
  wait = 0;
  /** The epoch, counted from 0, that training was stopped after; 0 when it was not. */
  stoppedEpoch = 0;
  /** The best epoch, counted from 0. */
  bestEpoch = 0;
  private readonly monitor: Monitor;
  private readonly patience: number;
  private readonly startFromEpoch: number;
  private readonly restores: boolean;
  private readonly speaks: boolean;
  private model!: TrainedModel;
  private bestWeights: readonly Tensor[] = [];

  constructor(options: EarlyStoppingOptions) {
    refuseUnknown(who, options, known);
    this.monitor = new Monitor(who, options, options.minDelta ?? 0);
    this.patience = wholeNumber(who, 'patience', options.patience ?? 0, 0);
    this.startFromEpoch = wholeNumber(who, 'startFromEpoch', options.startFromEpoch ?? 0, 0);
    this.restores = truth(who, 'restoreBestWeights', options.restoreBestWeights ?? false);
    this.speaks = isVerbose(who, options.verbose ?? 0);
    finiteNumber(who, 'baseline', options.baseline ?? 0);
  }

  /** The best value of this run, or null before there is one. */
  get best(): number | null {
    return this.monitor.best;
  }

  setModel(model: TrainedModel): void {
    this.model = model;
  }

  onTrainBegin(): void {
    this.monitor.begin(this.model);
    this.monitor.best = null;
    this.wait = 0;
    this.stoppedEpoch = 0;
    this.bestEpoch = 0;
    this.keepWeights([]);
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    const value = epoch < this.startFromEpoch ? null : this.monitor.read(logs);
    if (value === null) return;
    this.wait++;
    if (this.monitor.improves(value)) {
      this.wait = 0;
      this.bestEpoch = epoch;
      if (this.restores) this.keepWeights(this.model.getWeights());
    } else if (this.wait >= this.patience) {
      // never after the first epoch that counts: its value always improves
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
    }
  }

  onTrainEnd(): void {
    if (this.speaks && this.stoppedEpoch > 0) say(`Epoch ${this.stoppedEpoch + 1}: early stopping`);
    if (this.bestWeights.length === 0) return;
    if (this.speaks) say(`Restoring model weights from the end of the best epoch: ${this.bestEpoch + 1}.`);
    this.model.setWeights(this.bestWeights);
    this.keepWeights([]);
  }

  private keepWeights(weights: readonly Tensor[]): void {
    for (const weight of this.bestWeights) weight.dispose();
    this.bestWeights = weights.map(keep);
  }
}

/**
 * Ends training when a value has stopped getting better.
 *
 * @throws ValueError when training begins and nobody knows which way the value gets better
 */
export function EarlyStopping(options: EarlyStoppingOptions = {}): EarlyStoppingCallback {
  return new EarlyStoppingCallback(options);
}
