// R2 beside R1: what a training step costs more when its pictures are turned, shifted and flipped first. The goal is 1.15 times.
import { close, ImageDataGenerator, type Tensor } from '../../src/index.ts';
import { rounded } from '../arithmetic.ts';
import { control, measure } from '../harness.ts';
import { openWebgpu } from '../openWebgpu.ts';
import type { BenchOptions, SectionResult } from '../section.ts';
import { fitRow } from '../training.ts';
import { r1, r2Augmentation } from '../workloads.ts';

export async function augment({ tuned }: BenchOptions): Promise<SectionResult> {
  await openWebgpu(tuned);
  const flow = (x: Tensor, y: Tensor) => new ImageDataGenerator(r2Augmentation).flow(x, y, { batchSize: r1.batchSize });
  const fits = [fitRow(r1), fitRow(r1, r1.steps, 'R2: the same with augmentation', flow)];
  const measured = await measure([...fits.map(({ row }) => row), control]);
  for (const { end } of fits) await end();
  await close();
  const [plain] = measured as [(typeof measured)[0], ...typeof measured];
  const rows = measured.map(({ name, medianMs, minimumMs, samplesMs }, i) => ({
    ...{ step: name, 'median ms': rounded(medianMs, 4), 'minimum ms': rounded(minimumMs, 4), rounds: samplesMs.length },
    'times R1': i < fits.length ? rounded(medianMs / plain.medianMs, 3) : '',
    'times R1, minima': i < fits.length ? rounded(minimumMs / plain.minimumMs, 3) : '',
  }));
  return { tables: [{ title: 'A training step with augmentation, WebGPU', rows }], raw: { measured } };
}
