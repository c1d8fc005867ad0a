import { close, init } from '../src/index.ts';
import { control, type Measured, measure } from './harness.ts';
import { batchSize, fitRow } from './r1.ts';

export interface CpuReport {
  readonly backend: 'cpu';
  readonly rows: readonly Measured[];
}

/** A training step of R1 on the CPU backend. The goal is a median of 60 ms on two cores. */
export async function cpuStep(): Promise<CpuReport> {
  await init({ backend: 'cpu', seed: 1 });
  const { row, end } = fitRow(`R1 step, batch ${batchSize}, CPU`, 10);
  const rows = await measure([row, control]);
  await end();
  await close();
  return { backend: 'cpu', rows };
}
