import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { ResourceError } from '../errors.ts';
import type { Files, FolderEntry, Platform, Store } from './platform.ts';
import { sharpCodec } from './sharpCodec.ts';

// Dawn is torn down under the running program when this object is collected, so it lives as long as the module: one
// for all devices of the process. It does not keep Node from exiting.
let dawn: GPU | null = null;

async function requestGpu(): Promise<GPU | string> {
  if (globalThis.navigator?.gpu) return navigator.gpu;
  if (dawn) return dawn;
  let webgpu: typeof import('webgpu');
  try {
    webgpu = await import('webgpu');
  } catch (cause) {
    return `npm package "webgpu" is not installed or does not load here (${message(cause)})`;
  }
  Object.assign(globalThis, webgpu.globals);
  dawn = webgpu.create([]);
  return dawn;
}

async function read(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const buffer = await readFile(path);
    // A plain array: the slice() of a Buffer shares memory where everyone else's copies.
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR') return null;
    throw new ResourceError(`cannot read ${path}: ${message(cause)}`, { cause });
  }
}

async function makeFolderOf(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (cause) {
    throw new ResourceError(`cannot make the folder of ${path}: ${message(cause)}`, { cause });
  }
}

const files: Files = {
  read,
  async readPackageFile(packageName, path) {
    let manifest: string;
    try {
      manifest = createRequire(import.meta.url).resolve(`${packageName}/package.json`);
    } catch (cause) {
      if (errorCode(cause) === 'MODULE_NOT_FOUND') return null;
      throw new ResourceError(`cannot find npm package ${packageName}: ${message(cause)}`, { cause });
    }
    return read(join(dirname(manifest), path));
  },
  async writeAtomic(path, bytes) {
    const temporary = `${path}.${randomUUID()}.part`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(temporary, bytes);
      await rename(temporary, path);
    } catch (cause) {
      // Where the folder itself could not be made, removing fails too; the first failure is the one to report.
      await rm(temporary, { force: true }).catch(() => {});
      throw notWritten(path, bytes, cause);
    }
  },
  async remove(path) {
    try {
      await rm(path, { force: true });
    } catch (cause) {
      throw new ResourceError(`cannot remove ${path}: ${message(cause)}`, { cause });
    }
  },
  async append(path, bytes) {
    await makeFolderOf(path);
    try {
      await appendFile(path, bytes);
    } catch (cause) {
      throw notWritten(path, bytes, cause);
    }
  },
  async create(path, bytes) {
    await makeFolderOf(path);
    try {
      await writeFile(path, bytes, { flag: 'wx' });
      return true;
    } catch (cause) {
      if (errorCode(cause) === 'EEXIST') return false;
      throw notWritten(path, bytes, cause);
    }
  },
  makeFolderOf,
  cacheFolder() {
    return process.env.WGSLGRAD_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'wgslgrad');
  },
  hostName: hostname,
  join,
  async list(folder) {
    let entries: Dirent[];
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (cause) {
      if (errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR') return null;
      throw new ResourceError(`cannot read folder ${folder}: ${message(cause)}`, { cause });
    }
    const found = await Promise.all(entries.map((entry) => entryOf(folder, entry)));
    return found.filter((entry) => entry !== null);
  },
  async realPath(path) {
    try {
      return await realpath(path);
    } catch (cause) {
      throw new ResourceError(`cannot find ${path}: ${message(cause)}`, { cause });
    }
  },
};

async function entryOf(folder: string, entry: Dirent): Promise<FolderEntry | null> {
  const { name } = entry;
  const isLink = entry.isSymbolicLink();
  // A link to nowhere counts as a file: whoever reads it is told.
  const target = isLink ? await stat(join(folder, name)).catch(() => null) : entry;
  if (target && !target.isDirectory() && !target.isFile()) return null;
  return { name, isLink, isFolder: target?.isDirectory() ?? false };
}

const keptAt = (name: string) => join(files.cacheFolder(), 'kept', `${name}.json`);

const store: Store = {
  async read(name) {
    const bytes = await read(keptAt(name));
    return bytes && new TextDecoder().decode(bytes);
  },
  write: (name, text) => files.writeAtomic(keptAt(name), new TextEncoder().encode(text)),
};

export const platform: Platform = {
  name: 'node',
  env: (name) => process.env[name],
  requestGpu,
  releaseGpu() {
    dawn = null;
  },
  files,
  save: (path, bytes) => files.writeAtomic(path, bytes),
  store,
  images: sharpCodec,
  terminal: {
    get interactive() {
      return process.stdout.isTTY === true;
    },
    get columns() {
      return process.stdout.columns ?? 80;
    },
    write(text) {
      process.stdout.write(text);
    },
  },
};

function notWritten(path: string, bytes: Uint8Array, cause: unknown): ResourceError {
  const why = errorCode(cause) === 'ENOSPC' ? 'no space left on the disk for' : 'cannot write';
  return new ResourceError(`${why} ${path} (${bytes.length} bytes): ${message(cause)}`, { cause });
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
