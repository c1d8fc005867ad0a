// Files of models, chosen by the ending of their names.
import { BackendError, ResourceError, ValueError } from '../errors.ts';
import type { ModelFiles } from '../models/files.ts';
import type { Model } from '../models/model.ts';
import { platform } from '../platform/index.ts';
import type { Files } from '../platform/platform.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import { encodeTraining, restoreTraining } from './training.ts';
import { assignWeights, weightArrays } from './weights.ts';

export const files: ModelFiles = {
  async saveModel(_model, path) {
    throw new ValueError(`save: ${path}: whole models cannot be written yet; saveWeights writes .safetensors`);
  },
  async saveWeights(model, path) {
    requireEnding('saveWeights', path);
    await disk().writeAtomic(path, encodeSafetensors(await weightArrays(model)));
  },
  async loadWeights(model, from) {
    const file = typeof from === 'string' ? from : 'the given bytes';
    if (typeof from === 'string') requireEnding('loadWeights', from);
    const bytes = typeof from === 'string' ? await disk().read(from) : from;
    if (!bytes) throw new ResourceError(`loadWeights: there is no file ${file}`);
    assignWeights(model, decodeSafetensors(bytes, file).arrays, file);
  },
  async saveTraining(model, path) {
    await disk().writeAtomic(path, await encodeTraining(model));
  },
  async loadTraining(model: Model, path) {
    const bytes = await disk().read(path);
    if (bytes) restoreTraining(model, bytes, path);
    return bytes !== null;
  },
  removeTraining: (path) => disk().remove(path),
};

function requireEnding(who: string, path: string): void {
  if (!path.endsWith('.safetensors'))
    throw new ValueError(`${who}: expected a name that ends in .safetensors, got ${path}`);
}

function disk(): Files {
  if (platform.files) return platform.files;
  throw new BackendError('a browser has no files; give the bytes instead');
}
