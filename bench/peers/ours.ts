// wgslgrad as a user has it: `fit`, and for the cells the prepared kernels that recorded steps are made of.
import { close, tensor, tuner, version } from '../../src/index.ts';
import { openWebgpu } from '../openWebgpu.ts';
import { callOn, floats } from '../operands.ts';
import { firstLosses, fitRow } from '../training.ts';
import { modelOf, r1 } from '../workloads.ts';
import type { Engine, Training } from './engine.ts';
import { resnet50, SIDE } from './resnet50.ts';

const STEPS = 50;

/** Starts WebGPU and leaves it open. */
export async function ours(tuned: boolean): Promise<Engine & { readonly adapter: string }> {
  const backend = await openWebgpu(tuned);
  const { adapter } = backend;
  if (tuned) await tuner.tune(modelOf(r1), { batchSize: r1.batchSize });
  const fits: (() => Promise<void>)[] = [];
  return {
    name: `wgslgrad ${version}`,
    trains: true,
    adapter,
    wait: () => backend.sync(),
    async cell(cell, operands) {
      const { call, result, free } = callOn(backend, cell, operands);
      if (tuned) await backend.tuner?.tune([call]);
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
    async inferences({ weights, picture }) {
      await openWebgpu(tuned);
      const model = await resnet50();
      model.setWeights(weights);
      return [
        {
          name: 'wgslgrad predict',
          async run() {
            const x = tensor(picture, [1, SIDE, SIDE, 3]);
            const logits = await model.predict(x, { verbose: 0 });
            x.dispose();
            return logits.data();
          },
          dispose() {},
        },
      ];
    },
    async close() {
      for (const end of fits) await end();
      await close();
    },
  };
}
