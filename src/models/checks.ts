// What `fit` and its like refuse before any work is done.

import type { Shape } from '../backend/backend.ts';
import type { Callback } from '../callbacks/callback.ts';
import { trace } from '../compile/trace.ts';
import { defer, settleDeferred } from '../engine/deferred.ts';
import { withoutDrawing } from '../engine/seed.ts';
import { ValueError } from '../errors.ts';
import { checkLabels, labelFacts } from '../losses/labels.ts';
import { classTargets } from '../losses/resolve.ts';
import { wholeNumber } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { asInputs, asTargets, asWeights, requireSameLength } from './batches.ts';
import type { Cleanup } from './cleanup.ts';
import type { Model } from './model.ts';
import type { Batch, Source } from './source.ts';
import { withFirstBatch } from './sources.ts';
import type { BatchReader, BatchTensors } from './streamedFeed.ts';

/** Inputs, targets and weights that fit the model and each other; the model is built for them. */
export async function checkedData(
  owned: Cleanup,
  who: string,
  model: Model,
  [x, y, sampleWeight = null]: Batch,
): Promise<{ x: Tensor; y: Tensor; sampleWeight: Tensor | null }> {
  const inputs = asInputs(owned, `${who}: x`, model, x);
  model.build(inputs.shape);
  const targets = asTargets(owned, `${who}: y`, model, y, inputs.shape[0]!);
  requireSameLength(who, inputs, targets);
  const weights = sampleWeight === null ? null : asWeights(owned, who, sampleWeight, inputs.shape[0]!);
  await checkTargets(who, model, targets);
  return { x: inputs, y: targets, sampleWeight: weights };
}

/** Integer classes must be classes of the model: a wrong one would silently count as no class at all. */
async function checkTargets(who: string, model: Model, y: Tensor): Promise<void> {
  await settleDeferred();
  const classes = classesOf(who, model, y);
  if (classes) checkLabels(who, await labelFacts(y, classes.ignoreClass), classes.count);
}

interface Classes {
  readonly count: number;
  readonly ignoreClass: number | null;
}

/** How many classes integer targets may have; null where targets are something else. */
function classesOf(who: string, model: Model, y: Tensor): Classes | null {
  const { outputShape } = model;
  const targets = outputShape && classTargets(model.objective(who).loss, y.shape, outputShape);
  const count = targets && outputShape.at(targets.axis);
  return typeof count === 'number' ? { count, ignoreClass: targets!.ignoreClass } : null;
}

/** What the batches of a stream are read by. Targets are not asked for where `needsTargets` is false. */
export function batchReader(who: string, model: Model, needsTargets: boolean): BatchReader {
  return (owned, batch) => {
    const tensors = tensorsOf(owned, who, model, batch, needsTargets);
    const classes = needsTargets ? classesOf(who, model, tensors.y!) : null;
    // a stream does not wait for the answer: the end of the epoch does
    if (classes) defer(labelsAreWrong(who, tensors.y!, classes));
    return tensors;
  };
}

function tensorsOf(
  owned: Cleanup,
  who: string,
  model: Model,
  [x, y = null, sampleWeight = null]: Batch,
  needsTargets: boolean,
): BatchTensors {
  const inputs = asInputs(owned, `${who}: x`, model, x);
  const rows = inputs.shape[0]!;
  if (!needsTargets) return { x: inputs, y: null, weights: null };
  const targets = asTargets(owned, `${who}: y`, model, y, rows);
  requireSameLength(who, inputs, targets);
  return { x: inputs, y: targets, weights: sampleWeight === null ? null : asWeights(owned, who, sampleWeight, rows) };
}

async function labelsAreWrong(who: string, y: Tensor, { count, ignoreClass }: Classes): Promise<Error | null> {
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
    model.build(preparedShape(source, source.x));
    if (!needsTargets) return source;
    if (!source.y) throw new ValueError(`${who}: the data set has no targets`);
    await checkTargets(who, model, source.y);
    return source;
  }
  if (model.outputShape) return source;
  const peeked = await withFirstBatch(who, source);
  const x = asInputs(owned, `${who}: x`, model, peeked.first[0]);
  model.build(preparedShape(source, x));
  return peeked.source;
}

/** What a model gets to see of a batch of such samples. */
function preparedShape(source: Source, x: Tensor): Shape {
  const { prepare } = source;
  if (!prepare) return x.shape;
  const program = withoutDrawing(() =>
    trace((batch) => [prepare.call(source, batch!)], [{ shape: x.shape, dtype: x.dtype }]),
  );
  return program.values[program.outputs[0]!]!.shape;
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
  if (Array.isArray(given) && given.every((callback) => typeof callback === 'object' && callback !== null))
    return given;
  throw new ValueError(`${who}: callbacks must be a list of objects with hooks`);
}

/** What data that comes in batches must not be given beside it. */
export function refuseBeside(who: string, options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined)
      throw new ValueError(`${who}: ${name} is not for data that comes in batches; the data set says it itself`);
  }
}
