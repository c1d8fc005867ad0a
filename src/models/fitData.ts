// What `fit` trains on and validates with.
import { scope } from '../engine/scope.ts';
import { ValueError } from '../errors.ts';
import type { Loss } from '../losses/losses.ts';
import { argMax } from '../ops/reduce.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Arrays } from './arrays.ts';
import { checkedData, checkedSource, refuseBeside } from './checks.ts';
import type { Cleanup } from './cleanup.ts';
import { testSource } from './evaluate.ts';
import type { FitSettings } from './fitOptions.ts';
import type { Model } from './model.ts';
import type { Source } from './source.ts';
import { arraySource, type Data, isBatchData, sourceOf } from './sources.ts';
import { shuffleOf, type TrainingRun } from './trainingRun.ts';

export interface FitData {
  readonly training: Source;
  readonly validation: Source | null;
}

/** Data that fits the model, which is built for it; in the given order, or in one of the run's. */
export async function fitData(
  owned: Cleanup,
  model: Model,
  x: Data,
  y: Arrays | undefined,
  settings: FitSettings,
  run: TrainingRun,
): Promise<FitData> {
  const { shuffle, sampleWeight, validationSplit } = settings;
  if (isBatchData(x)) {
    if (validationSplit > 0)
      throw new ValueError(
        'fit: validationSplit is for arrays; give data that comes in batches its own validationData',
      );
    refuseBeside('fit', { y, batchSize: settings.batchSize ?? undefined, sampleWeight: sampleWeight ?? undefined });
    const source = sourceOf('fit', x, shuffle === false ? null : shuffleOf(run));
    const training = await checkedSource(owned, 'fit', model, source);
    return { training, validation: await givenValidation(owned, model, settings) };
  }
  const size = settings.batchSize ?? 32;
  const order = shuffle === false ? null : shuffleOf(run, shuffle === 'batch' ? size : null);
  const data = await checkedData(owned, 'fit', model, [x, y, sampleWeight]);
  const count = data.x[0]!.shape[0]!;
  if (settings.validationData || validationSplit === 0) {
    const training = arraySource(data, [0, count], size, order);
    return { training, validation: await givenValidation(owned, model, settings) };
  }
  const cut = trainingCount(count, validationSplit);
  for (const [i, one] of data.y.entries()) await warnOfSortedLabels(model.objective('fit').outputs[i]?.loss, one, cut);
  return {
    training: arraySource(data, [0, cut], size, order),
    validation: arraySource(data, [cut, count], settings.validationBatchSize ?? size),
  };
}

async function givenValidation(owned: Cleanup, model: Model, settings: FitSettings): Promise<Source | null> {
  const { validationData } = settings;
  if (validationData === null) return null;
  if (isBatchData(validationData))
    return testSource(owned, 'fit: validationData', model, validationData, undefined, {});
  const [x, y, sampleWeight] = validationData;
  const batchSize = settings.validationBatchSize ?? settings.batchSize ?? 32;
  return testSource(owned, 'fit: validationData', model, x, y, { batchSize, ...(sampleWeight && { sampleWeight }) });
}

function trainingCount(count: number, validationSplit: number): number {
  const cut = Math.floor(count * (1 - validationSplit));
  if (cut > 0 && cut < count) return cut;
  throw new ValueError(
    `fit: validationSplit ${validationSplit} of ${count} samples leaves ${cut} to train on and ${count - cut} to validate with`,
  );
}

/** The split takes the last samples as they come: where they are sorted by class, one part lacks classes that the other has. */
async function warnOfSortedLabels(loss: Loss | null | undefined, y: Tensor, cut: number): Promise<void> {
  const labels = /crossentropy/i.test(loss?.name ?? '') ? await labelsOf(y) : null;
  if (!labels) return;
  const [before, after] = [new Set(labels.subarray(0, cut)), new Set(labels.subarray(cut))];
  const lacking = (part: Set<number>, other: Set<number>) => [...other].filter((label) => !part.has(label));
  const [unseen, unchecked] = [lacking(before, after), lacking(after, before)];
  if (unseen.length + unchecked.length === 0) return;
  const named = (found: number[]) => found.sort((a, b) => a - b).join(', ');
  const what =
    unseen.length > 0 ? `nothing to train on for ${named(unseen)}` : `nothing to validate ${named(unchecked)} with`;
  console.warn(
    `fit: validationSplit takes the last samples, before any shuffling; sorted by class as they seem to be, that leaves ${what}. Shuffle x and y first, or give validationData.`,
  );
}

/** The class of each sample; null where targets are no classes. */
async function labelsOf(y: Tensor): Promise<Int32Array | Float32Array | Float64Array | Uint8Array | null> {
  if (y.size === y.shape[0]) return y.data();
  if (y.rank !== 2) return null;
  const classes = scope(() => argMax(y, -1));
  try {
    return await classes.data();
  } finally {
    classes.dispose();
  }
}
