// The reference program R1 on made-up digits, for timing: nothing is downloaded.
import {
  type Callback,
  Conv2D,
  Dense,
  Flatten,
  init,
  MaxPooling2D,
  oneHot,
  Sequential,
  type Tensor,
  tensor,
} from '../src/index.ts';
import type { Row } from './harness.ts';

export const batchSize = 32;

function r1(): Sequential {
  const model = new Sequential([
    Conv2D(32, [3, 3], { activation: 'relu', inputShape: [28, 28, 1] }),
    MaxPooling2D([2, 2]),
    Flatten(),
    Dense(10, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  return model;
}

/** Images of one bright bar whose place tells the label, and noise. */
function digits(count: number): { x: Tensor; y: Tensor } {
  const labels = Int32Array.from({ length: count }, (_, n) => (n * 7) % 10);
  const pixels = Float32Array.from({ length: count * 784 }, (_, i) => {
    const bar = Math.floor((i % 784) / 79);
    const noise = ((i * 7919) % 1000) / 4000;
    return bar === labels[Math.floor(i / 784)] ? 1 - noise : noise;
  });
  return { x: tensor(pixels, [count, 28, 28, 1]), y: oneHot(tensor(labels), 10) };
}

/** The loss after each of `steps` steps of `fit` on a backend, always the same ones. */
export async function losses(backend: 'cpu' | 'webgpu', steps: number): Promise<number[]> {
  await init({ backend, seed: 1 });
  const { x, y } = digits(steps * batchSize);
  const found: number[] = [];
  const watch: Callback = {
    onTrainBatchEnd(_, { loss = Number.NaN }) {
      found.push(loss);
    },
  };
  await r1().fit(x, y, { batchSize, verbose: 0, callbacks: [watch] });
  return found;
}

/**
 * A row whose runs are the epochs of one `fit`, which waits before each until the row is run: what is timed is what a
 * user gets, from the batches to the numbers of the progress line. `end` ends the fit.
 */
export function fitRow(name: string, steps: number): { row: Row; end: () => Promise<void> } {
  const { x, y } = digits(steps * batchSize);
  const model = r1();
  let goOn = gate();
  let epochDone = gate();
  const callback: Callback = {
    async onEpochBegin() {
      await goOn.passed;
      goOn = gate();
    },
    onEpochEnd: () => epochDone.open(),
  };
  const fit = model.fit(x, y, { batchSize, epochs: Number.MAX_SAFE_INTEGER, verbose: 0, callbacks: [callback] });
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
