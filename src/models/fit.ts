// Training as Keras runs it: split, shuffle, epochs of recorded steps, validation, history.
import { type Callback, callEach, type Logs } from '../callbacks/callback.ts';
import { History } from '../callbacks/history.ts';
import { ProgressLine } from '../callbacks/progressLine.ts';
import { keyOf, nextKey } from '../engine/seed.ts';
import { ValueError } from '../errors.ts';
import { platform } from '../platform/index.ts';
import { finiteNumber, refuseUnknown, truth, wholeNumber } from '../tensor/options.ts';
import { permutation, type RandomKey, threefry } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ArrayLikeData, Batches, rowsBetween } from './batches.ts';
import { alone } from './busy.ts';
import { batchSizeOption, checkedPair, type Verbose, verboseOption } from './checks.ts';
import { all, Cleanup } from './cleanup.ts';
import { Evaluation } from './evaluate.ts';
import type { Model } from './model.ts';
import { now, Pace } from './pace.ts';
import { Runner } from './runner.ts';
import { requireTrainable, trainStep } from './step.ts';
import { Tally } from './tally.ts';

export interface FitOptions {
  /** Default: 32. */
  readonly batchSize?: number;
  /** The epoch to stop before, counted from 0; default 1. */
  readonly epochs?: number;
  readonly initialEpoch?: number;
  /** 0 silent, 1 (default, also 'auto') with a progress line, 2 one line an epoch. */
  readonly verbose?: number | 'auto';
  readonly callbacks?: readonly Callback[];
  /** This share of the samples, from the end and before any shuffling, is kept for validation. */
  readonly validationSplit?: number;
  readonly validationData?: readonly [ArrayLikeData, ArrayLikeData];
  /** Default: batchSize. */
  readonly validationBatchSize?: number;
  /** Validate after every so many epochs, or after those listed (counted from 1). */
  readonly validationFreq?: number | readonly number[];
  /** A new order of the samples in every epoch; default true. */
  readonly shuffle?: boolean;
}

// biome-ignore format: a table
const known = [
  'batchSize', 'epochs', 'initialEpoch', 'verbose', 'callbacks', 'validationSplit', 'validationData',
  'validationBatchSize', 'validationFreq', 'shuffle',
];

export async function fitModel(
  model: Model,
  x: ArrayLikeData,
  y: ArrayLikeData,
  options: FitOptions,
): Promise<History> {
  return alone('fit', model, async () => {
    const owned = new Cleanup();
    try {
      const plan = await prepareFit(owned, model, x, y, options);
      return await runEpochs(model, plan).finally(() => plan.line.breakLine());
    } finally {
      owned.dispose();
    }
  });
}

async function runEpochs(model: Model, plan: FitPlan): Promise<History> {
  const { callbacks, settings, history } = plan;
  model.stopTraining = false;
  for (const callback of callbacks) callback.setModel?.(model);
  await callEach(callbacks, (callback) => callback.onTrainBegin?.());
  let logs: Logs = {};
  for (let epoch = settings.initialEpoch; epoch < settings.epochs && !model.stopTraining; epoch++) {
    logs = await runEpoch(model, plan, epoch);
  }
  await callEach(callbacks, (callback) => callback.onTrainEnd?.(logs));
  return history;
}

interface FitPlan {
  readonly settings: Settings;
  readonly batches: Batches;
  readonly tally: Tally;
  readonly runner: Runner;
  readonly validation: Evaluation | null;
  readonly callbacks: readonly Callback[];
  /** The key of the shuffles, or null for the given order. */
  readonly shuffleKey: RandomKey | null;
  readonly history: History;
  readonly line: ProgressLine;
}

/** Checks everything, then records the steps: nothing is trained before all of it is known to fit. */
async function prepareFit(
  owned: Cleanup,
  model: Model,
  x: ArrayLikeData,
  y: ArrayLikeData,
  options: FitOptions,
): Promise<FitPlan> {
  const settings = checkOptions(options);
  const objective = model.objective('fit');
  const data = await checkedPair(owned, 'fit', model, x, y);
  requireTrainable('fit', model);
  const { trainCount, held } = await holdOut(owned, model, data, settings);

  const { batchSize, epochs, verbose } = settings;
  objective.optimizer.build(model.trainableWeights.map(({ variable }) => variable));
  const batches = owned.hold(new Batches([data.x, data.y], rowsBetween(0, trainCount), batchSize));
  const tally = owned.hold(new Tally(['loss', ...objective.metrics.map(({ name }) => name)]));
  const [runner, validation] = await all([
    Runner.record(owned, batches, tally, (xb, yb) => trainStep(model, objective, xb!, yb!)),
    held ? Evaluation.prepare(owned, model, held, settings.validationBatchSize) : Promise.resolve(null),
  ]);
  return {
    settings,
    batches,
    tally,
    runner,
    validation,
    callbacks: options.callbacks ?? [],
    shuffleKey: settings.shuffle ? nextKey() : null,
    history: new History({ verbose, epochs, steps: batches.steps }),
    line: new ProgressLine({ verbose, epochs, terminal: platform.terminal, now }),
  };
}

