import { refuseUnknown } from '../tensor/options.ts';
import type { Callback, Logs, TrainedModel } from './callback.ts';
import { say } from './say.ts';

class TerminateOnNaNCallback implements Callback {
  private model!: TrainedModel;

  setModel(model: TrainedModel): void {
    this.model = model;
  }

  onTrainBatchEnd(batch: number, { loss }: Logs): void {
    if (loss === undefined || Number.isFinite(loss)) return;
    say(`Batch ${batch}: Invalid loss, terminating training`);
    this.model.stopTraining = true;
  }
}

/** Ends training after the first batch with a loss that is not finite. Training then waits for the loss of every batch. */
export function TerminateOnNaN(options: object = {}): Callback {
  refuseUnknown('TerminateOnNaN', options, []);
  return new TerminateOnNaNCallback();
}
