import { FormatError, ResourceError } from '../../errors.ts';
import type { Files, Terminal } from '../../platform/index.ts';
import { writeCached } from '../cache.ts';
import {
  assemble,
  type ImageDataset,
  PART_LIST,
  PARTS,
  type Part,
  type ReadPart,
  readPart,
  readParts,
} from '../idxFolder.ts';
import type { ImageDatasetSource } from '../imageDataset.ts';
import { loadMnistPackage } from '../mnistPackage.ts';
import { type Local, type LocalFiles, nowhere } from './localFiles.ts';

export const localFiles: LocalFiles = {
  async look(set, folder, { files, env, terminal }) {
    if (!files) return nowhere;
    if (folder !== undefined) {
      const named = await fromUsersFolder(files, folder, set);
      if (!named) throw new ResourceError(lacking(set, folder, new Map()));
      return { ...nowhere, whole: named };
    }
    const dataRoot = env('WGSLGRAD_DATA');
    const fromData = dataRoot ? await fromUsersFolder(files, files.join(dataRoot, set.name), set) : null;
    return fromData ? { ...nowhere, whole: fromData } : fromCache(files, set, terminal);
  },
  mnistPackage: loadMnistPackage,
};

/** What the cache holds; where that is not all, the folder of the system's package instead. */
async function fromCache(files: Files, set: ImageDatasetSource, terminal: Terminal): Promise<Local> {
  const cacheFolder = files.join(files.cacheFolder(), set.name);
  const parts = await readCache(files, cacheFolder, terminal);
  const installed = set.wellKnownFolder;
  const whole =
    assemble(parts, cacheFolder) ?? (installed ? assemble(await readParts(files, installed), installed) : null);
  return { whole, parts, cacheFolder, keep: (name, bytes) => writeCached(files, files.join(cacheFolder, name), bytes) };
}

/** The set in a folder that the user named: all of it, or null when the folder holds none of its files. */
async function fromUsersFolder(files: Files, folder: string, set: ImageDatasetSource): Promise<ImageDataset | null> {
  const parts = await readParts(files, folder);
  const found = assemble(parts, folder);
  if (found || parts.size === 0) return found;
  throw new ResourceError(lacking(set, folder, parts));
}

function lacking(set: ImageDatasetSource, folder: string, parts: ReadonlyMap<Part, ReadPart>): string {
  const missing = PART_LIST.filter((part) => !parts.has(part)).map((part) => PARTS[part]);
  return `${set.title}: folder ${folder} lacks ${missing.join(', ')}; expected ${Object.values(PARTS).join(', ')}, each plain or with .gz`;
}

/** The parts that the cache holds whole. */
async function readCache(files: Files, folder: string, terminal: Terminal): Promise<Map<Part, ReadPart>> {
  const parts = new Map<Part, ReadPart>();
  for (const part of PART_LIST) {
    try {
      const read = await readPart(files, folder, part);
      if (read) parts.set(part, read);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      terminal.write(`${error.message}: it will be fetched again\n`);
    }
  }
  return parts;
}
