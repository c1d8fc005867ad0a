import type { Callback } from '../callbacks/callback.ts';
import { ValueError } from '../errors.ts';
import { finiteNumber, kindOf, refuseUnknown, truth, wholeNumber } from '../tensor/options.ts';
import type { Arrays, SampleWeight } from './arrays.ts';
import { batchSizeOption, callbackList, stepsOption, type Verbose, verboseOption } from './checks.ts';
import { type ClassWeight, checkedClassWeight } from './classWeight.ts';
import type { BatchData } from './source.ts';
import { isBatchData } from './sources.ts';

/** Arrays [x, y] or [x, y, sampleWeight], or data that comes in batches. */
export type ValidationData = readonly [Arrays, Arrays] | readonly [Arrays, Arrays, SampleWeight] | BatchData;

export interface FitOptions {
  /** Default: 32. Not for data that comes in batches. */
  readonly batchSize?: number;
  /** The epoch to stop before, counted from 0; default 1. */
  readonly epochs?: number;
  readonly initialEpoch?: number;
  /** 0 silent, 1 (default, also 'auto') with a progress line, 2 one line an epoch. */
  readonly verbose?: number | 'auto';
  readonly callbacks?: readonly Callback[];
  /** This share of the samples, from the end and before any shuffling, is kept for validation. Arrays only. */
  readonly validationSplit?: number;
  readonly validationData?: ValidationData | null;
  /** Default: batchSize. */
  readonly validationBatchSize?: number;
  /** Batches of a validation at most; default: all. */
  readonly validationSteps?: number | null;
  /** Validate after every so many epochs, or after those listed (counted from 1). */
  readonly validationFreq?: number | readonly number[];
  /** A new order in every epoch; default true. 'batch' keeps each batch's samples together. */
  readonly shuffle?: boolean | 'batch';
  /** Steps of an epoch; the next one takes up where it ended. Default: the length of the data. */
  readonly stepsPerEpoch?: number | null;
  /** How much the samples of each class count: { 0: 1, 1: 5 }; classes that are not listed count 1. */
  readonly classWeight?: ClassWeight | null;
  /** How much each sample counts. Arrays only. */
  readonly sampleWeight?: SampleWeight | null;
  /**
   * Computes what the frozen layers at the beginning of a chain give once, before the first epoch, and trains the rest on it. Arrays only: it
   * excludes augmentation and everything else that is new in each epoch. The features of all samples must fit into memory.
   */
  readonly cacheFeatures?: boolean;
}

export interface FitSettings {
  /** null where nobody said. */
  readonly batchSize: number | null;
  readonly epochs: number;
  readonly initialEpoch: number;
  readonly verbose: Verbose;
  readonly callbacks: readonly Callback[];
  readonly shuffle: boolean | 'batch';
  readonly stepsPerEpoch: number | null;
  readonly classWeight: readonly number[] | null;
  readonly sampleWeight: SampleWeight | null;
  readonly cacheFeatures: boolean;
  readonly validationSplit: number;
  readonly validationData: ValidationData | null;
  readonly validationBatchSize: number | null;
  readonly validationSteps: number | null;
  readonly validatesAfter: (epoch: number) => boolean;
}

// biome-ignore format: a table
const known = [
  'batchSize', 'epochs', 'initialEpoch', 'verbose', 'callbacks', 'validationSplit', 'validationData',
  'validationBatchSize', 'validationSteps', 'validationFreq', 'shuffle', 'stepsPerEpoch', 'classWeight', 'sampleWeight', 'cacheFeatures',
];

/** The options of `fit`, checked as far as they can be without the data. */
export function checkFitOptions(options: FitOptions): FitSettings {
  refuseUnknown('fit', options, known);
  const { validationData = null, classWeight = null, sampleWeight = null, shuffle = true } = options;
  if (classWeight !== null && sampleWeight !== null)
    throw new ValueError('fit: classWeight and sampleWeight cannot be combined; multiply them into one sampleWeight');
  if (shuffle !== 'batch' && typeof shuffle !== 'boolean')
    throw new ValueError(`fit: shuffle must be true, false or 'batch', got ${kindOf(shuffle)}`);
  if (validationData !== null && !isBatchData(validationData)) checkPair(validationData);
  const sizeOption = (value: number | undefined) => (value === undefined ? null : batchSizeOption('fit', value));
  return {
    batchSize: sizeOption(options.batchSize),
    epochs: wholeNumber('fit', 'epochs', options.epochs ?? 1, 1),
    initialEpoch: wholeNumber('fit', 'initialEpoch', options.initialEpoch ?? 0, 0),
    verbose: verboseOption('fit', options.verbose),
    callbacks: callbackList('fit', options.callbacks),
    shuffle,
    stepsPerEpoch: stepsOption('fit', 'stepsPerEpoch', options.stepsPerEpoch),
    classWeight: classWeight === null ? null : checkedClassWeight('fit', classWeight),
    sampleWeight,
    cacheFeatures: truth('fit', 'cacheFeatures', options.cacheFeatures ?? false),
    validationSplit: finiteNumber('fit', 'validationSplit', options.validationSplit ?? 0, 0, 1),
    validationData,
    validationBatchSize: sizeOption(options.validationBatchSize),
    validationSteps: stepsOption('fit', 'validationSteps', options.validationSteps),
    validatesAfter: validationTimes(options.validationFreq ?? 1),
  };
}

function checkPair(data: unknown): void {
  if (!Array.isArray(data) || data.length < 2 || data.length > 3)
    throw new ValueError(
      `fit: validationData must be [x, y], [x, y, sampleWeight] or data that comes in batches, got ${kindOf(data)}`,
    );
}

/** Whether an epoch, counted from 0, is followed by validation. */
function validationTimes(freq: number | readonly number[]): (epoch: number) => boolean {
  if (typeof freq === 'number') {
    const every = wholeNumber('fit', 'validationFreq', freq, 1);
    return (epoch) => (epoch + 1) % every === 0;
  }
  if (!Array.isArray(freq))
    throw new ValueError(`fit: validationFreq must be a number or a list of epochs, got ${kindOf(freq)}`);
  const listed = new Set(freq.map((epoch) => wholeNumber('fit', 'each epoch of validationFreq', epoch, 1)));
  return (epoch) => listed.has(epoch + 1);
}
