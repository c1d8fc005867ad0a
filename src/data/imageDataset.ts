import { ResourceError, ValueError } from '../errors.ts';
import { type Platform, platform } from '../platform/index.ts';
import { kindOf, refuseUnknown, wholeNumber } from '../tensor/options.ts';
import { asBytes, type BytesLike, isBytes } from './bytes.ts';
import { download, UnreachableError } from './download.ts';
import { localFiles } from './local/index.ts';
import type { Local } from './local/localFiles.ts';
import {
  type DataFile,
  type Edition,
  holdsAll,
  type ImageDataset,
  lacking,
  namesOf,
  type Parts,
  type ReadPart,
} from './setFiles.ts';

/** What is known of a data set before it is here. */
export interface ImageDatasetSource {
  /** What messages call it: 'MNIST'. */
  readonly title: string;
  /** Its sub-folder of the cache and of WGSLGRAD_DATA: 'mnist'. */
  readonly name: string;
  /** The folder of the official files, ending in '/'. */
  readonly baseUrl: string;
  /** The files that it may be kept in. The first edition is the one that is downloaded. */
  readonly editions: readonly [download: Edition, ...others: Edition[]];
  /** The set that parts make, or null when one is missing. @throws FormatError when they do not fit together */
  readonly assemble: (parts: Parts, source: string) => ImageDataset | null;
  /** Where an operating system's package puts the set. */
  readonly wellKnownFolder?: string;
  /** Where Keras puts it, below its own folder of data sets. */
  readonly kerasFolder?: string;
  /** Another edition of the same data, for when the official address is not reachable; null when that is not here either. */
  readonly offline?: (host: Platform) => Promise<ImageDataset | null>;
}

export interface LoadImagesOptions {
  /** A folder that holds the files of the set, as they are downloaded or unpacked: nothing else is looked at. Not in a browser. */
  readonly folder?: string | undefined;
  /** The file of a set that comes in one (mnist.npz, cifar-10-binary.tar.gz): nothing else is looked at. Not in a browser. */
  readonly path?: string | undefined;
  /** The bytes of that file, fetched by the program; or of several by their names. Nothing else is looked at. */
  readonly bytes?: BytesLike | Readonly<Record<string, BytesLike>> | undefined;
  /** A folder on a server to download from instead of the official one; the same files are expected there. */
  readonly baseUrl?: string | undefined;
  /** Stops a download; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The longest wait for the first byte of a download, in milliseconds (5,000). */
  readonly firstByteMs?: number | undefined;
}

export const loadOptionNames = ['folder', 'path', 'bytes', 'baseUrl', 'signal', 'firstByteMs'];

/**
 * Finds a set. In this order: `options.bytes`, `path` or `folder`; WGSLGRAD_DATA/<name>; the cache folder; the folder of the
 * system's package; the folder of Keras; a download into the cache; the offline edition. In a browser: `bytes`, or the download,
 * kept in memory.
 *
 * What the user names (bytes, path, folder, baseUrl, WGSLGRAD_DATA) is used or refused. A damaged file of our own cache is
 * fetched again.
 *
 * @throws FormatError for damaged files and downloads with the wrong size or hash
 * @throws ResourceError when no place has the files, or the cache cannot be written
 */
