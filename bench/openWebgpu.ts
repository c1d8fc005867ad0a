// The backend that is benched.
import type { Backend } from '../src/backend/backend.ts';
import { runningBackend } from '../src/engine/runtime.ts';
import { init } from '../src/index.ts';

/** WebGPU. Unless `tuned` it knows nothing of what earlier runs measured: figures must not hang on somebody's cache. */
export async function openWebgpu(tuned: boolean): Promise<Backend> {
  await init({ backend: 'webgpu', seed: 1, tuner: tuned ? 'cached' : 'off' });
  const backend = runningBackend();
  if (!backend) throw new Error('no backend runs');
  return backend;
}
