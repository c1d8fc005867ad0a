// Predictions of single pictures, from numbers on the host and back: what a page that looks at a camera waits for.
import { close, tensor } from '../../src/index.ts';
import { rounded } from '../arithmetic.ts';
import { control, measure, type Row } from '../harness.ts';
import { openWebgpu } from '../openWebgpu.ts';
import type { BenchOptions, SectionResult } from '../section.ts';
import { modelOf, pictures, workloads } from '../workloads.ts';

const CALLS = 10;

export async function predict({ tuned }: BenchOptions): Promise<SectionResult> {
  await openWebgpu(tuned);
  const rows = workloads.map((workload): Row => {
    const model = modelOf(workload);
    const { pixels } = pictures(workload, 1);
    return {
      name: `the network of: ${workload.name}`,
      units: CALLS,
      async run() {
        for (let i = 0; i < CALLS; i++) {
          const x = tensor(pixels, [1, ...workload.sample]);
          const result = await model.predict(x, { verbose: 0 });
          await result.data();
          x.dispose();
          result.dispose();
        }
      },
    };
  });
  const measured = await measure([...rows, control]);
  await close();
  const table = measured.map(({ name, medianMs, minimumMs, samplesMs }) => ({
    ...{ prediction: name, 'median ms': rounded(medianMs), 'minimum ms': rounded(minimumMs), rounds: samplesMs.length },
  }));
  return { tables: [{ title: 'One picture through predict, WebGPU', rows: table }], raw: { measured } };
}
