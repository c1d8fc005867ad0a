import { close, init } from '../src/index.ts';
import { control, type Measured, measure } from './harness.ts';
import { batchSize, fitRow, losses } from './r1.ts';

export interface GpuReport {
  readonly backend: 'webgpu';
  readonly adapter: string;
  readonly dispatchesPerStep: number;
  readonly stepsPerSecond: number;
  readonly rows: readonly Measured[];
}

const CHECKED_STEPS = 10;
/** What the first steps may differ by: sums in another order, and what Adam makes of the difference. */
const RELATIVE_DIFFERENCE = 1e-4;

/**
 * A training step of R1 on WebGPU, timed after its losses were found to be those of the CPU. WebGPU does not throw for
 * refused work, it just does not run it: `fit` rejects when the device has reported anything.
 */
export async function gpuStep(): Promise<GpuReport> {
  const dispatchesPerStep = await checkSteps();
  const { adapter } = await init();
  const { row, end } = fitRow(`R1 step, batch ${batchSize}, WebGPU`, 50);
  const rows = await measure([row, control]);
  await end();
  await close();
  const stepsPerSecond = 1000 / (rows.find(({ name }) => name === row.name)?.medianMs ?? Number.NaN);
  return { backend: 'webgpu', adapter, dispatchesPerStep, stepsPerSecond, rows };
}

/** Throws unless both backends have the same losses; leaves WebGPU open. Returns the dispatches of the second step. */
async function checkSteps(): Promise<number> {
  const expected = await losses('cpu', CHECKED_STEPS);
  await init({ backend: 'webgpu' });
  const counter = countDispatches();
  let dispatches = Number.NaN;
  const found = await losses('webgpu', CHECKED_STEPS, {
    onTrainBatchBegin: () => counter.reset(),
    onTrainBatchEnd(batch) {
      if (batch === 1) dispatches = counter.count;
    },
  });
  counter.stop();
  found.forEach((loss, step) => {
    const wanted = expected[step] ?? Number.NaN;
    if (!(Math.abs(loss / wanted - 1) <= RELATIVE_DIFFERENCE))
      throw new Error(`step ${step}: the loss is ${loss} on WebGPU and ${wanted} on the CPU`);
  });
  if (found.length !== CHECKED_STEPS) throw new Error(`${found.length} steps ran instead of ${CHECKED_STEPS}`);
  return dispatches;
}

/** Counts what is really encoded, whatever the engine believes. The class exists once WebGPU was started. */
function countDispatches() {
  const prototype = GPUComputePassEncoder.prototype;
  const { dispatchWorkgroups } = prototype;
  const counter = {
    count: 0,
    reset() {
      counter.count = 0;
    },
    stop() {
      prototype.dispatchWorkgroups = dispatchWorkgroups;
    },
  };
  prototype.dispatchWorkgroups = function (...workgroups) {
    counter.count++;
    return dispatchWorkgroups.apply(this, workgroups);
  };
  return counter;
}
