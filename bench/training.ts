// Training for the clock: the losses of the first steps, to be compared, and rows whose runs are epochs of `fit`.
import { type BatchSource, type Callback, init, type Tensor } from '../src/index.ts';
import type { Row } from './harness.ts';
import { floats } from './operands.ts';
import { asTensors, modelOf, type Pictures, pictures, type Workload } from './workloads.ts';

/** What the first steps may differ by between our backends: sums in another order, and what Adam makes of the difference. */
const RELATIVE_DIFFERENCE = 1e-4;

/** What every engine starts from, so that all must have the same losses. */
export interface TrainingStart {
  readonly pictures: Pictures;
  /** In Keras' order and layout. */
  readonly weights: readonly Float32Array[];
  /** Of each step by the CPU backend, the batches in their order. */
  readonly losses: readonly number[];
}

/** Starts the CPU backend, which it leaves open. */
export async function trainingStart(workload: Workload, steps: number): Promise<TrainingStart> {
  await init({ backend: 'cpu', seed: 1 });
  const fresh = modelOf(workload).getWeights();
  const weights = await Promise.all(fresh.map(async (weight) => floats(await weight.data())));
  const start = { pictures: pictures(workload, steps * workload.batchSize), weights };
  return { ...start, losses: await firstLosses(workload, start) };
}

/** The loss after each step of one epoch of `fit` on the backend that runs. */
export async function firstLosses(workload: Workload, start: Omit<TrainingStart, 'losses'>): Promise<number[]> {
  const { x, y } = asTensors(workload, start.pictures);
  const found: number[] = [];
  const watch: Callback = {
    onTrainBatchEnd(_, { loss = Number.NaN }) {
      found.push(loss);
    },
  };
  const { batchSize } = workload;
  await modelOf(workload, start.weights).fit(x, y, { batchSize, shuffle: false, verbose: 0, callbacks: [watch] });
  // fit reports the mean since the epoch began
  return found.map((mean, i) => mean * (i + 1) - (found[i - 1] ?? 0) * i);
}

/** Throws unless the losses are those that were expected. */
export function requireLosses(
  who: string,
  found: readonly number[],
  expected: readonly number[],
  tolerance = RELATIVE_DIFFERENCE,
): void {
  if (found.length !== expected.length) throw new Error(`${who}: ${found.length} steps instead of ${expected.length}`);
  found.forEach((loss, step) => {
    const wanted = expected[step]!;
    if (!(Math.abs(loss / wanted - 1) <= tolerance))
      throw new Error(`${who}: the loss of step ${step} is ${loss} instead of ${wanted}`);
  });
}

/**
 * A row whose runs are the epochs of one `fit`, which waits before each until the row is run: what is timed is what a
 * user gets, from the batches to the numbers of the progress line. `end` ends the fit. With `flow`, what it makes of the data
 * is trained on.
 */
export function fitRow(
  workload: Workload,
  steps: number = workload.steps,
  name = workload.name,
  flow: ((x: Tensor, y: Tensor) => BatchSource) | null = null,
): { row: Row; end: () => Promise<void> } {
  const { batchSize } = workload;
  const { x, y } = asTensors(workload, pictures(workload, steps * batchSize));
  const model = modelOf(workload);
  let goOn = gate();
  let epochDone = gate();
  const callback: Callback = {
    async onEpochBegin() {
      await goOn.passed;
      goOn = gate();
    },
    onEpochEnd: () => epochDone.open(),
  };
  const options = { epochs: Number.MAX_SAFE_INTEGER, verbose: 0, callbacks: [callback] };
  const fit = flow ? model.fit(flow(x, y), options) : model.fit(x, y, { ...options, batchSize });
  async function run(): Promise<void> {
    epochDone = gate();
    goOn.open();
    await Promise.race([epochDone.passed, fit]);
  }
  async function end(): Promise<void> {
    model.stopTraining = true;
    goOn.open();
    await fit;
  }
  return { row: { name, units: steps, run }, end };
}

interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}