async function runEpoch(model: Model, plan: FitPlan, epoch: number): Promise<Logs> {
  const { batches, tally, runner, callbacks, line, shuffleKey } = plan;
  batches.rewind(shuffleKey ? permutation(keyOf(threefry(shuffleKey, [epoch, 0])[0]), batches.count) : undefined);
  tally.reset();
  line.begin(epoch, batches.steps);
  await callEach(callbacks, (callback) => callback.onEpochBegin?.(epoch));
  const wantsBatches = callbacks.some((callback) => callback.onTrainBatchBegin || callback.onTrainBatchEnd);
  const pace = new Pace<void>();
  let seen = 0;
  for (let step = 0; step < batches.steps && !model.stopTraining; step++) {
    if (wantsBatches) await callEach(callbacks, (callback) => callback.onTrainBatchBegin?.(step));
    seen += runner.run(step);
    const [done, samples] = [step + 1, seen];
    const look = async () => line.update(done, Object.entries(await tally.read(samples)));
    if (wantsBatches) {
      const logs = await tally.read(samples);
      line.update(done, Object.entries(logs));
      await callEach(callbacks, (callback) => callback.onTrainBatchEnd?.(step, logs));
    } else await pace.after(step, look);
  }
  await pace.rest();
  const logs = await tally.read(seen);
  line.update(Math.ceil(seen / batches.batchSize), Object.entries(logs));
  if (plan.validation && plan.settings.validatesAfter(epoch) && !model.stopTraining) {
    for (const [name, value] of Object.entries(await plan.validation.run())) logs[`val_${name}`] = value;
  }
  await callEach(callbacks, (callback) => callback.onEpochEnd?.(epoch, logs));
  plan.history.add(epoch, logs);
  line.end(Object.entries(logs));
  return logs;
}

interface Settings {
  readonly batchSize: number;
  readonly epochs: number;
  readonly initialEpoch: number;
  readonly verbose: Verbose;
  readonly shuffle: boolean;
  readonly validationSplit: number;
  readonly validationData: readonly [ArrayLikeData, ArrayLikeData] | null;
  readonly validationBatchSize: number;
  readonly validatesAfter: (epoch: number) => boolean;
}

function checkOptions(options: FitOptions): Settings {
  refuseUnknown('fit', options, known);
  const { callbacks = [], validationData = null } = options;
  const batchSize = batchSizeOption('fit', options.batchSize);
  if (!Array.isArray(callbacks) || callbacks.some((callback) => typeof callback !== 'object' || callback === null))
    throw new ValueError('fit: callbacks must be a list of objects with hooks');
  if (validationData !== null && (!Array.isArray(validationData) || validationData.length !== 2))
    throw new ValueError('fit: validationData must be [x, y]');
  return {
    batchSize,
    epochs: wholeNumber('fit', 'epochs', options.epochs ?? 1, 1),
    initialEpoch: wholeNumber('fit', 'initialEpoch', options.initialEpoch ?? 0, 0),
    verbose: verboseOption('fit', options.verbose),
    shuffle: truth('fit', 'shuffle', options.shuffle ?? true),
    validationSplit: finiteNumber('fit', 'validationSplit', options.validationSplit ?? 0, 0, 1),
    validationData,
    validationBatchSize: batchSizeOption('fit', options.validationBatchSize ?? batchSize),
    validatesAfter: validationTimes(options.validationFreq ?? 1),
  };
}

/** Whether an epoch, counted from 0, is followed by validation. */
function validationTimes(freq: number | readonly number[]): (epoch: number) => boolean {
  if (typeof freq === 'number') {
    const every = wholeNumber('fit', 'validationFreq', freq, 1);
    return (epoch) => (epoch + 1) % every === 0;
  }
  if (!Array.isArray(freq))
    throw new ValueError(`fit: validationFreq must be a number or a list of epochs, got ${freq}`);
  const listed = new Set(freq.map((epoch) => wholeNumber('fit', 'each epoch of validationFreq', epoch, 1)));
  return (epoch) => listed.has(epoch + 1);
}

interface HoldOut {
  readonly trainCount: number;
  /** What validation runs on. */
  readonly held: { readonly x: Tensor; readonly y: Tensor; readonly rows: Int32Array } | null;
}

async function holdOut(
  owned: Cleanup,
  model: Model,
  { x, y }: { readonly x: Tensor; readonly y: Tensor },
  { validationSplit, validationData }: Settings,
): Promise<HoldOut> {
  const count = x.shape[0]!;
  if (validationData) {
    const held = await checkedPair(owned, 'fit: validationData', model, ...validationData);
    return { trainCount: count, held: { ...held, rows: rowsBetween(0, held.x.shape[0]!) } };
  }
  if (validationSplit === 0) return { trainCount: count, held: null };
  const trainCount = Math.floor(count * (1 - validationSplit));
  if (trainCount === 0 || trainCount === count) {
    throw new ValueError(
      `fit: validationSplit ${validationSplit} of ${count} samples leaves ${trainCount} to train on and ${count - trainCount} to validate with`,
    );
  }
  return { trainCount, held: { x, y, rows: rowsBetween(trainCount, count) } };
}
