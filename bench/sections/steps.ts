// Training steps on WebGPU: milliseconds, and what each asks of the GPU.

import { close, tuner } from '../../src/index.ts';
import { rounded } from '../arithmetic.ts';
import { control, measure } from '../harness.ts';
import { type Ledger, openLedger } from '../ledger.ts';
import { openWebgpu } from '../openWebgpu.ts';
import type { BenchOptions, SectionResult } from '../section.ts';
import { firstLosses, fitRow, requireLosses, trainingStart } from '../training.ts';
import { modelOf, type Workload, workloads } from '../workloads.ts';

const CHECKED_STEPS = 2;

/**
 * Times steps after their losses were found to be those of the CPU. WebGPU does not throw for refused work, it just does
 * not run it: `fit` rejects when the device has reported anything.
 */
export async function steps({ tuned }: BenchOptions): Promise<SectionResult> {
  for (const workload of workloads) await checkSteps(workload);
  await openWebgpu(tuned);
  if (tuned) for (const workload of workloads) await tuner.tune(modelOf(workload), { batchSize: workload.batchSize });
  const fits = workloads.map((workload) => fitRow(workload));
  const measured = await measure([...fits.map(({ row }) => row), control]);
  for (const { end } of fits) await end();
  const ledgers: Ledger[] = [];
  for (const workload of workloads) ledgers.push(await stepLedger(workload));
  await close();
  const rows = measured.map(({ name, medianMs, minimumMs, samplesMs }, i) => ({
    ...{ step: name, 'median ms': rounded(medianMs, 4), 'minimum ms': rounded(minimumMs, 4), rounds: samplesMs.length },
    'images a second': workloads[i] ? rounded((1000 * workloads[i].batchSize) / medianMs) : '',
  }));
  const asked = workloads.map(({ name }, i) => ({ step: name, ...ledgers[i] }));
  return {
    tables: [
      { title: tuned ? 'Training steps, WebGPU, tuned' : 'Training steps, WebGPU, not tuned', rows },
      { title: 'What a step asks of the GPU', rows: asked },
    ],
    raw: { measured, ledgers: asked },
  };
}

/** Throws unless both backends have the same losses. */
async function checkSteps(workload: Workload): Promise<void> {
  const start = await trainingStart(workload, CHECKED_STEPS);
  await openWebgpu(false);
  requireLosses(workload.name, await firstLosses(workload, start), start.losses);
}

/** What a step asks for once everything is made. Apart from the timing, which the counting would be part of. */
export async function stepLedger(workload: Workload): Promise<Ledger> {
  const ledger = openLedger();
  const { row, end } = fitRow(workload);
  await row.run();
  ledger.reset();
  await row.run();
  const counts = ledger.perUnit(row.units);
  ledger.close();
  await end();
  return counts;
}
