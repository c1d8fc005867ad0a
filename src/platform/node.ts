import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ResourceError } from '../errors.ts';
import type { Files, Platform } from './platform.ts';

// Dawn is torn down under the running program when this object is collected, so it lives as long as the module.
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

const files: Files = {
  async read(path) {
    try {
      return await readFile(path);
    } catch (cause) {
      if (errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR') return null;
      throw new ResourceError(`cannot read ${path}: ${message(cause)}`, { cause });
    }
  },
  async writeAtomic(path, bytes) {
    const temporary = `${path}.${randomUUID()}.part`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(temporary, bytes);
      await rename(temporary, path);
    } catch (cause) {
      await rm(temporary, { force: true });
      const full = errorCode(cause) === 'ENOSPC' ? 'no space left on the disk for' : 'cannot write';
      throw new ResourceError(`${full} ${path} (${bytes.length} bytes): ${message(cause)}`, { cause });
    }
  },
  cacheFolder() {
    return process.env.WGSLGRAD_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'wgslgrad');
  },
  join,
};

export const platform: Platform = {
  name: 'node',
  env: (name) => process.env[name],
  requestGpu,
  releaseGpu() {
    dawn = null;
  },
  files,
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

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
