// What training keeps: after a thousand steps as much as after a hundred, or something leaks.
import { close, memory } from '../../src/index.ts';
import { openWebgpu } from '../openWebgpu.ts';
import type { SectionResult, TableRow } from '../section.ts';
import { fitRow } from '../training.ts';
import { r1 } from '../workloads.ts';

const STEPS = 100;

export async function memorySection(): Promise<SectionResult> {
  await openWebgpu(false);
  const { row, end } = fitRow(r1, STEPS);
  const rows: TableRow[] = [];
  for (let steps = STEPS; steps <= 10 * STEPS; steps += STEPS) {
    await row.run();
    if (steps === STEPS || steps === 10 * STEPS) rows.push({ 'steps of R1': steps, ...held() });
  }
  await end();
  await close();
  return { tables: [{ title: 'Memory while training', rows }], raw: rows };
}

function held(): TableRow {
  const { tensors, buffers, bytes, pooledBytes } = memory();
  const rss = process.memoryUsage().rss;
  return { 'process MB': Math.round(rss / 1e6), 'GPU bytes': bytes, 'pooled bytes': pooledBytes, buffers, tensors };
}
