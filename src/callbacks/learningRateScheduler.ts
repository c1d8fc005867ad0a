import { finiteNumber, refuseUnknown, requireFunction } from '../tensor/options.ts';
import type { Callback, Logs, TrainedModel } from './callback.ts';
import { pythonFloat } from './formatNumber.ts';
import { isVerbose, requireSettableRate, type VerboseOption } from './options.ts';
import { say } from './say.ts';

/** The learning rate of an epoch, counted from 0, from the one in force. */
export type LearningRateOfEpoch = (epoch: number, learningRate: number) => number;

const who = 'LearningRateScheduler';

class LearningRateSchedulerCallback implements Callback {
  private readonly schedule: LearningRateOfEpoch;
  private readonly speaks: boolean;
  private model!: TrainedModel;

  constructor(schedule: LearningRateOfEpoch, options: VerboseOption) {
    requireFunction(`${who}: schedule`, schedule);
    refuseUnknown(who, options, ['verbose']);
    this.schedule = schedule;
    this.speaks = isVerbose(who, options.verbose ?? 0);
  }

  setModel(model: TrainedModel): void {
    this.model = model;
  }

  async onTrainBegin(): Promise<void> {
    await requireSettableRate(who, this.model);
  }

  async onEpochBegin(epoch: number): Promise<void> {
    const { optimizer } = this.model;
    const wanted = this.schedule(epoch, await optimizer.currentLearningRate());
    const rate = finiteNumber(who, `what schedule gives for epoch ${epoch}`, wanted, 0);
    optimizer.learningRate = rate;
    if (this.speaks) say(`Epoch ${epoch + 1}: LearningRateScheduler setting learning rate to ${pythonFloat(rate)}.`);
  }

  async onEpochEnd(_epoch: number, logs: Logs): Promise<void> {
    logs.learning_rate = await this.model.optimizer.currentLearningRate();
  }
}

/**
 * Sets the learning rate at the start of each epoch to what `schedule(epoch, learningRate)` gives, and adds `learning_rate` to the logs.
 *
 * @throws ValueError when that is no number of at least 0, or when training begins with a rate that follows a schedule
 */
export function LearningRateScheduler(schedule: LearningRateOfEpoch, options: VerboseOption = {}): Callback {
  return new LearningRateSchedulerCallback(schedule, options);
}
