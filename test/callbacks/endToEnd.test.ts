// Every callback with a real model, on the CPU: y = 3x + 2 by one dense layer.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import * as w from 'wgslgrad';
import { callbacks } from 'wgslgrad';
import type { TrainedModel } from '../../src/callbacks/callback.ts';
import { pythonFloat } from '../../src/callbacks/formatNumber.ts';
import { printed, start, valuesOf } from '../models/support.ts';
import { eventsIn } from './events.ts';
import { temporaryFolder } from './support.ts';

beforeEach(() => start('cpu float32'));
afterAll(() => w.close());

const STEPS = 4;

/** Rates that float32 holds exactly. */
function compiled(learningRate = 0.125): w.Sequential {
  const model = new w.Sequential([w.Dense(1, { inputShape: [1], kernelInitializer: 'zeros' })]);
  model.compile({ optimizer: w.optimizers.SGD({ learningRate }), loss: 'mse', metrics: ['mae'] });
  return model;
}

function line(xs: readonly number[]): [w.Tensor, w.Tensor] {
  const column = (list: readonly number[]) => w.tensor(list.map((value) => [value]));
  return [column(xs), column(xs.map((x) => 3 * x + 2))];
}

/** Four batches of two an epoch, and two samples to validate with. */
function train(model: w.Sequential, epochs: number, used: readonly w.Callback[], options: object = {}) {
  const [x, y] = line([-1, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1]);
  const validationData = line([-0.6, 0.6]);
  return model.fit(x, y, { batchSize: 2, epochs, verbose: 0, validationData, callbacks: used, ...options });
}

/** The weights after each epoch, and the model as callbacks see it. */
class Watch implements w.Callback {
  readonly weights: number[][][] = [];
  model!: TrainedModel;
  setModel(model: TrainedModel): void {
    this.model = model;
  }
  async onEpochEnd(): Promise<void> {
    const weights = this.model.getWeights();
    this.weights.push(await Promise.all(weights.map(async (weight) => Array.from(await weight.data()))));
    for (const weight of weights) weight.dispose();
  }
}

/** Learns for three epochs, then unlearns. */
const upAndDown = () => callbacks.LearningRateScheduler((epoch) => (epoch < 3 ? 0.125 : 1.25));

test('EarlyStopping ends training and puts the best weights back, twice', async () => {
  const model = compiled();
  const stopper = callbacks.EarlyStopping({ patience: 2, restoreBestWeights: true, verbose: 1 });
  for (const first of [1, 2]) {
    const watch = new Watch();
    let history: w.History | undefined;
    const text = await printed(async () => {
      history = await train(model, 20, [upAndDown(), stopper, watch]);
    });
    const losses = history!.history.val_loss!;
    expect(losses).toHaveLength(5);
    expect(losses.indexOf(Math.min(...losses)), `run ${first}`).toBe(2);
    expect(await valuesOf(model)).toEqual(watch.weights[2]);
    expect(watch.weights[4]).not.toEqual(watch.weights[2]);
    expect(text).toBe('Epoch 5: early stopping\nRestoring model weights from the end of the best epoch: 3.\n');
    expect(stopper).toMatchObject({ stoppedEpoch: 4, bestEpoch: 2, best: losses[2] });
  }
});

test('EarlyStopping knows which way each compiled value gets better, and asks about others', async () => {
  for (const monitor of ['loss', 'val_loss', 'mae', 'val_mae']) {
    await train(compiled(), 1, [callbacks.EarlyStopping({ monitor })]);
  }
  const attempt = train(compiled(), 1, [callbacks.EarlyStopping({ monitor: 'val_f1' })]);
  await expect(attempt).rejects.toThrow(/EarlyStopping: nobody knows whether a larger or a smaller val_f1 is better/);
});

/** Saves the weights of the epochs that are better than those before, and loads each. */
async function savesTheBest(name: string): Promise<void> {
  const folder = await temporaryFolder();
  const path = join(folder, 'weights', name);
  const watch = new Watch();
  const checkpoint = callbacks.ModelCheckpoint(path, { saveWeightsOnly: true, saveBestOnly: true });
  const model = compiled();
  await train(model, 5, [upAndDown(), checkpoint, watch]);
  const saved = (await readdir(join(folder, 'weights'))).sort();
  expect(saved).toEqual(['01', '02', '03'].map((epoch) => name.replace('{epoch:02d}', epoch)));
  for (const [i, file] of saved.entries()) {
    await watch.model.loadWeights(join(folder, 'weights', file));
    expect(await valuesOf(model)).toEqual(watch.weights[i]);
  }
}

test('ModelCheckpoint writes the best weights', () => savesTheBest('{epoch:02d}.safetensors'));