export async function loadImageDataset(
  set: ImageDatasetSource,
  options: LoadImagesOptions = {},
  host: Platform = platform,
): Promise<ImageDataset> {
  check(set, options, host);
  if (options.bytes !== undefined) return fromBytes(set, options.bytes);
  if (options.path !== undefined) return fromPath(set, options.path, host);
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

function check(set: ImageDatasetSource, options: LoadImagesOptions, host: Platform): void {
  refuseUnknown(set.title, options, loadOptionNames);
  for (const name of ['folder', 'path', 'baseUrl'] as const) {
    const value: unknown = options[name];
    if (value === undefined) continue;
    if (typeof value !== 'string' || value === '')
      throw new ValueError(`${set.title}: option ${name} must be a string, got ${kindOf(value)}`);
    if (name !== 'baseUrl' && !host.files)
      throw new ValueError(`${set.title}: option ${name} needs a file system; in a browser give bytes or baseUrl`);
  }
  const { signal, firstByteMs } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new ValueError(`${set.title}: option signal must be an AbortSignal, got ${kindOf(signal)}`);
  if (firstByteMs !== undefined) wholeNumber(set.title, 'option firstByteMs', firstByteMs, 1);
  const given = (['bytes', 'path', 'folder', 'baseUrl'] as const).filter((name) => options[name] !== undefined);
  if (given.length > 1) throw new ValueError(`${set.title}: options ${given.join(' and ')} exclude each other`);
}

async function fromBytes(set: ImageDatasetSource, given: unknown): Promise<ImageDataset> {
  const parts = new Map<string, ReadPart>();
  for (const [name, bytes] of Object.entries(namedBytes(set, given))) {
    const file = set.editions.flat().find(({ names }) => names.includes(name));
    if (!file)
      throw new ValueError(
        `${set.title}: option bytes: no file of the set is called ${name}; expected ${set.editions.map(namesOf).join(', or ')}`,
      );
    await decodeInto(parts, file, asBytes(`${set.title}: option bytes: ${name}`, bytes), name);
  }
  const whole = set.assemble(parts, 'bytes');
  if (!whole) throw new ValueError(`${set.title}: option bytes ${lacking(set.editions, parts)}`);
  return whole;
}

/** A lone buffer is the one file that the set comes in. */
function namedBytes(set: ImageDatasetSource, given: unknown): Readonly<Record<string, unknown>> {
  if (!isBytes(given)) {
    if (typeof given === 'object' && given !== null && !ArrayBuffer.isView(given)) return { ...given };
    throw new ValueError(`${set.title}: option bytes must be a Uint8Array or ArrayBuffer, got ${kindOf(given)}`);
  }
  return { [onlyFile(set, 'bytes').names[0]!]: given };
}

async function fromPath(set: ImageDatasetSource, path: string, { files }: Platform): Promise<ImageDataset> {
  const file = onlyFile(set, 'path');
  const bytes = await files?.read(path);
  if (!bytes) throw new ResourceError(`${set.title}: there is no file ${path}`);
  const whole = set.assemble(await file.decode(bytes, path), path);
  if (!whole) throw new ResourceError(`${set.title}: ${path} does not hold the whole set`);
  return whole;
}

function onlyFile(set: ImageDatasetSource, option: string): DataFile {
  const [file, another] = set.editions[0];
  if (file && !another) return file;
  throw new ValueError(
    `${set.title}: it comes in several files, not in one as option ${option} has it: ${set.editions.map(namesOf).join(', or ')}`,
  );
}

async function decodeInto(
  parts: Map<string, ReadPart>,
  file: DataFile,
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
): Promise<void> {
  for (const [key, part] of await file.decode(bytes, path)) parts.set(key, part);
}

async function downloadMissing(
  set: ImageDatasetSource,
  local: Local,
  options: LoadImagesOptions,
  host: Platform,
): Promise<ImageDataset> {
  const baseUrl = (options.baseUrl ?? set.baseUrl).replace(/\/*$/, '/');
  const parts = new Map(local.parts);
  for (const file of set.editions[0]) {
    if (holdsAll(parts, file) || !file.remote) continue;
    const name = file.names[0]!;
    const bytes = await download(baseUrl + name, { name, ...file.remote }, { ...options, terminal: host.terminal });
    await local.keep(name, bytes);
    await decodeInto(parts, file, bytes, baseUrl + name);
  }
  const complete = set.assemble(parts, baseUrl);
  if (!complete) throw new ResourceError(`${set.title}: ${baseUrl} did not give the whole set`);
  return complete;
}

function wayOut(set: ImageDatasetSource, cacheFolder: string | null): string {
  const list = namesOf(set.editions[0]);
  return cacheFolder
    ? `Offline, put ${list} into ${cacheFolder}, or into ${set.name}/ in the folder that WGSLGRAD_DATA names, or give option folder.`
    : `Serve ${list} from an address that this page may fetch, and give it as option baseUrl; or fetch it and give option bytes.`;
}
