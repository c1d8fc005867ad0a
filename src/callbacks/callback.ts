import type { TypedArray } from '../backend/backend.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Loss and metrics by name; a callback may add its own, which reach the history and the printed line. */
export type Logs = Record<string, number>;

/** What of an optimizer a callback may use. */
export interface TrainedOptimizer {
  /** A number that may be set, or a schedule, which may not. */
  get learningRate(): unknown;
  set learningRate(value: number);
  /** The rate in force. */
  currentLearningRate(): Promise<number>;
  /** Updates done so far. */
  currentIterations(): Promise<number>;
}

/** What of a model a callback may use. */
export interface TrainedModel {
  readonly name: string;
  /** Set it to end training after the current batch. */
  stopTraining: boolean;
  readonly optimizer: TrainedOptimizer;
  /** Every weight, in the order of getWeights. */
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
  getWeights(): Tensor[];
  setWeights(values: readonly (Tensor | TypedArray)[]): void;
  /** Whether a larger or a smaller value of that log key is better; null when nobody knows. */
  directionOf(key: string): 'max' | 'min' | null;
  save(path: string): Promise<void>;
  saveWeights(path: string): Promise<void>;
  loadWeights(path: string): Promise<void>;
  /** Weights, optimizer and where the run of `fit` under way is; and all of it back, or false when there is no such file. */
  saveTraining(path: string): Promise<void>;
  loadTraining(path: string): Promise<boolean>;
  removeTraining(path: string): Promise<void>;
}

/** What is known of a run before it begins; steps is null when nobody knows. */
export interface RunParams {
  readonly verbose: number;
  readonly epochs: number;
  readonly steps: number | null;
}

type Hook<A extends readonly unknown[]> = (...args: A) => void | Promise<void>;

/**
 * What is called while a model trains, is tested or predicts. `epoch` and `batch` count from 0. A hook for batches makes the run wait for
 * each batch's numbers; without one, steps are queued many at a time.
 */
export interface Callback {
  setModel?(model: TrainedModel): void;
  setParams?(params: RunParams): void;
  onTrainBegin?: Hook<[logs?: Logs]>;
  onTrainEnd?: Hook<[logs: Logs]>;
  onEpochBegin?: Hook<[epoch: number, logs?: Logs]>;
  onEpochEnd?: Hook<[epoch: number, logs: Logs]>;
  onTrainBatchBegin?: Hook<[batch: number, logs?: Logs]>;
  onTrainBatchEnd?: Hook<[batch: number, logs: Logs]>;
  onTestBegin?: Hook<[logs?: Logs]>;
  onTestEnd?: Hook<[logs: Logs]>;
  onTestBatchBegin?: Hook<[batch: number, logs?: Logs]>;
  onTestBatchEnd?: Hook<[batch: number, logs: Logs]>;
  onPredictBegin?: Hook<[logs?: Logs]>;
  onPredictEnd?: Hook<[logs?: Logs]>;
  onPredictBatchBegin?: Hook<[batch: number, logs?: Logs]>;
  onPredictBatchEnd?: Hook<[batch: number, logs?: Logs]>;
}

/** Calls a hook of each callback in order. */
export async function callEach(
  callbacks: readonly Callback[],
  call: (callback: Callback) => void | Promise<void>,
): Promise<void> {
  for (const callback of callbacks) await call(callback);
}

/** Logs as callbacks see them: in the order of their names. */
export function sortedLogs(logs: Logs): Logs {
  return Object.fromEntries(Object.entries(logs).sort(([a], [b]) => (a < b ? -1 : 1)));
}
