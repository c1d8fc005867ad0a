// Training as Keras runs it: epochs of recorded steps, validation, history.
import { callEach, type Logs, sortedLogs } from '../callbacks/callback.ts';
import { History } from '../callbacks/history.ts';
import { ProgressLine } from '../callbacks/progressLine.ts';
import { warn } from '../callbacks/say.ts';
import { nextKey } from '../engine/seed.ts';
import { makeVariable } from '../engine/variable.ts';
import { ValueError } from '../errors.ts';
import { platform } from '../platform/index.ts';
import type { Arrays } from './arrays.ts';
import { alone, requireOwnOptimizer } from './busy.ts';
import type { CachedFeatures } from './cachedFeatures.ts';
import { batchReader } from './checks.ts';
import { classWeightTable, requireOneOutput, weightsByClass } from './classWeight.ts';
import { all, Cleanup } from './cleanup.ts';
import { Evaluation } from './evaluate.ts';
import type { BatchStep, Feed } from './feed.ts';
import { openFeed } from './feeds.ts';
import { type FitData, fitData } from './fitData.ts';
import { checkFitOptions, type FitOptions, type FitSettings } from './fitOptions.ts';
import { runPass } from './loop.ts';
import type { Model } from './model.ts';
import { now } from './pace.ts';
import type { Source } from './source.ts';
import type { Data } from './sources.ts';
import { requireTrainable, type StepModel, trainStep } from './step.ts';
import { Tally } from './tally.ts';
import type { TrainingRun } from './trainingRun.ts';

export async function fitModel(model: Model, x: Data, y: Arrays | undefined, options: FitOptions): Promise<History> {
  return alone('fit', model, async () => {
    const settings = checkFitOptions(options);
    const epoch = settings.initialEpoch;
    const run: TrainingRun = { key: nextKey(), epoch, step: 0, steps: 0, samples: 0, resumed: false, tally: null };
    const { verbose, epochs } = settings;
    const line = new ProgressLine({ verbose, epochs, terminal: platform.terminal, now });
    const owned = new Cleanup();
    model.training = run;
    try {
      return await runEpochs(model, run, settings, line, await prepareFit(owned, model, x, y, settings, run));
    } finally {
      model.training = null;
      line.breakLine();
      owned.dispose();
    }
  });
}

interface FitPlan {
  readonly data: FitData;
  readonly feed: Feed;
  readonly tally: Tally;
  readonly cached: CachedFeatures | null;
  readonly validation: Evaluation | null;
  readonly history: History;
}

/** Checks everything, then records the steps: nothing is trained before all of it is known to fit. */
async function prepareFit(
  owned: Cleanup,
  model: Model,
  x: Data,
  y: Arrays | undefined,
  settings: FitSettings,
  run: TrainingRun,
): Promise<FitPlan> {
  const objective = model.objective('fit');
  if (settings.classWeight) requireOneOutput('fit', model);
  const data = await fitData(owned, model, x, y, settings, run);
  requireTrainable('fit', model);
  requireOwnOptimizer('fit', model);
  // all of them now: a weight that is made while a step is recorded would draw from the run's stream
  const variables = new Map(model.weights.map((weight) => [weight, weight.variable]));
  objective.optimizer.build(model.trainableWeights.map((weight) => variables.get(weight)!));
  // before the callbacks: one of them may bring back the sums of another run
  const tally = owned.hold(new Tally(objective.trackers, model.resultShapes));
  run.tally = tally;
  const history = new History({
    verbose: settings.verbose,
    epochs: settings.epochs,
    steps: settings.stepsPerEpoch ?? stepsOf(data.training),
  });
  await beginCallbacks(model, settings, history);

  const features = settings.cacheFeatures ? await import('./seldom.ts') : null;
  const part = features?.splitFrozen('fit', model) ?? null;
  const cached = part && new features!.CachedFeatures(owned, part.front);
  const seen = async (source: Source, who: string) => cached?.of(who, source) ?? source;
  const training = await seen(data.training, 'fit');
  const validating = data.validation && (await seen(data.validation, 'fit: validationData'));
  const trained = part?.rest ?? model;
  const steps = owned.hold(makeVariable(Int32Array.of(run.steps), [], 'int32', { name: 'steps' }));
  const [feed, validation] = await all([
    openFeed(owned, training, batchReader('fit', model, true), trainingStep(owned, model, trained, settings, tally), {
      stepsPerPass: settings.stepsPerEpoch,
      randomness: { key: run.key, steps },
    }),
    validating
      ? Evaluation.prepare(owned, 'fit: validationData', model, validating, {
          limit: settings.validationSteps,
          callbacks: settings.callbacks,
          tested: trained,
        })
      : Promise.resolve(null),
  ]);
  return { data, feed, tally, cached, validation, history };
}

function stepsOf(source: FitData['training']): number | null {
  return source.kind === 'resident' ? Math.ceil(source.count / source.batchSize) : source.steps;
}

/** Before anything is recorded: a callback may bring back another run, with its random numbers. */
async function beginCallbacks(model: Model, { callbacks }: FitSettings, history: History): Promise<void> {
  model.stopTraining = false;
  for (const callback of callbacks) {
    callback.setParams?.(history.params);
    callback.setModel?.(model);
  }
  await callEach(callbacks, (callback) => callback.onTrainBegin?.());
}

