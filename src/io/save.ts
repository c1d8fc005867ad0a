// Models and weights as files; the format follows from the name.
import { ValueError } from '../errors.ts';
import type { Model } from '../models/model.ts';
import { writeHdf5 } from './hdf5/write.ts';
import { encodeKeras, encodeWeightsH5 } from './keras.ts';
import { legacyTree } from './legacyH5.ts';
import { encodeH5 } from './modelH5.ts';
import { encodeSafetensors } from './safetensors.ts';
import { encodeTfjs, TFJS_MODEL } from './tfjs.ts';
import { requireBuilt, valuesOf, weightArrays } from './weights.ts';

/** Name -> bytes. A model.json comes with its shards. */
export type EncodedFiles = ReadonlyMap<string, Uint8Array>;

const one = (name: string, bytes: Uint8Array): EncodedFiles => new Map([[name, bytes]]);

/** The last part of a path. */
const fileName = (path: string) => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);

/**
 * The files of a whole model: `model.keras`, `model.h5`, `model.json` (tfjs) or `model.onnx`.
 *
 * @throws ValueError for another ending, or when the format cannot say what the model is
 */
export async function encodeModel(model: Model, path: string): Promise<EncodedFiles> {
  const name = checkedName('save', path);
  requireBuilt('save', model);
  if (name.endsWith('.keras')) return one(name, await encodeKeras(model));
  if (isWeights(name)) throw new ValueError(`save: ${name} holds weights alone; saveWeights writes it`);
  if (/\.(?:h5|hdf5)$/.test(name)) return one(name, await encodeH5(model));
  if (name === TFJS_MODEL) return encodeTfjs(model);
  if (name.endsWith('.onnx')) {
    const { encodeOnnx } = await import('./onnx/export.ts');
    return one(name, await encodeOnnx(model));
  }
  throw new ValueError(`save: expected a name that ends in .keras, .h5, .onnx, or is model.json (tfjs), got ${name}`);
}

/** The file of the weights: `.weights.h5` (Keras 3), `.h5` (before it) or `.safetensors`. */
export async function encodeWeights(model: Model, path: string): Promise<EncodedFiles> {
  const name = checkedName('saveWeights', path);
  requireBuilt('saveWeights', model);
  if (name.endsWith('.weights.h5')) return one(name, await encodeWeightsH5(model));
  if (/\.(?:h5|hdf5)$/.test(name)) return one(name, await writeHdf5(legacyTree(model, await valuesOf(model))));
  if (name.endsWith('.safetensors')) return one(name, encodeSafetensors(await weightArrays(model)));
  throw new ValueError(`saveWeights: expected a name that ends in .weights.h5, .h5 or .safetensors, got ${name}`);
}

const isWeights = (name: string) => name.endsWith('.weights.h5') || name.endsWith('.safetensors');

function checkedName(who: string, path: unknown): string {
  if (typeof path === 'string' && path !== '') return fileName(path);
  throw new ValueError(`${who}: expected the name of a file, got ${typeof path}`);
}
