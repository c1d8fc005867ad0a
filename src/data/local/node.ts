import { FormatError, ResourceError } from '../../errors.ts';
import type { Files, Platform, Terminal } from '../../platform/index.ts';
import { writeCached } from '../cache.ts';
import type { ImageDatasetSource } from '../imageDataset.ts';
import { loadMnistPackage } from '../mnistPackage.ts';
import { type ImageDataset, lacking, type ReadPart, readFile, readParts } from '../setFiles.ts';
import { kerasHome } from './kerasHome.ts';
import { type Local, type LocalFiles, nowhere } from './localFiles.ts';

export const localFiles: LocalFiles = {
  async look(set, folder, host) {
    const { files, env } = host;
    if (!files) return nowhere;
    if (folder !== undefined) {
      const named = await fromUsersFolder(files, folder, set);
      if (!named) throw new ResourceError(`${set.title}: folder ${folder} ${lacking(set.editions, new Map())}`);
      return { ...nowhere, whole: named };
    }
    const dataRoot = env('WGSLGRAD_DATA');
    const fromData = dataRoot ? await fromUsersFolder(files, files.join(dataRoot, set.name), set) : null;
    return fromData ? { ...nowhere, whole: fromData } : fromCache(files, set, host);
  },
  mnistPackage: loadMnistPackage,
};

/** What the cache holds; where that is not all, what others keep on this machine. */
async function fromCache(files: Files, set: ImageDatasetSource, host: Platform): Promise<Local> {
  const cacheFolder = files.join(files.cacheFolder(), set.name);
  const parts = await readCache(files, cacheFolder, set, host.terminal);
  let whole = set.assemble(parts, cacheFolder);
  const keras = kerasHome(host);
  const ofKeras = keras && set.kerasFolder !== undefined ? files.join(keras, 'datasets', set.kerasFolder) : undefined;
  for (const folder of [set.wellKnownFolder, ofKeras]) {
    if (!whole && folder !== undefined) whole = set.assemble(await readAll(files, folder, set), folder);
  }
  return { whole, parts, cacheFolder, keep: (name, bytes) => writeCached(files, files.join(cacheFolder, name), bytes) };
}

/** The set in a folder that the user named: all of it, or null when the folder holds none of its files. */
async function fromUsersFolder(files: Files, folder: string, set: ImageDatasetSource): Promise<ImageDataset | null> {
  const parts = await readAll(files, folder, set);
  const found = set.assemble(parts, folder);
  if (found || parts.size === 0) return found;
  throw new ResourceError(`${set.title}: folder ${folder} ${lacking(set.editions, parts)}`);
}

/** All parts that a folder holds, in whatever files. @throws FormatError when one is damaged */
async function readAll(files: Files, folder: string, set: ImageDatasetSource): Promise<Map<string, ReadPart>> {
  const parts = new Map<string, ReadPart>();
  for (const edition of set.editions) await readParts(files, folder, edition, parts);
  return parts;
}

/** The parts that the cache holds whole. */
async function readCache(
  files: Files,
  folder: string,
  set: ImageDatasetSource,
  terminal: Terminal,
): Promise<Map<string, ReadPart>> {
  const parts = new Map<string, ReadPart>();
  for (const file of set.editions.flat()) {
    try {
      await readFile(files, folder, file, parts);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      terminal.write(`${error.message}: it will be fetched again\n`);
    }
  }
  return parts;
}