test('ModelCheckpoint writes weights after so many batches', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, '{epoch}-{batch}-{loss:.1e}.safetensors');
  await train(compiled(), 2, [callbacks.ModelCheckpoint(path, { saveFreq: 3, saveWeightsOnly: true })]);
  expect((await readdir(folder)).sort()).toEqual([
    expect.stringMatching(/^1-3-\d\.\de[+-]\d\d\.safetensors$/),
    expect.stringMatching(/^2-2-\d\.\de[+-]\d\d\.safetensors$/),
  ]);
});

test('ModelCheckpoint writes weights as Keras reads them', () => savesTheBest('{epoch:02d}.weights.h5'));

test.each([
  ['keras', 'PK\x03\x04'],
  ['h5', '\x89HDF'],
])('ModelCheckpoint writes whole models: .%s', async (ending, magic) => {
  const path = join(await temporaryFolder(), `m.${ending}`);
  await train(compiled(), 1, [callbacks.ModelCheckpoint(path)]);
  expect((await readFile(path)).toString('latin1', 0, 4)).toBe(magic);
});

test('ReduceLROnPlateau makes the rate of the steps smaller', async () => {
  const model = compiled(1.25);
  const reducer = callbacks.ReduceLROnPlateau({
    monitor: 'loss',
    patience: 1,
    factor: 2 ** -6,
    cooldown: 2,
    verbose: 1,
  });
  let history: w.History | undefined;
  const text = await printed(async () => {
    history = await train(model, 3, [reducer]);
  });
  expect(history!.history.learning_rate).toEqual([1.25, 1.25, 0.01953125]);
  expect(text).toBe('Epoch 2: ReduceLROnPlateau reducing learning rate to 0.01953125.\n');
  // the loss grows at the first rate and falls at the second
  const losses = history!.history.val_loss!;
  expect(losses[1]).toBeGreaterThan(losses[0]!);
  expect(losses[2]).toBeLessThan(losses[1]!);
});

test('LearningRateScheduler sets the rate of the steps, and a rate of 0 changes nothing', async () => {
  const model = compiled();
  const watch = new Watch();
  const { history } = await train(model, 3, [
    callbacks.LearningRateScheduler((epoch, rate) => (epoch === 1 ? 0 : rate + 0.125)),
    watch,
  ]);
  expect(history.learning_rate).toEqual([0.25, 0, 0.125]);
  expect(watch.weights[1]).toEqual(watch.weights[0]);
  expect(watch.weights[2]).not.toEqual(watch.weights[1]);
});

test('a key that a callback adds is in the history and on the printed line', async () => {
  const adder = callbacks.LambdaCallback({
    onEpochEnd(epoch, logs) {
      logs.added = epoch + 0.5;
    },
  });
  let history: w.History | undefined;
  const text = await printed(async () => {
    history = await train(compiled(), 2, [adder, callbacks.LearningRateScheduler(() => 0.25)], { verbose: 2 });
  });
  expect(history!.history.added).toEqual([0.5, 1.5]);
  expect(text.match(/added: 0\.5000 - learning_rate: 0\.2500 - loss: /g)).toHaveLength(1);
  expect(text.match(/added: 1\.5000 - learning_rate: 0\.2500 - loss: /g)).toHaveLength(1);
});

test('CSVLogger writes the history', async () => {
  const path = join(await temporaryFolder(), 'log.csv');
  const { history } = await train(compiled(), 3, [callbacks.CSVLogger(path)]);
  const keys = ['loss', 'mae', 'val_loss', 'val_mae'];
  const rows = [0, 1, 2].map((i) => [i, ...keys.map((key) => pythonFloat(history[key]![i]!))].join(','));
  expect(await readFile(path, 'utf8')).toBe(`${['epoch,loss,mae,val_loss,val_mae', ...rows].join('\r\n')}\r\n`);
});

test('CSVLogger has NA where an epoch ends without validation', async () => {
  const path = join(await temporaryFolder(), 'log.csv');
  await train(compiled(), 2, [callbacks.CSVLogger(path)], { validationFreq: 2 });
  const [header, first, second] = (await readFile(path, 'utf8')).split('\r\n');
  expect(header).toBe('epoch,loss,mae,val_loss,val_mae');
  expect(first).toMatch(/^0,[\d.]+,[\d.]+,NA,NA$/);
  expect(second).toMatch(/^1(,[\d.]+){4}$/);
});

test('LambdaCallback is called in order, with batches and validation', async () => {
  const calls: string[] = [];
  const note = (name: string) => (place?: unknown) =>
    void calls.push(typeof place === 'number' ? `${name} ${place}` : name);
  const lambda = callbacks.LambdaCallback({
    onTrainBegin: note('train'),
    onEpochBegin: note('epoch'),
    onTrainBatchBegin: note('batch'),
    onTrainBatchEnd: note('batch end'),
    onTestBegin: note('test'),
    onTestBatchBegin: note('test batch'),
    onTestBatchEnd: note('test batch end'),
    onTestEnd: note('test end'),
    onEpochEnd: note('epoch end'),
    onTrainEnd: note('train end'),
  });
  await train(compiled(), 2, [lambda], { batchSize: 4, initialEpoch: 1 });
  expect(calls).toEqual([
    ...['train', 'epoch 1', 'batch 0', 'batch end 0', 'batch 1', 'batch end 1'],
    ...['test', 'test batch 0', 'test batch end 0', 'test end', 'epoch end 1', 'train end'],
  ]);
});

