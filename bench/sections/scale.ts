// R1's step on other batches and other pictures: where the time of an image or of an operation jumps, there is a cliff.

import { close } from '../../src/index.ts';
import { rounded } from '../arithmetic.ts';
import { control, type Measured, measure } from '../harness.ts';
import { openWebgpu } from '../openWebgpu.ts';
import type { SectionResult } from '../section.ts';
import { fitRow } from '../training.ts';
import { scaledR1, type Workload } from '../workloads.ts';

const batches = [8, 16, 32, 64, 128, 256, 512].map((batch) => scaledR1(batch, 28));
const sides = [28, 56, 112, 224].map((side) => scaledR1(8, side));

export async function scale(): Promise<SectionResult> {
  await openWebgpu(false);
  const byBatch = await measureAll(batches);
  const bySide = await measureAll(sides);
  await close();
  return {
    tables: [
      { title: 'R1 on 28x28 by batch', rows: rowsOf(batches, byBatch) },
      { title: 'R1 at batch 8 by side of the picture', rows: rowsOf(sides, bySide) },
    ],
    raw: { byBatch, bySide },
  };
}

async function measureAll(workloads: readonly Workload[]): Promise<Measured[]> {
  const fits = workloads.map((workload) => fitRow(workload));
  const measured = await measure([...fits.map(({ row }) => row), control]);
  for (const { end } of fits) await end();
  return measured.slice(0, -1);
}

function rowsOf(workloads: readonly Workload[], measured: readonly Measured[]) {
  return measured.map(({ name, medianMs, minimumMs }, i) => {
    const workload = workloads[i]!;
    return {
      ...{ step: name, 'median ms': rounded(medianMs), 'minimum ms': rounded(minimumMs) },
      'µs an image': rounded((1000 * medianMs) / workload.batchSize),
      'ns a kFLOP': rounded((1e9 * medianMs) / flopsOfStep(workload)),
    };
  });
}

/**
 * Of a step on R1: convolution and gradient of its kernel (the picture needs none), and the three products of the dense
 * layer. What is small beside them is not counted.
 */
export function flopsOfStep({ batchSize, sample: [side] }: Workload): number {
  const convolved = side - 2;
  const convolution = 2 * batchSize * convolved ** 2 * 9 * 32;
  const dense = 2 * batchSize * Math.floor(convolved / 2) ** 2 * 32 * 10;
  return 2 * convolution + 3 * dense;
}
