import { ResourceError, ValueError } from '../errors.ts';
import { type Platform, platform } from '../platform/index.ts';
import { download, type RemoteFile, UnreachableError } from './download.ts';
import { assemble, decodePart, type ImageDataset, PART_LIST, PARTS, type Part } from './idxFolder.ts';
import { localFiles } from './local/index.ts';
import type { Local } from './local/localFiles.ts';

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
  if (options.folder !== undefined && !host.files)
    throw new ValueError(`${set.title}: option folder needs a file system; in a browser give baseUrl`);
  const local = await localFiles.look(set, options.folder, host);
  if (local.whole) return local.whole;
  try {
    return await downloadMissing(set, local, options, host);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    // Whoever names an address wants that one, not something else.
    const offline = options.baseUrl === undefined ? await set.offline?.(host) : null;
    if (offline) return offline;
    throw new ResourceError(`${error.message}. ${wayOut(set, local.cacheFolder)}`, { cause: error });
  }
}

async function downloadMissing(
  set: ImageDatasetSource,
  local: Local,
  options: LoadImagesOptions,
  host: Platform,
): Promise<ImageDataset> {
  const baseUrl = (options.baseUrl ?? set.baseUrl).replace(/\/*$/, '/');
  const parts = new Map(local.parts);
  for (const part of PART_LIST) {
    if (parts.has(part)) continue;
    const name = `${PARTS[part]}.gz`;
    const bytes = await download(baseUrl + name, { name, ...set.files[part] }, { ...options, terminal: host.terminal });
    await local.keep(name, bytes);
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
