// The files of models as the models ask for them.
import { ensureStarted } from '../engine/start.ts';
import { BackendError } from '../errors.ts';
import type { ModelFiles } from '../models/files.ts';
import { platform } from '../platform/index.ts';
import type { Files } from '../platform/platform.ts';
import { readModel } from './formats.ts';
import { loadWeights } from './loadWeights.ts';
import { type EncodedFiles, encodeModel, encodeWeights } from './save.ts';
import { openFile } from './source.ts';
import { encodeTraining, restoreTraining } from './training.ts';

export const files: ModelFiles = {
  loadWeights,
  async readModel(from) {
    const file = await openFile('loadModel', from);
    return { name: file.name, loaded: await readModel(file) };
  },
  async saveModel(model, path) {
    await ensureStarted();
    await write(path, await encodeModel(model, path));
  },
  async saveWeights(model, path) {
    await ensureStarted();
    await write(path, await encodeWeights(model, path));
  },
  async saveTraining(model, path) {
    await disk().writeAtomic(path, await encodeTraining(model));
  },
  async loadTraining(model, path) {
    const bytes = await disk().read(path);
    if (bytes) restoreTraining(model, bytes, path);
    return bytes !== null;
  },
  removeTraining: (path) => disk().remove(path),
};

/** Files beside each other, in their order. */
async function write(path: string, encoded: EncodedFiles): Promise<void> {
  const folder = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  for (const [name, bytes] of encoded) await platform.save(folder + name, bytes);
}

function disk(): Files {
  if (platform.files) return platform.files;
  throw new BackendError('a browser has no files to keep a run of fit in');
}