function trainingStep(
  owned: Cleanup,
  model: Model,
  trained: StepModel,
  { classWeight }: FitSettings,
  tally: Tally,
): BatchStep {
  const objective = model.objective('fit');
  const table = classWeight && owned.hold(classWeightTable(classWeight));
  return ({ xs, ys, weights, rows }) => {
    if (table && weights.length > 0)
      throw new ValueError('fit: classWeight and the sampleWeight of batches cannot be combined');
    const batch = { xs, ys, weights: table ? [weightsByClass('fit', ys[0]!, table)] : weights };
    tally.add(trainStep(trained, objective, batch), rows);
    return [];
  };
}

async function runEpochs(
  model: Model,
  run: TrainingRun,
  settings: FitSettings,
  line: ProgressLine,
  plan: FitPlan,
): Promise<History> {
  const { callbacks, epochs, initialEpoch } = settings;
  let logs: Logs = {};
  for (let first = true; run.epoch < epochs && !model.stopTraining; first = false) {
    if (first && run.resumed) await resume(run, plan.feed, initialEpoch);
    else await plan.feed.begin();
    const found = await runEpoch(model, run, settings, line, plan);
    if (!found) break;
    logs = found;
  }
  model.optimizer.finalizeVariableValues();
  await callEach(callbacks, (callback) => callback.onTrainEnd?.(logs));
  return plan.history;
}

/** A run that was saved after the last step of an epoch goes on with the next one. */
async function resume(run: TrainingRun, feed: Feed, initialEpoch: number): Promise<void> {
  if (feed.steps !== null && run.step >= feed.steps) Object.assign(run, { epoch: run.epoch + 1, step: 0 });
  await feed.resume(run.epoch - initialEpoch, run.step);
}

/** Resolves to the logs of the epoch; null when the data had run out before it began. */
async function runEpoch(
  model: Model,
  run: TrainingRun,
  { callbacks, validatesAfter }: FitSettings,
  line: ProgressLine,
  plan: FitPlan,
): Promise<Logs | null> {
  const { feed, tally, history } = plan;
  const { epoch } = run;
  if (run.step === 0) {
    tally.reset();
    run.samples = 0;
  }
  line.begin(epoch, feed.steps);
  await callEach(callbacks, (callback) => callback.onEpochBegin?.(epoch));
  await plan.cached?.refresh();
  const samples = await runSteps(model, run, callbacks, line, plan);
  if (feed.steps === null || run.step < feed.steps) {
    if (!model.stopTraining) {
      warn(`fit: the data ran out after ${run.step} of ${feed.steps ?? 'an unknown number of'} steps; training ends`);
      model.stopTraining = true;
    }
    if (samples === 0) return null;
  }
  if (samples === 0) throw new ValueError('fit: the data has no batches');
  const logs = await tally.read(samples);
  line.update(run.step, Object.entries(logs));
  if (!Number.isFinite(logs.loss) && !history.history.loss?.some((loss) => !Number.isFinite(loss)))
    warn(
      `fit: the loss is ${logs.loss} after epoch ${epoch + 1}; look for numbers in x, y and sampleWeight that are not finite, or lower the learning rate`,
    );
  if (plan.validation && validatesAfter(epoch) && !cutShort(model, run, feed)) {
    await plan.cached?.refresh();
    const found = await plan.validation.run();
    if (!found) warn(`fit: the validation data ran out; epoch ${epoch + 1} is not validated`);
    for (const [name, value] of Object.entries(found ?? {})) logs[`val_${name}`] = value;
  }
  if (plan.data.training.kind === 'streamed') await plan.data.training.onEpochEnd?.();
  // what is saved from here on goes on with the next epoch
  Object.assign(run, { epoch: epoch + 1, step: 0 });
  const told = sortedLogs(logs);
  await callEach(callbacks, (callback) => callback.onEpochEnd?.(epoch, told));
  history.add(epoch, { ...logs, ...told });
  line.end(Object.entries(told));
  return told;
}

/** Whether the epoch ended before its last batch because somebody asked for it. */
function cutShort(model: Model, run: TrainingRun, feed: Feed): boolean {
  return model.stopTraining && feed.steps !== null && run.step < feed.steps;
}

/** The steps of an epoch, from `run.step` on. Resolves to its samples up to the last of them. */
function runSteps(
  model: Model,
  run: TrainingRun,
  callbacks: FitSettings['callbacks'],
  line: ProgressLine,
  { feed, tally }: FitPlan,
): Promise<number> {
  const { step, samples } = run;
  return runPass({
    ...{ feed, tally, step, samples },
    goesOn: (at) => !model.stopTraining && (feed.steps === null || at < feed.steps),
    done(steps, seen) {
      run.steps++;
      Object.assign(run, { step: steps, samples: seen });
    },
    report: (steps, logs) => line.update(steps, Object.entries(logs)),
    watched: callbacks.some((callback) => callback.onTrainBatchBegin || callback.onTrainBatchEnd),
    begin: (batch) => callEach(callbacks, (callback) => callback.onTrainBatchBegin?.(batch)),
    end: (batch, logs) => callEach(callbacks, (callback) => callback.onTrainBatchEnd?.(batch, logs)),
  });
}
