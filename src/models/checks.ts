// What `fit` and its like refuse before any work is done.

import type { Spec } from '../backend/backend.ts';
import type { Callback } from '../callbacks/callback.ts';
import { checkHooks } from '../callbacks/hooks.ts';
import { trace } from '../compile/trace.ts';
import { defer, settleDeferred } from '../engine/deferred.ts';
import { withoutDrawing } from '../engine/seed.ts';
import { ValueError } from '../errors.ts';
import { checkLabels, labelFacts } from '../losses/labels.ts';
import { classTargets } from '../losses/resolve.ts';
import { wholeNumber } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { asInputs, asTargets, asWeights, requireTargets } from './arrays.ts';
import type { Cleanup } from './cleanup.ts';
import type { Model } from './model.ts';
import { listOf } from './residentFeed.ts';
import type { Batch, Source } from './source.ts';
import { withFirstBatch } from './sources.ts';
import type { BatchReader } from './streamedFeed.ts';

/** Inputs, targets and weights that fit the model and each other; the model is built for them. */
export async function checkedData(
  owned: Cleanup,
  who: string,
  model: Model,
  [x, y, sampleWeight = null]: Batch,
): Promise<{ x: Tensor[]; y: Tensor[]; sampleWeight: Tensor[] }> {
  const inputs = asInputs(owned, `${who}: x`, model, x);
  model.buildOn(inputs);
  const { ys, weights } = targetsOf(owned, who, model, inputs, y, sampleWeight);
  await checkTargets(who, model, ys);
  return { x: inputs, y: ys, sampleWeight: weights };
}

function targetsOf(
  owned: Cleanup,
  who: string,
  model: Model,
  inputs: readonly Tensor[],
  y: unknown,
  sampleWeight: unknown,
): { ys: Tensor[]; weights: Tensor[] } {
  const rows = inputs[0]!.shape[0]!;
  const judged = model.objective(who).outputs.map(({ isJudged }) => isJudged);
  const ys = asTargets(owned, `${who}: y`, model, y, rows, judged);
  requireTargets(who, inputs, ys);
  return { ys, weights: asWeights(owned, who, model, sampleWeight, rows) };
}

/** Integer classes must be classes of the model: a wrong one would silently count as no class at all. */
async function checkTargets(who: string, model: Model, ys: readonly Tensor[]): Promise<void> {
  await settleDeferred();
  for (const { y, count, ignoreClass } of classTargetsOf(who, model, ys))
    checkLabels(who, await labelFacts(y, ignoreClass), count);
}

interface Labels {
  readonly y: Tensor;
  /** How many classes there are. */
  readonly count: number;
  readonly ignoreClass: number | null;
}

/** Those of the targets that are numbers of classes. */
function classTargetsOf(who: string, model: Model, ys: readonly Tensor[]): Labels[] {
  const { outputs } = model.objective(who);
  return ys.flatMap((y, i) => {
    const [loss, output] = [outputs[i]?.loss, model.resultShapes[i]];
    const targets = loss && output && classTargets(loss, y.shape, output);
    const count = targets && output.at(targets.axis);
    return typeof count === 'number' ? [{ y, count, ignoreClass: targets!.ignoreClass }] : [];
  });
}

/** What the batches of a stream are read by. Targets are not asked for where `needsTargets` is false. */
export function batchReader(who: string, model: Model, needsTargets: boolean): BatchReader {
  return (owned, [x, y = null, sampleWeight = null]) => {
    const xs = asInputs(owned, `${who}: x`, model, x);
    if (!needsTargets) return { xs, ys: [], weights: [] };
    const { ys, weights } = targetsOf(owned, who, model, xs, y, sampleWeight);
    // a stream does not wait for the answer: the end of the epoch does
    for (const labels of classTargetsOf(who, model, ys)) defer(labelsAreWrong(who, labels));
    return { xs, ys, weights };
  };
}

async function labelsAreWrong(who: string, { y, count, ignoreClass }: Labels): Promise<Error | null> {
  const facts = await labelFacts(y, ignoreClass);
  try {
    checkLabels(who, facts, count);
    return null;
  } catch (error) {
    if (error instanceof ValueError) return error;
    throw error;
  }
}

/** A source whose batches fit the model, which is built for them. */
export async function checkedSource(
  owned: Cleanup,
  who: string,
  model: Model,
  source: Source,
  needsTargets = true,
): Promise<Source> {
  if (source.kind === 'resident') {
    model.buildOn(listOf(source.x).map((x) => prepared(source, x)));
    if (!needsTargets) return source;
    if (!source.y) throw new ValueError(`${who}: the data set has no targets`);
    await checkTargets(who, model, listOf(source.y));
    return source;
  }
  if (model.outputShape) return source;
  return withFirstBatch(who, source, ([first]) => {
    const xs = asInputs(owned, `${who}: x`, model, first);
    model.buildOn(xs.map((x) => prepared(source, x)));
  });
}

/** What a model gets to see of a batch of such samples. */
function prepared(source: Source, x: Tensor): Spec {
  const { prepare } = source;
  if (!prepare) return x;
  const program = withoutDrawing(() =>
    trace((batch) => [prepare.call(source, batch!)], [{ shape: x.shape, dtype: x.dtype }]),
  );
  return program.values[program.outputs[0]!]!;
}

export function batchSizeOption(who: string, value: number | undefined): number {
  return wholeNumber(who, 'batchSize', value ?? 32, 1);
}

/** A number of steps, or null where none was given. */
export function stepsOption(who: string, name: string, value: number | null | undefined): number | null {
  return value === undefined || value === null ? null : wholeNumber(who, name, value, 1);
}

export type Verbose = 0 | 1 | 2;

export function verboseOption(who: string, value: number | string | undefined): Verbose {
  if (value === undefined || value === 'auto') return 1;
  if (value === 0 || value === 1 || value === 2) return value;
  throw new ValueError(`${who}: verbose must be 'auto', 0, 1 or 2, got ${JSON.stringify(value)}`);
}

export function callbackList(who: string, given: readonly Callback[] = []): readonly Callback[] {
  if (!Array.isArray(given) || !given.every((callback) => typeof callback === 'object' && callback !== null))
    throw new ValueError(`${who}: callbacks must be a list of objects with hooks`);
  given.forEach((callback, i) => {
    checkHooks(`${who}: callbacks[${i}]`, callback);
  });
  return given;
}

/** What data that comes in batches must not be given beside it. */
export function refuseBeside(who: string, options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined)
      throw new ValueError(`${who}: ${name} is not for data that comes in batches; the data set says it itself`);
  }
}
