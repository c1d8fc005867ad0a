// The reference program R1, five steps on made-up digits: one source for Node, the installed package and the browser.
import {
  Conv2D,
  close,
  Dense,
  Flatten,
  init,
  MaxPooling2D,
  Sequential,
  setRandomSeed,
  tensor,
  toCategorical,
} from 'wgslgrad';

export interface Training {
  readonly backend: string;
  readonly losses: number[];
}

const batch = 32;
const steps = 5;

/** Trains and closes the engine. Without an argument on the backend that `auto` takes. */
export async function trainR1(backend: 'auto' | 'webgpu' | 'cpu' = 'auto'): Promise<Training> {
  const started = await init({ backend });
  setRandomSeed(7);
  const model = new Sequential([
    Conv2D(32, [3, 3], { activation: 'relu', inputShape: [28, 28, 1] }),
    MaxPooling2D([2, 2]),
    Flatten(),
    Dense(10, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { images, labels } = digits(step);
    const x = tensor(images, [batch, 28, 28, 1]);
    const [loss = Number.NaN] = await model.trainOnBatch(x, toCategorical(labels, 10));
    losses.push(loss);
  }
  await close();
  return { backend: started.backend, losses };
}

/** Images of one bright bar whose place tells the label, with some noise that differs from step to step. */
function digits(step: number): { images: Float32Array; labels: number[] } {
  const labels = Array.from({ length: batch }, (_, n) => (n * 3 + step) % 10);
  const images = Float32Array.from({ length: batch * 28 * 28 }, (_, i) => {
    const n = Math.floor(i / 784);
    const row = Math.floor((i % 784) / 28);
    const noise = ((i * 7919 + step * 104729) % 1000) / 4000;
    return Math.floor(row / 2.8) === labels[n] ? 1 - noise : noise;
  });
  return { images, labels };
}
