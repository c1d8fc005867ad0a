// Models and weights from files of every format; which it is, the file itself says.
import { ensureStarted } from '../engine/start.ts';
import { FormatError, WgslgradError } from '../errors.ts';
import type { FileSource, LoadOptions } from '../models/files.ts';
import type { Model } from '../models/model.ts';
import { refuseUnknown, truth } from '../tensor/options.ts';
import { compileOptions } from './compileConfig.ts';
import { inTerms, modelFromConfig } from './fromConfig.ts';
import { HDF5_SIGNATURE, readHdf5 } from './hdf5/read.ts';
import { decodeKeras } from './keras.ts';
import { legacyWeightsIn } from './legacyH5.ts';
import type { LoadedModel } from './loaded.ts';
import { modelInH5 } from './modelH5.ts';
import { restoreOptimizer } from './optimizerState.ts';
import { decodeSafetensors } from './safetensors.ts';
import { type OpenFile, openFile } from './source.ts';
import { decodeTfjs } from './tfjs.ts';
import { type Assignment, assign, byNameOrOrder } from './weights.ts';
import { weightsIn } from './weightsH5.ts';
import { ZIP_SIGNATURE } from './zip.ts';

/** What `loadModel` of the models does. */
export async function loadModel(from: FileSource, options: LoadOptions = {}): Promise<Model> {
  refuseUnknown('loadModel', options, ['compile']);
  const compile = truth('loadModel', 'compile', options.compile ?? true);
  const file = await openFile('loadModel', from);
  const loaded = await readModel(file);
  await ensureStarted();
  const model = modelFromConfig(loaded.config, { where: file.name, keras: loaded.keras });
  inTerms(file.name, () => assign(loaded.weights(model), file.name));
  if (compile && loaded.compile) inTerms(file.name, () => compileAs(model, loaded, file.name));
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

const beginsWith = (bytes: Uint8Array, signature: readonly number[]) => signature.every((byte, i) => bytes[i] === byte);

async function readModel({ bytes, name, beside }: OpenFile): Promise<LoadedModel> {
  if (beginsWith(bytes, ZIP_SIGNATURE)) return decodeKeras(bytes, name);
  if (beginsWith(bytes, HDF5_SIGNATURE)) return modelInH5(await readHdf5(bytes, name), name);
  if (isJson(bytes)) return decodeTfjs(new TextDecoder().decode(bytes), beside, name);
  throw new FormatError(`${name}: is none of .keras, .h5 and model.json`);
}

/** A brace behind blanks; not the header of safetensors, which begins with a length. */
function isJson(bytes: Uint8Array): boolean {
  const blanks = [0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf];
  return bytes.find((byte) => !blanks.includes(byte)) === 0x7b;
}

/** Overwrites the weights of a model with those of a file: of weights alone (.weights.h5, .h5, .safetensors), or of a whole model. */
export async function loadWeights(model: Model, from: FileSource): Promise<void> {
  const file = await openFile('loadWeights', from);
  await ensureStarted();
  assign(await readWeights(model, file), file.name);
}

async function readWeights(model: Model, file: OpenFile): Promise<Assignment[]> {
  const { bytes, name } = file;
  if (beginsWith(bytes, HDF5_SIGNATURE)) {
    const root = await readHdf5(bytes, name);
    if (root.attributes.has('layer_names') || root.attributes.has('layer_names0'))
      return legacyWeightsIn(root, model, name);
    return root.groups.has('model_weights') ? modelInH5(root, name).weights(model) : weightsIn(root, model, name);
  }
  if (beginsWith(bytes, ZIP_SIGNATURE) || isJson(bytes)) return (await readModel(file)).weights(model);
  return byNameOrOrder(model, decodeSafetensors(bytes, name).arrays, name);
}
