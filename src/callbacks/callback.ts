/** Loss and metrics by name; a callback may add its own, which reach the history and the printed line. */
export type Logs = Record<string, number>;

/** What of a model a callback may use. */
export interface TrainedModel {
  /** Set it to end training after the current batch. */
  stopTraining: boolean;
}

/**
 * What is called while a model trains. `epoch` and `batch` count from 0. A hook for batches makes training wait for each
 * batch's numbers; without one, steps are queued many at a time.
 */
export interface Callback {
  setModel?(model: TrainedModel): void;
  onTrainBegin?(): void | Promise<void>;
  onTrainEnd?(logs: Logs): void | Promise<void>;
  onEpochBegin?(epoch: number): void | Promise<void>;
  onEpochEnd?(epoch: number, logs: Logs): void | Promise<void>;
  onTrainBatchBegin?(batch: number): void | Promise<void>;
  onTrainBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
}

/** Calls a hook of each callback in order. */
export async function callEach(
  callbacks: readonly Callback[],
  call: (callback: Callback) => void | Promise<void>,
): Promise<void> {
  for (const callback of callbacks) await call(callback);
}
