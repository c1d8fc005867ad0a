// Files stand above models in the house: what reads and writes them is handed in when the package is loaded.
import { BackendError } from '../errors.ts';
import type { Model } from './model.ts';

/** A path (in Node), an address, or the bytes themselves. */
export type FileSource = string | URL | Uint8Array | ArrayBuffer;

export interface LoadOptions {
  /** Whether the model is compiled as it was when it was saved, with the state of its optimizer; default true. */
  readonly compile?: boolean;
}

export interface ModelFiles {
  loadModel(from: FileSource, options?: LoadOptions): Promise<Model>;
  saveModel(model: Model, path: string): Promise<void>;
  saveWeights(model: Model, path: string): Promise<void>;
  loadWeights(model: Model, from: FileSource): Promise<void>;
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

/**
 * A model from a file: .keras, .h5, or model.json of tfjs with its shards beside it. Compiled as it was, optimizer state included,
 * unless `compile` is false (tfjs files do not say how).
 *
 * @throws FormatError when the file is damaged, or holds what does not exist here
 */
export async function loadModel(from: FileSource, options: LoadOptions = {}): Promise<Model> {
  return (await modelFiles()).loadModel(from, options);
}

/** Loaded on first use. */
export function modelFiles(): Promise<ModelFiles> {
  if (load) return load();
  throw new BackendError('models: no file formats are installed; import wgslgrad as a whole');
}
