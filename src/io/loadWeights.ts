import { ensureStarted } from '../engine/start.ts';
import type { Assignment, FileSource } from '../models/files.ts';
import type { Model } from '../models/model.ts';
import { isHdf5, isJson, isZip, readModel } from './formats.ts';
import { readHdf5 } from './hdf5/read.ts';
import { legacyWeightsIn } from './legacyH5.ts';
import { modelInH5 } from './modelH5.ts';
import { decodeSafetensors } from './safetensors.ts';
import { type OpenFile, openFile } from './source.ts';
import { assign, byNameOrOrder, requireBuilt } from './weights.ts';
import { weightsIn } from './weightsH5.ts';

/** Overwrites the weights of a model with those of a file: of weights alone (.weights.h5, .h5, .safetensors), or of a whole model. */
export async function loadWeights(model: Model, from: FileSource): Promise<void> {
  requireBuilt('loadWeights', model);
  const file = await openFile('loadWeights', from);
  await ensureStarted();
  assign(await readWeights(model, file), file.name);
}

async function readWeights(model: Model, file: OpenFile): Promise<Assignment[]> {
  const { bytes, name } = file;
  if (isHdf5(bytes)) {
    const root = await readHdf5(bytes, name);
    if (root.attributes.has('layer_names') || root.attributes.has('layer_names0'))
      return legacyWeightsIn(root, model, name);
    return root.groups.has('model_weights') ? modelInH5(root, name).weights(model) : weightsIn(root, model, name);
  }
  if (isZip(bytes) || isJson(bytes)) return (await readModel(file)).weights(model);
  return byNameOrOrder(model, decodeSafetensors(bytes, name).arrays, name);
}
