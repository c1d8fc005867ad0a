// Packages that only some files need: optional peers of this one, loaded on first use.
import { ResourceError } from '../errors.ts';

/** HDF5 compiled to WebAssembly; writes files in a file system in memory. */
export async function loadH5wasm(): Promise<typeof import('h5wasm')> {
  try {
    const h5wasm = await import('h5wasm');
    await h5wasm.ready;
    return h5wasm;
  } catch (cause) {
    throw missing('.keras and .h5 files', 'h5wasm', cause);
  }
}

export async function loadFflate(): Promise<typeof import('fflate')> {
  try {
    return await import('fflate');
  } catch (cause) {
    throw missing('.keras and .npz files', 'fflate', cause);
  }
}

function missing(what: string, name: string, cause: unknown): ResourceError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const text = `${what} are written by npm package "${name}", which is not installed or does not load here; try \`npm install ${name}\`, and name it in the import map of a page that is not bundled`;
  return new ResourceError(`${text} (${why})`, { cause });
}
