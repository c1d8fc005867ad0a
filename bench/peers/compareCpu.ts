// A training step of R1 on the processor: our CPU backend, and tfjs' plain one.

import { init } from '../../src/index.ts';
import { control, measure } from '../harness.ts';
import { fitRow } from '../training.ts';
import { r1 } from '../workloads.ts';
import { printSteps, rowOf, trainingsOf } from './compareSteps.ts';
import type { Peers } from './peers.ts';

/** Closes our WebGPU backend, so it comes last. */
export async function compareCpu({ ours, rivals, start }: Peers): Promise<unknown> {
  const others = await trainingsOf(rivals, start, false);
  await ours.close();
  await init({ backend: 'cpu', seed: 1 });
  const { row, end } = fitRow(r1, 10, 'wgslgrad fit, CPU');
  const measured = await measure([row, ...others.map(rowOf), control]);
  await end();
  console.log('\nA training step of R1, batch 32, on the CPU:');
  printSteps(measured, row.name, new Set(others.map(({ name }) => name)));
  return { measured };
}
