// Files stand above models in the house: what reads and writes them is handed in when the package is loaded.
import { BackendError } from '../errors.ts';
import type { Model } from './model.ts';

export interface ModelFiles {
  saveModel(model: Model, path: string): Promise<void>;
  saveWeights(model: Model, path: string): Promise<void>;
  loadWeights(model: Model, from: string | Uint8Array): Promise<void>;
  /** Weights, optimizer and where the run of `fit` is. */
  saveTraining(model: Model, path: string): Promise<void>;
  /** Brings all of that back; false when there is no such file. */
  loadTraining(model: Model, path: string): Promise<boolean>;
  removeTraining(path: string): Promise<void>;
}

let load: (() => Promise<ModelFiles>) | null = null;

export function provideFiles(loader: () => Promise<ModelFiles>): void {
  load = loader;
}

/** Loaded on first use. */
export function modelFiles(): Promise<ModelFiles> {
  if (load) return load();
  throw new BackendError('models: no file formats are installed; import wgslgrad as a whole');
}
