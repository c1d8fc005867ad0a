// What `fit` and its like refuse before any work is done.
import { settleDeferred } from '../engine/deferred.ts';
import { ValueError } from '../errors.ts';
import { checkLabels, labelFacts } from '../losses/labels.ts';
import { sparseCategoricalCrossentropy } from '../losses/losses.ts';
import { wholeNumber } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { asInputs, asTargets, requireSameLength } from './batches.ts';
import type { Cleanup } from './cleanup.ts';
import type { Model } from './model.ts';

/** Inputs and targets that fit the model and each other; the model is built for them. */
export async function checkedPair(
  owned: Cleanup,
  who: string,
  model: Model,
  x: unknown,
  y: unknown,
): Promise<{ x: Tensor; y: Tensor }> {
  const inputs = asInputs(owned, `${who}: x`, model, x);
  model.build(inputs.shape);
  const targets = asTargets(owned, `${who}: y`, model, y, inputs.shape[0]!);
  requireSameLength(who, inputs, targets);
  await checkTargets(who, model, targets);
  return { x: inputs, y: targets };
}

/** Integer classes must be classes of the model: a wrong one would silently count as no class at all. */
async function checkTargets(who: string, model: Model, y: Tensor): Promise<void> {
  await settleDeferred();
  if (model.objective(who).loss !== sparseCategoricalCrossentropy) return;
  const classes = model.outputShape?.at(-1);
  if (typeof classes === 'number') checkLabels(who, await labelFacts(y), classes);
}

export function batchSizeOption(who: string, value: number | undefined): number {
  return wholeNumber(who, 'batchSize', value ?? 32, 1);
}

export type Verbose = 0 | 1 | 2;

export function verboseOption(who: string, value: number | string | undefined): Verbose {
  if (value === undefined || value === 'auto') return 1;
  if (value === 0 || value === 1 || value === 2) return value;
  throw new ValueError(`${who}: verbose must be 'auto', 0, 1 or 2, got ${JSON.stringify(value)}`);
}
