// What `fit` and its like refuse before any work is done.
import { settleDeferred } from '../engine/deferred.ts';
import { ValueError } from '../errors.ts';
import { sparseCategoricalCrossentropy } from '../losses/losses.ts';
import { max, min } from '../ops/reduce.ts';
import { isFloat } from '../tensor/dtype.ts';
import { wholeNumber } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Model } from './model.ts';

/** Integer classes must be classes of the model: a wrong one would silently count as no class at all. */
export async function checkTargets(model: Model, y: Tensor): Promise<void> {
  await settleDeferred();
  if (model.objective('fit').loss !== sparseCategoricalCrossentropy) return;
  const classes = model.outputShape?.at(-1);
  if (typeof classes !== 'number') return;
  const [lowest, highest] = [min(y), max(y)];
  const [low, high] = await Promise.all([lowest.item(), highest.item()]);
  lowest.dispose();
  highest.dispose();
  if (low >= 0 && high < classes && (!isFloat(y.dtype) || (Number.isFinite(low) && Number.isFinite(high)))) return;
  throw new ValueError(
    `labels must lie from 0 to ${classes - 1}, the classes of ${model.name}; they go from ${low} to ${high}`,
  );
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
