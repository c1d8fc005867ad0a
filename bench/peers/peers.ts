// Starts the engines that run here, and says of each other one why it does not.
import { createRequire } from 'node:module';
import { type TrainingStart, trainingStart } from '../training.ts';
import { r1 } from '../workloads.ts';
import type { Engine } from './engine.ts';
import { ours } from './ours.ts';

export interface Peers {
  readonly ours: Engine & { readonly adapter: string };
  readonly rivals: readonly Engine[];
  /** R1 as all of them train it. */
  readonly start: TrainingStart;
  /** Version of npm `webgpu`. */
  readonly dawn: string;
}

const CHECKED_STEPS = 10;

/** With `tuned` our tuner measures before each cell. Needs `navigator.gpu`: the engines look for it while they load. */
export async function openPeers(tuned: boolean): Promise<Peers> {
  const starts: [string, () => Promise<Engine>][] = [
    ['tfjs', async () => (await import('./tfjs.ts')).tfjs()],
    ['jax-js', async () => (await import('./jax.ts')).jaxJs()],
    ['onnxruntime-web', async () => (await import('./ort.ts')).onnxRuntime()],
  ];
  const rivals: Engine[] = [];
  for (const [name, start] of starts) {
    try {
      rivals.push(await start());
    } catch (error) {
      console.log(`${name} does not run here and is left out: ${error instanceof Error ? error.message : error}`);
    }
  }
  if (rivals.length === 0) throw new Error('none of the other engines runs here');
  const start = await trainingStart(r1, CHECKED_STEPS);
  const manifest: unknown = createRequire(import.meta.url)('webgpu/package.json');
  return { ours: await ours(tuned), rivals, start, dawn: String(Reflect.get(Object(manifest), 'version')) };
}
