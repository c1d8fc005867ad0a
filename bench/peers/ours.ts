// wgslgrad as a user has it: `fit`, and for the cells the prepared kernels that recorded steps are made of.
import type { Backend } from '../../src/backend/backend.ts';
import { runningBackend } from '../../src/engine/runtime.ts';
import { close, init, version } from '../../src/index.ts';
import { callOn, floats } from '../operands.ts';
import { firstLosses, fitRow } from '../training.ts';
import { r1 } from '../workloads.ts';
import type { Engine, Training } from './engine.ts';

const STEPS = 50;

/** Starts WebGPU and leaves it open. */
export async function ours(): Promise<Engine & { readonly adapter: string }> {
  const { adapter } = await init({ backend: 'webgpu', seed: 1 });
  const backend: Backend | null = runningBackend();
  if (!backend) throw new Error('no backend runs');
  const fits: (() => Promise<void>)[] = [];
  return {
    name: `wgslgrad ${version}`,
    trains: true,
    adapter,
    wait: () => backend.sync(),
    async cell(cell, operands) {
      const { call, result, free } = callOn(backend, cell, operands);
      const replay = await backend.prepare([call], call.outputs);
      return {
        async run(times) {
          for (let i = 0; i < times; i++) replay.run();
          await backend.sync();
        },
        async result() {
          replay.run();
          return floats(await backend.read(result));
        },
        dispose() {
          replay.dispose();
          free();
        },
      };
    },
    async trainings(start) {
      const { row, end } = fitRow(r1, STEPS);
      fits.push(end);
      const training: Training = {
        ...{ name: 'wgslgrad fit', gpu: true, steps: STEPS },
        losses: () => firstLosses(r1, start),
        run: async () => row.run(),
      };
      return [training];
    },
    async close() {
      for (const end of fits) await end();
      await close();
    },
  };
}
