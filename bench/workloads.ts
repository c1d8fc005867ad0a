// The networks that are trained for timing, and made-up pictures for them: nothing is downloaded.
import {
  BatchNormalization,
  Conv2D,
  Dense,
  Flatten,
  type Layer,
  MaxPooling2D,
  oneHot,
  ReLU,
  Sequential,
  type Tensor,
  tensor,
} from '../src/index.ts';
import { randomNumbers } from './operands.ts';

export interface Workload {
  readonly name: string;
  readonly batchSize: number;
  /** Steps of one run for the clock. */
  readonly steps: number;
  /** One picture. */
  readonly sample: readonly [h: number, w: number, c: number];
  layers(): Layer[];
}

const CLASSES = 10;
const relu = { activation: 'relu' } as const;
const classes = () => Dense(CLASSES, { activation: 'softmax' });

function r1Like(name: string, batchSize: number, side: number, steps: number): Workload {
  const sample = [side, side, 1] as const;
  const layers = () => [
    Conv2D(32, [3, 3], { ...relu, inputShape: [...sample] }),
    MaxPooling2D([2, 2]),
    Flatten(),
    classes(),
  ];
  return { name, batchSize, steps, sample, layers };
}

/** The reference program of the project: convolution, pool, dense, Adam. */
export const r1: Workload = r1Like('R1, batch 32', 32, 28, 20);

/** R1 on other batches and other pictures. */
export function scaledR1(batchSize: number, side: number): Workload {
  return r1Like(`R1 on ${side}x${side}, batch ${batchSize}`, batchSize, side, 2);
}

const twoConvolutions: Workload = {
  name: 'two convolutions, batch 128',
  batchSize: 128,
  steps: 2,
  sample: [28, 28, 1],
  layers: () => [
    Conv2D(32, [3, 3], { ...relu, inputShape: [28, 28, 1] }),
    MaxPooling2D([2, 2]),
    Conv2D(64, [3, 3], relu),
    MaxPooling2D([2, 2]),
    Flatten(),
    Dense(128, relu),
    classes(),
  ],
};

/** Blocks of two convolutions and a pool (Simonyan and Zisserman 2014), for pictures of CIFAR's size. */
const vggLike: Workload = {
  name: 'VGG-like on 32x32x3, batch 32',
  batchSize: 32,
  steps: 2,
  sample: [32, 32, 3],
  layers: () => [
    Conv2D(32, [3, 3], { ...relu, padding: 'same', inputShape: [32, 32, 3] }),
    Conv2D(32, [3, 3], { ...relu, padding: 'same' }),
    MaxPooling2D([2, 2]),
    Conv2D(64, [3, 3], { ...relu, padding: 'same' }),
    Conv2D(64, [3, 3], { ...relu, padding: 'same' }),
    MaxPooling2D([2, 2]),
    Flatten(),
    Dense(128, relu),
    classes(),
  ],
};

/** What most networks since 2015 are made of (Ioffe and Szegedy). */
const normalised: Workload = {
  name: 'three normalised blocks on 32x32x3, batch 32',
  batchSize: 32,
  steps: 2,
  sample: [32, 32, 3],
  layers: () => [
    ...[16, 32, 64].flatMap((filters, i) => [
      Conv2D(filters, [3, 3], { padding: 'same', useBias: false, ...(i === 0 && { inputShape: [32, 32, 3] }) }),
      BatchNormalization(),
      ReLU(),
      MaxPooling2D([2, 2]),
    ]),
    Flatten(),
    classes(),
  ],
};

export const workloads: readonly Workload[] = [r1, twoConvolutions, vggLike, normalised];

/** What R2 does to the pictures of R1. */
export const r2Augmentation = { rotationRange: 20, widthShiftRange: 0.2, heightShiftRange: 0.2, horizontalFlip: true };

export interface Pictures {
  readonly pixels: Float32Array<ArrayBuffer>;
  readonly labels: Int32Array<ArrayBuffer>;
}

/** Noise, and a bright bar whose place tells the label. */
export function pictures({ sample: [h, w, c] }: Workload, count: number): Pictures {
  const size = h * w * c;
  const noise = randomNumbers(count * size, 3);
  const labels = Int32Array.from({ length: count }, (_, n) => (n * 7) % CLASSES);
  const pixels = noise.map((value, i) => {
    const bar = Math.floor((CLASSES * (i % size)) / size);
    return (bar === labels[Math.floor(i / size)] ? 0.75 : 0.25) + value / 4;
  });
  return { pixels, labels };
}

export function asTensors({ sample }: Workload, { pixels, labels }: Pictures): { x: Tensor; y: Tensor } {
  return { x: tensor(pixels, [labels.length, ...sample]), y: oneHot(tensor(labels), CLASSES) };
}

/** The model, compiled as for training; with these weights instead of new ones if any are given. */
export function modelOf(workload: Workload, weights?: readonly Float32Array[]): Sequential {
  const model = new Sequential(workload.layers());
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  if (weights) model.setWeights(weights);
  return model;
}
