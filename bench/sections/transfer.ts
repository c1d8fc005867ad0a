// Transfer learning on ResNet50: a picture through it, a step of a new head on it, and the same step on features that are kept.
import { close, Dense, GlobalAveragePooling2D, memory, ResNet50, tensor } from '../../src/index.ts';
import { rounded } from '../arithmetic.ts';
import { control, measure, type Row } from '../harness.ts';
import { openWebgpu } from '../openWebgpu.ts';
import { randomNumbers } from '../operands.ts';
import type { BenchOptions, SectionResult } from '../section.ts';
import { fitRow } from '../training.ts';
import type { Workload } from '../workloads.ts';

const SIDE = 224;
const CLASSES = 10;
const ROUNDS = { counted: 7, warmUp: 1 };

export async function transfer({ tuned }: BenchOptions): Promise<SectionResult> {
  await openWebgpu(tuned);
  const opened: (Opened & { readonly bytes: number })[] = [];
  for (const open of [inference, headOnBase, headOnFeatures]) {
    const before = heldBytes();
    const { row, end } = await open();
    await row.run();
    opened.push({ row, end, bytes: heldBytes() - before });
  }
  const measured = await measure([...opened.map(({ row }) => row), control], ROUNDS);
  for (const { end } of opened) await end();
  await close();
  const rows = measured.map(({ name, medianMs, minimumMs, samplesMs }, i) => ({
    ...{ what: name, 'median ms': rounded(medianMs), 'minimum ms': rounded(minimumMs), rounds: samplesMs.length },
    'GPU MB': opened[i] ? rounded(opened[i].bytes / 1e6) : '',
  }));
  const notes = [
    'GPU MB: weights, with Adam’s slots where something is trained, and all that is kept between two runs.',
  ];
  return { tables: [{ title: 'Transfer learning on ResNet50, WebGPU', rows, notes }], raw: { measured, rows } };
}

interface Opened {
  readonly row: Row;
  end(): Promise<void>;
}

async function inference(): Promise<Opened> {
  const model = await ResNet50({ weights: null });
  const x = tensor(randomNumbers(SIDE * SIDE * 3, 1), [1, SIDE, SIDE, 3]);
  return {
    row: {
      name: `ResNet50, one picture of ${SIDE}x${SIDE}`,
      units: 1,
      async run() {
        const result = await model.predict(x, { verbose: 0 });
        await result.data();
        result.dispose();
      },
    },
    async end() {},
  };
}

const head = (options: { readonly inputShape?: readonly number[] } = {}) => [
  GlobalAveragePooling2D(options),
  Dense(1024, { activation: 'relu' }),
  Dense(CLASSES, { activation: 'softmax' }),
];

/** A step of R3 as it is written: the frozen base computes the features of every batch anew. */
async function headOnBase(): Promise<Opened> {
  const base = await ResNet50({ weights: null, includeTop: false, inputShape: [SIDE, SIDE, 3] });
  base.trainable = false;
  const workload: Workload = {
    ...{ name: 'step of a new head, batch 4, the frozen base included', batchSize: 4, steps: 1 },
    ...{ sample: [SIDE, SIDE, 3], layers: () => [base, ...head()] },
  };
  return fitRow(workload);
}

/** What is left of it with `cacheFeatures`. */
async function headOnFeatures(): Promise<Opened> {
  const sample = [7, 7, 2048] as const;
  const workload: Workload = {
    ...{ name: 'the same on cached features, batch 32', batchSize: 32, steps: 4 },
    ...{ sample, layers: () => head({ inputShape: sample }) },
  };
  return fitRow(workload);
}

function heldBytes(): number {
  const { bytes, pooledBytes } = memory();
  return bytes + pooledBytes;
}
