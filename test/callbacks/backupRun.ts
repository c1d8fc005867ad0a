// A training run in a process of its own, which may be killed at any moment: node --import tsx backupRun.ts BACKEND FOLDER|- FREQ SOURCE [LAST]
// Prints a line for each batch, and in the end the weights as JSON. After batch LAST of this process it waits to be killed.
import * as w from '../../src/index.ts';
import { wave } from '../models/numbers.ts';

const [backend, folder, freq, source, last] = process.argv.slice(2) as ['cpu' | 'webgpu', ...string[]];
if (!folder || !freq || !source) throw new Error('usage: backupRun.ts BACKEND FOLDER|- FREQ SOURCE [LAST]');
await w.init({ backend, seed: 11 });
const COUNT = 44;
const x = w.tensor(wave(COUNT * 36), [COUNT, 6, 6, 1]);
const y = w.toCategorical(
  Array.from({ length: COUNT }, (_, i) => (i * 7) % 3),
  3,
);

const model = new w.Sequential([
  w.Conv2D(4, 3, { inputShape: [6, 6, 1] }),
  w.BatchNormalization(),
  w.Activation('relu'),
  w.Flatten(),
  w.Dropout(0.4),
  w.Dense(3, { activation: 'softmax' }),
]);
model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy' });

const saveFreq = freq === 'epoch' ? 'epoch' : Number(freq);
let batchesHere = 0;
const report = (batch: number): Promise<void> | void => {
  console.log(`batch ${batch}`);
  // Not for ever: whoever was to kill it may have been killed.
  if (++batchesHere === Number(last)) return new Promise(() => setTimeout(() => process.exit(1), 120_000));
};
// A batch is reported before it is backed up: what a kill takes is repeated, so all runs together report no fewer batches than one alone.
const callbacks: w.Callback[] = [{ onTrainBatchEnd: report }];
if (folder !== '-') callbacks.push(w.callbacks.BackupAndRestore(folder, { saveFreq }));
const options = { epochs: 5, verbose: 0, callbacks } as const;
const batches = { length: 6, get: (i: number) => [slice(x, i), slice(y, i)] as const };
if (source === 'arrays') await model.fit(x, y, { ...options, batchSize: 8 });
else if (source === 'steps') await model.fit(x, y, { ...options, batchSize: 8, stepsPerEpoch: 4 });
else await model.fit(batches, options);
const weights = await Promise.all(model.getWeights().map(async (weight) => Array.from(await weight.data())));
console.log(`weights ${JSON.stringify(weights)}`);
await w.close();

function slice(tensor: w.Tensor, i: number): w.Tensor {
  const rows = Math.min(8, COUNT - i * 8);
  return w.slice(tensor, [i * 8, ...tensor.shape.slice(1).map(() => 0)], [rows, ...tensor.shape.slice(1)]);
}
