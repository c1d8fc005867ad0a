import { FormatError, ResourceError, ValueError } from '../errors.ts';
import { type Files, type Platform, platform } from '../platform/index.ts';
import { writeCached } from './cache.ts';
import { download, type RemoteFile, UnreachableError } from './download.ts';
import {
  assemble,
  decodePart,
  type ImageDataset,
  PART_LIST,
  PARTS,
  type Part,
  type ReadPart,
  readPart,
  readParts,
} from './idxFolder.ts';

/** What is known of a data set before it is here. */
export interface ImageDatasetSource {
  /** What messages call it: 'MNIST'. */
  readonly title: string;
  /** Its sub-folder of the cache and of WGSLGRAD_DATA: 'mnist'. */
  readonly name: string;
  /** The folder of the official files, ending in '/'. */
  readonly baseUrl: string;
  /** Size and hash of each `<PARTS[part]>.gz` there. */
  readonly files: Readonly<Record<Part, Omit<RemoteFile, 'name'>>>;
  /** Where an operating system's package puts the set. */
  readonly wellKnownFolder?: string;
  /** Another edition of the same data, for when the official address is not reachable; null when that is not here either. */
  readonly offline?: (host: Platform) => Promise<ImageDataset | null>;
}

export interface LoadImagesOptions {
  /** A folder that holds the four IDX files (plain or .gz): nothing else is looked at. Not in a browser. */
  readonly folder?: string | undefined;
  /** A folder on a server to download from instead of the official one; the same files are expected there. */
  readonly baseUrl?: string | undefined;
  /** Stops a download; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The longest wait for the first byte of a download, in milliseconds (5,000). */
  readonly firstByteMs?: number | undefined;
}

/**
 * Finds a set of four IDX files. In this order: `options.folder`; WGSLGRAD_DATA/<name>; the cache folder; the folder of the
 * system's package; a download into the cache; the offline edition. In a browser: the download alone, kept in memory.
 *
 * What the user names (folder, baseUrl, WGSLGRAD_DATA) is used or refused. A damaged file of our own cache is fetched again.
 *
 * @throws FormatError for damaged files and downloads with the wrong size or hash
 * @throws ResourceError when no place has the files, or the cache cannot be written
 */
export async function loadImageDataset(
  set: ImageDatasetSource,
  options: LoadImagesOptions = {},
  host: Platform = platform,
): Promise<ImageDataset> {
  const { files } = host;
  if (options.folder !== undefined) {
    if (!files) throw new ValueError(`${set.title}: option folder needs a file system; in a browser give baseUrl`);
    const named = await fromUsersFolder(files, options.folder, set);
    if (!named) throw new ResourceError(lacking(set, options.folder, new Map()));
    return named;
  }
  const dataRoot = host.env('WGSLGRAD_DATA');
  const fromData = files && dataRoot ? await fromUsersFolder(files, files.join(dataRoot, set.name), set) : null;
  if (fromData) return fromData;

  const cacheFolder = files ? files.join(files.cacheFolder(), set.name) : null;
  const parts = files && cacheFolder ? await readCache(files, cacheFolder, host) : new Map<Part, ReadPart>();
  const fromCache = assemble(parts, cacheFolder ?? '');
  if (fromCache) return fromCache;

  if (files && set.wellKnownFolder) {
    const installed = assemble(await readParts(files, set.wellKnownFolder), set.wellKnownFolder);
    if (installed) return installed;
  }
  try {
    return await downloadMissing(set, parts, cacheFolder, options, host);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    // Whoever names an address wants that one, not something else.
    const offline = options.baseUrl === undefined ? await set.offline?.(host) : null;
    if (offline) return offline;
    throw new ResourceError(`${error.message}. ${wayOut(set, cacheFolder)}`, { cause: error });
  }
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
async function readCache(files: Files, folder: string, host: Platform): Promise<Map<Part, ReadPart>> {
  const parts = new Map<Part, ReadPart>();
  for (const part of PART_LIST) {
    try {
      const read = await readPart(files, folder, part);
      if (read) parts.set(part, read);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      host.terminal.write(`${error.message}: it will be fetched again\n`);
    }
  }
  return parts;
}

async function downloadMissing(
  set: ImageDatasetSource,
  cached: ReadonlyMap<Part, ReadPart>,
  cacheFolder: string | null,
  options: LoadImagesOptions,
  host: Platform,
): Promise<ImageDataset> {
  const baseUrl = (options.baseUrl ?? set.baseUrl).replace(/\/*$/, '/');
  const parts = new Map(cached);
  for (const part of PART_LIST) {
    if (parts.has(part)) continue;
    const name = `${PARTS[part]}.gz`;
    const bytes = await download(baseUrl + name, { name, ...set.files[part] }, { ...options, terminal: host.terminal });
    if (host.files && cacheFolder) await writeCached(host.files, host.files.join(cacheFolder, name), bytes);
    parts.set(part, await decodePart(bytes, baseUrl + name));
  }
  const complete = assemble(parts, baseUrl);
  if (!complete) throw new ResourceError(`${set.title}: ${baseUrl} did not give the whole set`);
  return complete;
}

function wayOut(set: ImageDatasetSource, cacheFolder: string | null): string {
  const names = Object.values(PARTS).map((name) => `${name}.gz`);
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return cacheFolder
    ? `Offline, put ${list} into ${cacheFolder}, or into ${set.name}/ in the folder that WGSLGRAD_DATA names, or give option folder.`
    : `Serve ${list} from an address that this page may fetch, and give it as option baseUrl.`;
}
