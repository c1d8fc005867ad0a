import { BackendError } from '../errors.ts';
import { indexedDbStore } from './indexedDbStore.ts';
import type { Platform } from './platform.ts';

/** A web page or worker. Nothing is cached on disk; the browser's own HTTP cache serves repeated downloads. */
export const platform: Platform = {
  name: 'browser',
  env: () => undefined,
  async requestGpu() {
    if (globalThis.navigator?.gpu) return navigator.gpu;
    return globalThis.isSecureContext === false
      ? 'WebGPU needs a secure page (https, or localhost)'
      : 'this browser has no navigator.gpu';
  },
  releaseGpu() {},
  files: null,
  async save(path, bytes) {
    if (!globalThis.document)
      throw new BackendError('a worker has no downloads; encodeModel and encodeWeights of wgslgrad/io give the bytes');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
    link.download = path.slice(path.lastIndexOf('/') + 1);
    link.click();
    // the download has begun by then
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    // Of downloads that begin in the same turn some browsers keep the last alone.
    await new Promise((done) => setTimeout(done, 200));
  },
  store: indexedDbStore,
  images: {
    // A file of its own: most pages decode no pictures.
    decode: async (...file) => (await import('./canvasDecode.ts')).canvasDecode(...file),
    encode: null,
  },
  terminal: {
    interactive: false,
    columns: 84,
    write(text) {
      const line = text.replace(/\n$/, '');
      if (line) console.log(line);
    },
  },
};
