// Memory of a training step beside the bytes that must exist at once in any plan: at most 1.3 times as much, with what kernels
// need for parts of sums, and with what the pool rounds up.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { Batches } from '../../src/models/batches.ts';
import { Cleanup } from '../../src/models/cleanup.ts';
import { recordBatches } from '../../src/models/residentFeed.ts';
import { trainStep } from '../../src/models/step.ts';
import { Tally } from '../../src/models/tally.ts';
import { describeGpu } from '../setup/adapters.ts';

const relu = { activation: 'relu', padding: 'same' } as const;
const block = (filters: number) => [w.Conv2D(filters, 3, relu), w.Conv2D(filters, 3, relu), w.MaxPooling2D(2)];

const steps: readonly (readonly [string, number[], () => w.Layer[]])[] = [
  ['of R1', [28, 28, 1], () => [w.Conv2D(32, 3, { activation: 'relu' }), w.MaxPooling2D(2), w.Flatten()]],
  [
    'of two convolutions',
    [28, 28, 1],
    () => [
      ...[w.Conv2D(32, 3, { activation: 'relu' }), w.MaxPooling2D(2)],
      ...[w.Conv2D(64, 3, { activation: 'relu' }), w.MaxPooling2D(2)],
      ...[w.Flatten(), w.Dense(128, { activation: 'relu' })],
    ],
  ],
  ['of two blocks', [32, 32, 3], () => [...block(32), ...block(64), w.Flatten(), w.Dense(128, { activation: 'relu' })]],
  ['of four blocks', [64, 64, 3], () => [...block(16), ...block(32), ...block(64), ...block(128), w.Flatten()]],
];

const weigh = async (shape: number[], layers: () => w.Layer[]) => {
  const model = new w.Sequential([...layers(), w.Dense(10, { activation: 'softmax' })]);
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  const rows = 32;
  model.build([rows, ...shape]);
  const objective = model.objective('test');
  objective.optimizer.build(model.trainableWeights.map(({ variable }) => variable));
  const owned = new Cleanup();
  const data = [owned.hold(w.zeros([rows, ...shape])), owned.hold(w.zeros([rows, 10]))];
  const batches = owned.hold(new Batches(data, rows, rows));
  const tally = owned.hold(new Tally(objective.trackers, model.resultShapes));
  const [{ bytes, leastBytes, buffers }] = await recordBatches(owned, batches, (count) => {
    const [x, y] = batches.gather(count) as [w.Tensor, w.Tensor];
    tally.add(trainStep(model, objective, { xs: [x], ys: [y] }), count);
    return [];
  });
  console.log(`${buffers} buffers, ${bytes} bytes, ${(bytes / leastBytes).toFixed(2)} times the least`);
  expect(bytes).toBeGreaterThanOrEqual(leastBytes);
  expect(bytes).toBeLessThanOrEqual(1.3 * leastBytes);
  owned.dispose();
};

function suite(backend: 'cpu' | 'webgpu') {
  beforeAll(() => w.init({ backend, seed: 1 }));
  afterAll(() => w.close());
  test.each(steps)('a step %s', (_, shape, layers) => weigh(shape, layers));
}

describe('on the CPU', () => suite('cpu'));
describeGpu('on the GPU', () => suite('webgpu'));
