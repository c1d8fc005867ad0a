// Models from files. A file may name every layer, loss and metric that there is, so all of them come with this function: a program that
// does not use it goes without.
import { ensureStarted } from '../engine/start.ts';
import { FormatError, WgslgradError } from '../errors.ts';
import { type FileSource, type LoadedModel, modelFiles } from '../models/files.ts';
import type { Model } from '../models/model.ts';
import { refuseUnknown, truth } from '../tensor/options.ts';
import { compileOptions } from './compileOptions.ts';
import { inTerms, modelFromConfig } from './fromConfig.ts';
import { restoreOptimizer } from './optimizerState.ts';
import { assign } from './weights.ts';

export interface LoadOptions {
  /** Whether the model is compiled as it was when it was saved, with the state of its optimizer; default true. */
  readonly compile?: boolean;
}

/**
 * A model from a file: .keras, .h5, or model.json of tfjs with its shards beside it. Compiled as it was, optimizer state included,
 * unless `compile` is false (tfjs files do not say how).
 *
 * @throws FormatError when the file is damaged, or holds what does not exist here
 */
export async function loadModel(from: FileSource, options: LoadOptions = {}): Promise<Model> {
  refuseUnknown('loadModel', options, ['compile']);
  const compile = truth('loadModel', 'compile', options.compile ?? true);
  const { name, loaded } = await (await modelFiles()).readModel(from);
  await ensureStarted();
  const model = modelFromConfig(loaded.config, { where: name, keras: loaded.keras });
  inTerms(name, () => assign(loaded.weights(model), name));
  if (compile && loaded.compile) inTerms(name, () => compileAs(model, loaded, name));
  return model;
}

function compileAs(model: Model, { compile, optimizer }: LoadedModel, file: string): void {
  const hint = 'load it with { compile: false } to leave training out';
  try {
    const options = compile && compileOptions(compile);
    if (options) model.compile(options);
    else return;
  } catch (cause) {
    if (!(cause instanceof WgslgradError)) throw cause;
    throw new FormatError(`${file}: how it was compiled cannot be had here: ${cause.message}; ${hint}`, { cause });
  }
  restoreOptimizer(model, optimizer, file);
}
