// A model that only remembers, and a run that calls hooks as fit does.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Tensor, type TypedArray, tensor } from 'wgslgrad';
import { type Callback, callEach, type Logs, type TrainedModel } from '../../src/callbacks/callback.ts';
import { platform } from '../../src/platform/index.ts';

/** Keeps its rate in float32, as optimizers do. */
export class FakeOptimizer {
  iterations = 0;
  private rate: unknown;

  constructor(rate: unknown) {
    this.rate = rate;
  }

  get learningRate(): unknown {
    return this.rate;
  }

  set learningRate(value: number) {
    this.rate = value;
  }

  async currentLearningRate(): Promise<number> {
    return Math.fround(Number(this.rate));
  }

  async currentIterations(): Promise<number> {
    return this.iterations;
  }
}

/** One weight of one number. */
export class FakeModel implements TrainedModel {
  readonly name = 'fake';
  readonly weights = [{ name: 'dense/kernel', shape: [1] }];
  readonly optimizer: FakeOptimizer;
  readonly saved: string[] = [];
  readonly asked: string[] = [];
  stopTraining = false;
  weight = 0;

  constructor(rate: unknown = 0.001) {
    this.optimizer = new FakeOptimizer(rate);
  }

  getWeights(): Tensor[] {
    return [tensor([this.weight])];
  }

  setWeights([value]: readonly (Tensor | TypedArray)[]): void {
    this.weight = ArrayBuffer.isView(value) ? value[0]! : value!.dataSync()[0]!;
  }

  directionOf(key: string): 'max' | 'min' | null {
    this.asked.push(key);
    if (key === 'loss') return 'min';
    return key === 'accuracy' ? 'max' : null;
  }

  async saveTraining(path: string): Promise<void> {
    this.saved.push(`training ${path}`);
  }

  async loadTraining(): Promise<boolean> {
    return false;
  }

  async removeTraining(): Promise<void> {}

  async save(path: string): Promise<void> {
    this.saved.push(`model ${path}`);
  }

  async saveWeights(path: string): Promise<void> {
    this.saved.push(`weights ${path}`);
  }

  async loadWeights(): Promise<void> {}
}

export interface Epoch {
  /** What an epoch ends with. */
  readonly logs: Logs;
  /** The loss after each of its batches. */
  readonly batches?: readonly Logs[];
  /** What its validation ends with, without val_. */
  readonly test?: Logs;
  /** What training has made of the weight. */
  readonly weight?: number;
}

/** Runs the hooks over these epochs; gives the logs as they are after the callbacks saw them, of the epochs that ran. */
export async function run(
  callbacks: readonly Callback[],
  model: FakeModel,
  epochs: readonly Epoch[],
  initialEpoch = 0,
): Promise<Logs[]> {
  model.stopTraining = false;
  for (const callback of callbacks) {
    callback.setModel?.(model);
    callback.setParams?.({ verbose: 0, epochs: epochs.length, steps: null });
  }
  await callEach(callbacks, (callback) => callback.onTrainBegin?.());
  const ended: Logs[] = [];
  for (const [i, { logs, batches = [], test, weight }] of epochs.entries()) {
    if (model.stopTraining) break;
    const epoch = initialEpoch + i;
    await callEach(callbacks, (callback) => callback.onEpochBegin?.(epoch));
    for (const [batch, found] of batches.entries()) {
      if (model.stopTraining) break;
      model.optimizer.iterations++;
      await callEach(callbacks, (callback) => callback.onTrainBatchBegin?.(batch));
      await callEach(callbacks, (callback) => callback.onTrainBatchEnd?.(batch, { ...found }));
    }
    if (weight !== undefined) model.weight = weight;
    if (test) await callEach(callbacks, (callback) => callback.onTestEnd?.(test));
    const shared = { ...logs };
    await callEach(callbacks, (callback) => callback.onEpochEnd?.(epoch, shared));
    ended.push(shared);
  }
  await callEach(callbacks, (callback) => callback.onTrainEnd?.(ended.at(-1) ?? {}));
  return ended;
}

/** Epochs that end with these values of one key. */
export function values(key: string, list: readonly number[]): Epoch[] {
  return list.map((value) => ({ logs: { [key]: value } }));
}

/** A folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wgslgrad-callbacks-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** As in a browser, until the test ends. */
export function withoutFiles(): void {
  const { files } = platform;
  Object.defineProperty(platform, 'files', { value: null });
  onTestFinished(() => void Object.defineProperty(platform, 'files', { value: files }));
}
