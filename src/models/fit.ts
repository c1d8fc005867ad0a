// Training as Keras runs it: split, shuffle, epochs of recorded steps, validation, history.
import { type Callback, callEach, type Logs } from '../callbacks/callback.ts';
import { History } from '../callbacks/history.ts';
import { ProgressLine } from '../callbacks/progressLine.ts';
import { currentBackend } from '../engine/runtime.ts';
import { keyOf, nextKey } from '../engine/seed.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { platform } from '../platform/index.ts';
import { finiteNumber, refuseUnknown, wholeNumber } from '../tensor/options.ts';
import { permutation, type RandomKey, threefry } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ArrayLikeData, asData, Batches, requireSameLength, rowsBetween } from './batches.ts';
import { batchSizeOption, checkTargets, type Verbose, verboseOption } from './checks.ts';
import { Evaluation } from './evaluate.ts';
import type { Model } from './model.ts';
import { Pace } from './pace.ts';
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
  const plan = await prepareFit(model, x, y, options);
  const { callbacks, epochs, initialEpoch, history, runner, batches, tally, validation } = plan;
  model.stopTraining = false;
  try {
    for (const callback of callbacks) callback.setModel?.(model);
    await callEach(callbacks, (callback) => callback.onTrainBegin?.());
    let logs: Logs = {};
    for (let epoch = initialEpoch; epoch < epochs && !model.stopTraining; epoch++) {
      logs = await runEpoch(model, plan, epoch);
    }
    await callEach(callbacks, (callback) => callback.onTrainEnd?.(logs));
    return history;
  } finally {
    currentBackend().flush();
    runner.dispose();
    tally.dispose();
    batches.dispose();
    validation?.dispose();
  }
}

interface FitPlan {
  readonly batches: Batches;
  readonly tally: Tally;
  readonly runner: Runner;
  readonly validation: Evaluation | null;
  readonly validatesAfter: (epoch: number) => boolean;
  readonly callbacks: readonly Callback[];
  readonly epochs: number;
  readonly initialEpoch: number;
  /** The key of the shuffles, or null for the given order. */
  readonly shuffleKey: RandomKey | null;
  readonly history: History;
  readonly line: ProgressLine;
}

/** Checks everything, then records the steps: nothing is trained before all of it is known to fit. */
async function prepareFit(model: Model, x: ArrayLikeData, y: ArrayLikeData, options: FitOptions): Promise<FitPlan> {
  const settings = checkOptions(options);
  const objective = model.objective('fit');
  const inputs = asData('fit: x', x, model.sampleShape);
  const targets = asData('fit: y', y, null);
  requireSameLength(inputs, targets);
  model.build(inputs.shape);
  requireTrainable(model);
  await checkTargets(model, targets);
  const { trainCount, held } = await holdOut(model, inputs, targets, options);

  const { batchSize, epochs, initialEpoch, verbose } = settings;
  objective.optimizer.build(model.trainableWeights.map(({ variable }) => variable));
  const batches = new Batches([inputs, targets], rowsBetween(0, trainCount), batchSize);
  const tally = new Tally(['loss', ...objective.metrics.map(({ name }) => name)]);
  const [runner, validation] = await Promise.all([
    Runner.record(batches, tally, (xb, yb) => trainStep(model, objective, xb!, yb!)),
    held && Evaluation.prepare(model, held.x, held.y, held.rows, settings.validationBatchSize),
  ]);
  return {
    batches,
    tally,
    runner,
    validation,
    validatesAfter: settings.validatesAfter,
    callbacks: options.callbacks ?? [],
    epochs,
    initialEpoch,
    shuffleKey: (options.shuffle ?? true) ? nextKey() : null,
    history: new History({ verbose, epochs, steps: batches.steps }),
    line: new ProgressLine({ verbose, epochs, terminal: platform.terminal, now: () => performance.now() / 1000 }),
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
  if (plan.validation && plan.validatesAfter(epoch) && !model.stopTraining) {
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
  readonly validationBatchSize: number;
  readonly validatesAfter: (epoch: number) => boolean;
}

function checkOptions(options: FitOptions): Settings {
  refuseUnknown('fit', options, known);
  const batchSize = batchSizeOption('fit', options.batchSize);
  const freq = options.validationFreq ?? 1;
  if (typeof freq === 'number') wholeNumber('fit', 'validationFreq', freq, 1);
  if (options.callbacks !== undefined && !Array.isArray(options.callbacks))
    throw new ValueError('fit: callbacks must be a list');
  return {
    batchSize,
    epochs: wholeNumber('fit', 'epochs', options.epochs ?? 1, 1),
    initialEpoch: wholeNumber('fit', 'initialEpoch', options.initialEpoch ?? 0, 0),
    verbose: verboseOption('fit', options.verbose),
    validationBatchSize: batchSizeOption('fit', options.validationBatchSize ?? batchSize),
    validatesAfter: (epoch) => (typeof freq === 'number' ? (epoch + 1) % freq === 0 : freq.includes(epoch + 1)),
  };
}

interface HoldOut {
  readonly trainCount: number;
  /** What validation runs on. */
  readonly held: { readonly x: Tensor; readonly y: Tensor; readonly rows: Int32Array } | null;
}

async function holdOut(model: Model, x: Tensor, y: Tensor, options: FitOptions): Promise<HoldOut> {
  const count = x.shape[0]!;
  if (options.validationData) {
    const [given, targets] = options.validationData;
    const held = {
      x: asData('fit: validationData x', given, model.sampleShape),
      y: asData('fit: validationData y', targets, null),
    };
    requireSameLength(held.x, held.y);
    model.build(held.x.shape);
    if (held.y.rank !== y.rank)
      throw new ShapeError(`fit: y has rank ${y.rank}, validationData's y has rank ${held.y.rank}`);
    await checkTargets(model, held.y);
    return { trainCount: count, held: { ...held, rows: rowsBetween(0, held.x.shape[0]!) } };
  }
  const split = finiteNumber('fit', 'validationSplit', options.validationSplit ?? 0, 0, 1);
  if (split === 0) return { trainCount: count, held: null };
  const trainCount = Math.floor(count * (1 - split));
  if (trainCount === 0 || trainCount === count) {
    throw new ValueError(
      `fit: validationSplit ${split} of ${count} samples leaves ${trainCount} to train on and ${count - trainCount} to validate with`,
    );
  }
  return { trainCount, held: { x, y, rows: rowsBetween(trainCount, count) } };
}