test('callbacks know of a run what is known before it begins', async () => {
  const params: w.RunParams[] = [];
  await train(compiled(), 3, [{ setParams: (given) => void params.push(given) }]);
  expect(params).toEqual([{ verbose: 0, epochs: 3, steps: STEPS }]);
});

test('TerminateOnNaN ends training after the batch', async () => {
  const batches: number[] = [];
  const watch = callbacks.LambdaCallback({ onTrainBatchEnd: (batch) => void batches.push(batch) });
  let history: w.History | undefined;
  const text = await printed(async () => {
    history = await train(compiled(1e20), 3, [callbacks.TerminateOnNaN(), watch]);
  });
  // 1e20 squared is more than float32 holds
  expect(text).toBe('Batch 1: Invalid loss, terminating training\n');
  expect(batches).toEqual([0, 1]);
  expect(history!.epoch).toEqual([0]);
});

test('TensorBoard writes what the history has, evaluations and histograms', async () => {
  const logDir = await temporaryFolder();
  const model = compiled();
  const board = callbacks.TensorBoard({ logDir, histogramFreq: 2, updateFreq: 3 });
  const { history } = await train(model, 3, [board]);
  const read = async (part: string) => {
    const [name, ...more] = await readdir(join(logDir, part));
    expect(more).toEqual([]);
    return eventsIn(join(logDir, part, name!));
  };
  const [training, validation] = [await read('train'), await read('validation')];
  const series = (events: typeof training, tag: string) =>
    events.filter((event) => event.tag === tag).map(({ step, value }) => [step, value]);
  const byEpoch = (key: string) => history[key]!.map((value, epoch) => [epoch, Math.fround(value)]);
  expect(series(training, 'epoch_loss')).toEqual(byEpoch('loss'));
  expect(series(training, 'epoch_mae')).toEqual(byEpoch('mae'));
  expect(series(training, 'epoch_learning_rate')).toEqual([0, 1, 2].map((epoch) => [epoch, 0.125]));
  expect(series(validation, 'epoch_loss')).toEqual(byEpoch('val_loss'));
  expect(series(validation, 'evaluation_mae_vs_iterations')).toEqual(
    history.val_mae!.map((value, epoch) => [STEPS * (epoch + 1), Math.fround(value)]),
  );
  expect(series(training, 'batch_loss').map(([step]) => step)).toEqual([3, 6, 9, 12]);
  const histograms = training.filter((event) => event.histogram).map(({ tag, step }) => `${step} ${tag}`);
  expect(histograms).toEqual(
    [0, 2].flatMap((step) => [`${step} dense/kernel/histogram`, `${step} dense/bias/histogram`]),
  );
  const [kernel] = await valuesOf(model);
  expect(training.findLast(({ tag }) => tag === 'dense/kernel/histogram')!.histogram!.stats[0]).toBe(kernel![0]);
});

test('TensorBoard writes an evaluation by itself', async () => {
  const logDir = await temporaryFolder();
  const model = compiled();
  await train(model, 1, []);
  const also = { callbacks: [callbacks.TensorBoard({ logDir })] };
  const [loss, mae] = await model.evaluate(...line([-1, 1]), { verbose: 0, ...also });
  const [name] = await readdir(join(logDir, 'validation'));
  const [, ...events] = await eventsIn(join(logDir, 'validation', name!));
  expect(Object.fromEntries(events.map(({ tag, step, value }) => [tag, [step, value]]))).toEqual({
    evaluation_loss_vs_iterations: [STEPS, Math.fround(loss!)],
    evaluation_mae_vs_iterations: [STEPS, Math.fround(mae!)],
  });
});

test('all of them at once', async () => {
  const folder = await temporaryFolder();
  const { history } = await train(compiled(), 2, [
    callbacks.EarlyStopping({ restoreBestWeights: true }),
    callbacks.ModelCheckpoint(join(folder, 'm.safetensors'), { saveBestOnly: true, saveWeightsOnly: true }),
    callbacks.ReduceLROnPlateau(),
    callbacks.LearningRateScheduler((_, rate) => rate),
    callbacks.CSVLogger(join(folder, 'log.csv')),
    callbacks.TerminateOnNaN(),
    callbacks.TensorBoard({ logDir: join(folder, 'logs') }),
    callbacks.LambdaCallback(),
  ]);
  expect(Object.keys(history).sort()).toEqual(['learning_rate', 'loss', 'mae', 'val_loss', 'val_mae']);
  expect((await readdir(folder)).sort()).toEqual(['log.csv', 'logs', 'm.safetensors']);
});
