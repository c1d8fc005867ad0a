// Options of imageDatasetFromDirectory: what they are, and what they must be.
import { ValueError } from '../errors.ts';
import { type Pair, pair } from '../ops/window.ts';
import { finiteNumber, kindOf, refuseUnknown, truth, wholeNumber } from '../tensor/options.ts';
import type { ColorMode } from './images/colorMode.ts';
import { colorModeOption } from './images/loadImg.ts';
import { type ResizeInterpolation, resizeOption } from './images/smartResize.ts';

export interface ImageDatasetOptions {
  /** 'inferred' (default): the sub-folder of an image is its class. A list: the class of each file, in their sorted order. null: none. */
  readonly labels?: 'inferred' | readonly number[] | null;
  /** 'int' (default): int32 [n]. 'categorical': one-hot. 'binary': float [n, 1], of two classes. null: no labels. */
  readonly labelMode?: 'int' | 'categorical' | 'binary' | null;
  /** The sub-folders to take, in the order of their numbers. Default: all of them, sorted. */
  readonly classNames?: readonly string[] | null;
  /** 'rgb' (default), 'rgba' or 'grayscale'. */
  readonly colorMode?: ColorMode;
  /** Default 32. null: single images. */
  readonly batchSize?: number | null;
  /** [height, width], default [256, 256]. */
  readonly imageSize?: Pair;
  /** Default true: in random order, another one in every epoch. */
  readonly shuffle?: boolean;
  /** Of the order; both parts of a split need the same. */
  readonly seed?: number | null;
  /** This share of the files, from the end of the shuffled list, is for validation. */
  readonly validationSplit?: number | null;
  /** Which part of the split: 'training', 'validation', or 'both' for two data sets. */
  readonly subset?: 'training' | 'validation' | 'both' | null;
  /** 'bilinear' (default) or 'nearest'; without antialiasing, centres of pixels at halves. */
  readonly interpolation?: ResizeInterpolation;
  /** Whether folders below the classes may be links. Default false. */
  readonly followLinks?: boolean;
  /** Cuts the middle out instead of stretching. Default false. */
  readonly cropToAspectRatio?: boolean;
  /** Frames with black instead of stretching. Default false. */
  readonly padToAspectRatio?: boolean;
  /** Prints what was found. Default true. */
  readonly verbose?: boolean;
}

// biome-ignore format: a table
const known = [
  'labels', 'labelMode', 'classNames', 'colorMode', 'batchSize', 'imageSize', 'shuffle', 'seed', 'validationSplit', 'subset',
  'interpolation', 'followLinks', 'cropToAspectRatio', 'padToAspectRatio', 'verbose',
];

export interface ImageDatasetSettings {
  readonly labels: 'inferred' | readonly number[] | null;
  readonly labelMode: 'int' | 'categorical' | 'binary' | null;
  readonly classNames: readonly string[] | undefined;
  readonly colorMode: ColorMode;
  readonly batchSize: number | null;
  readonly imageSize: [height: number, width: number];
  readonly shuffle: boolean;
  readonly seed: number | null;
  readonly validationSplit: number;
  readonly subset: 'training' | 'validation' | 'both' | null;
  readonly resize: ReturnType<typeof resizeOption>;
  readonly followLinks: boolean;
  readonly aspectRatio: 'stretch' | 'crop' | 'pad';
  readonly verbose: boolean;
}

export function checkOptions(who: string, options: ImageDatasetOptions): ImageDatasetSettings {
  refuseUnknown(who, options, known);
  const labelled = checkLabels(who, options);
  const shuffle = truth(who, 'shuffle', options.shuffle ?? true);
  const seed = options.seed === undefined || options.seed === null ? null : wholeNumber(who, 'seed', options.seed, 0);
  return {
    ...labelled,
    ...checkSplit(who, options, shuffle && seed === null),
    classNames: checkClassNames(who, options.classNames ?? undefined, labelled.labels),
    colorMode: colorModeOption(who, options.colorMode),
    batchSize: options.batchSize === null ? null : wholeNumber(who, 'batchSize', options.batchSize ?? 32, 1),
    imageSize: pair(who, 'imageSize', options.imageSize ?? 256),
    shuffle,
    seed,
    resize: resizeOption(who, options.interpolation),
    followLinks: truth(who, 'followLinks', options.followLinks ?? false),
    aspectRatio: checkAspectRatio(who, options),
    verbose: truth(who, 'verbose', options.verbose ?? true),
  };
}

function checkLabels(
  who: string,
  { labels = 'inferred', labelMode = 'int' }: ImageDatasetOptions,
): Pick<ImageDatasetSettings, 'labels' | 'labelMode'> {
  if (!one(labelMode, ['int', 'categorical', 'binary', null]))
    throw new ValueError(`${who}: labelMode must be 'int', 'categorical', 'binary' or null, got ${kindOf(labelMode)}`);
  if (Array.isArray(labels)) for (const label of labels) wholeNumber(who, 'each of labels', label, 0);
  else if (labels !== 'inferred' && labels !== null)
    throw new ValueError(`${who}: labels must be 'inferred', null or a list of classes, got ${kindOf(labels)}`);
  return labels === null || labelMode === null ? { labels: null, labelMode: null } : { labels, labelMode };
}

function checkClassNames(
  who: string,
  names: readonly string[] | undefined,
  labels: ImageDatasetSettings['labels'],
): readonly string[] | undefined {
  if (names === undefined) return names;
  if (labels !== 'inferred') throw new ValueError(`${who}: classNames go with labels 'inferred' only`);
  if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === 'string' && name !== ''))
    throw new ValueError(`${who}: classNames must be a list of names, got ${kindOf(names)}`);
  if (new Set(names).size < names.length)
    throw new ValueError(`${who}: classNames name a class twice: ${names.join(', ')}`);
  return names;
}

function checkSplit(
  who: string,
  options: ImageDatasetOptions,
  isUnseeded: boolean,
): Pick<ImageDatasetSettings, 'validationSplit' | 'subset'> {
  const subset = options.subset ?? null;
  const validationSplit = finiteNumber(who, 'validationSplit', options.validationSplit ?? 0, 0, 1);
  if (!one(subset, ['training', 'validation', 'both', null]))
    throw new ValueError(`${who}: subset must be 'training', 'validation' or 'both', got ${kindOf(subset)}`);
  if (validationSplit > 0 !== (subset !== null))
    throw new ValueError(
      `${who}: validationSplit and subset go together; got ${kindOf(options.validationSplit)} and ${kindOf(subset)}`,
    );
  if (subset !== null && isUnseeded)
    throw new ValueError(
      `${who}: a split of shuffled files needs a seed, or training and validation would share files`,
    );
  return { validationSplit, subset };
}

function checkAspectRatio(who: string, options: ImageDatasetOptions): ImageDatasetSettings['aspectRatio'] {
  const crops = truth(who, 'cropToAspectRatio', options.cropToAspectRatio ?? false);
  const pads = truth(who, 'padToAspectRatio', options.padToAspectRatio ?? false);
  if (crops && pads) throw new ValueError(`${who}: cropToAspectRatio and padToAspectRatio exclude each other`);
  return crops ? 'crop' : pads ? 'pad' : 'stretch';
}

const one = (value: unknown, allowed: readonly unknown[]) => allowed.includes(value);
