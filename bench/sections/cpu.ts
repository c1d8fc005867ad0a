// A training step of R1 on the CPU backend. The goal is a median of 60 ms on two cores.

import { close, init } from '../../src/index.ts';
import { rounded } from '../arithmetic.ts';
import { control, measure } from '../harness.ts';
import type { SectionResult } from '../section.ts';
import { fitRow } from '../training.ts';
import { r1 } from '../workloads.ts';

export async function cpu(): Promise<SectionResult> {
  await init({ backend: 'cpu', seed: 1 });
  const { row, end } = fitRow(r1, 10, `${r1.name}, CPU`);
  const measured = await measure([row, control]);
  await end();
  await close();
  const rows = measured.map(({ name, medianMs, minimumMs, samplesMs }) => ({
    ...{ step: name, 'median ms': rounded(medianMs, 4), 'minimum ms': rounded(minimumMs, 4), rounds: samplesMs.length },
  }));
  return { tables: [{ title: 'A training step on the CPU backend', rows }], raw: { measured } };
}
