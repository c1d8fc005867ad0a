import { close, init } from '../src/index.ts';
import { control, type Measured, measure } from './harness.ts';
import { openLedger } from './ledger.ts';
import { batchSize, fitRow, losses } from './r1.ts';

export interface GpuReport {
  readonly backend: 'webgpu';
  readonly adapter: string;
  /** What a step asks of the GPU. */
  readonly perStep: Readonly<Record<string, number>>;
  readonly stepsPerSecond: number;
  readonly rows: readonly Measured[];
}

const STEPS = 50;
const CHECKED_STEPS = 10;
/** What the first steps may differ by: sums in another order, and what Adam makes of the difference. */
const RELATIVE_DIFFERENCE = 1e-4;

/**
 * A training step of R1 on WebGPU, timed after its losses were found to be those of the CPU. WebGPU does not throw for
 * refused work, it just does not run it: `fit` rejects when the device has reported anything.
 */
export async function gpuStep(): Promise<GpuReport> {
  await checkSteps();
  const { adapter } = await init();
  const { row, end } = fitRow(`R1 step, batch ${batchSize}, WebGPU`, STEPS);
  const rows = await measure([row, control]);
  await end();
  const perStep = await countSteps();
  await close();
  const stepsPerSecond = 1000 / (rows.find(({ name }) => name === row.name)?.medianMs ?? Number.NaN);
  return { backend: 'webgpu', adapter, perStep, stepsPerSecond, rows };
}

/** What a step asks of the GPU once everything is made. Apart from the timing, which the counting would be part of. */
async function countSteps(): Promise<Record<string, number>> {
  const ledger = openLedger();
  const { row, end } = fitRow('counted', STEPS);
  await row.run();
  ledger.reset();
  await row.run();
  const perStep = Object.fromEntries(Object.entries(ledger.read()).map(([name, count]) => [name, count / STEPS]));
  ledger.close();
  await end();
  return perStep;
}

/** Throws unless both backends have the same losses; leaves WebGPU open. */
async function checkSteps(): Promise<void> {
  const expected = await losses('cpu', CHECKED_STEPS);
  await init({ backend: 'webgpu' });
  const found = await losses('webgpu', CHECKED_STEPS);
  found.forEach((loss, step) => {
    const wanted = expected[step] ?? Number.NaN;
    if (!(Math.abs(loss / wanted - 1) <= RELATIVE_DIFFERENCE))
      throw new Error(`step ${step}: the loss is ${loss} on WebGPU and ${wanted} on the CPU`);
  });
  if (found.length !== CHECKED_STEPS) throw new Error(`${found.length} steps ran instead of ${CHECKED_STEPS}`);
}
