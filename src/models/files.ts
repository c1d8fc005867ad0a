// Files stand above models in the house: what reads and writes them is handed in when the package is loaded.
import type { TypedArray } from '../backend/backend.ts';
import { BackendError } from '../errors.ts';
import type { Weight } from '../layers/layer.ts';
import type { Model } from './model.ts';

/** A path (in Node), an address (as a text, or a URL), the bytes themselves, or what a user picked: a model.json comes with its shards. */
export type FileSource = string | { readonly href: string } | Uint8Array | ArrayBuffer | Blob | readonly File[];

/** What a weight is to become. */
export interface Assignment {
  readonly weight: Weight;
  readonly value: KeptArray;
  /** What the file calls it. */
  readonly source: string;
}

/** Numbers of a file, one row after another. */
export interface KeptArray {
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** What the file of a model says, whatever its format. */
export interface LoadedModel {
  /** `{ class_name, config }` in the words of either Keras. */
  readonly config: unknown;
  /** Of which version these words are. */
  readonly keras: 2 | 3;
  /** What `compile` was told, or null. */
  readonly compile: Readonly<Record<string, unknown>> | null;
  /** What the weights of the model become, once it is made. */
  weights(model: Model): Assignment[];
  /** The state of the optimizer, in the order of Keras; some formats have names for it. */
  readonly optimizer: readonly (KeptArray & { readonly name?: string })[];
}

export interface ModelFiles {
  /** What a file says, and what an error calls it. */
  readModel(from: FileSource): Promise<{ readonly name: string; readonly loaded: LoadedModel }>;
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

/** Loaded on first use. */
export function modelFiles(): Promise<ModelFiles> {
  if (load) return load();
  throw new BackendError('models: no file formats are installed; import wgslgrad as a whole');
}
