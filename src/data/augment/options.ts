// The options of ImageDataGenerator: what they are, and what they must be.
import { ValueError } from '../../errors.ts';
import { flag, number, optional, type Reader, readSettings, type Settings, word } from '../../layers/settings.ts';
import { finiteNumber, kindOf, refuseUnknown } from '../../tensor/options.ts';
import type { Tensor } from '../../tensor/tensor.ts';

export interface ImageDataGeneratorOptions {
  /** Subtracts the mean of each channel over all pictures that `fit` has seen. */
  readonly featurewiseCenter?: boolean;
  /** Subtracts the mean of each picture. */
  readonly samplewiseCenter?: boolean;
  /** Divides by the deviation of each channel over all pictures; centres too. */
  readonly featurewiseStdNormalization?: boolean;
  /** Divides by the deviation of each picture; centres too. */
  readonly samplewiseStdNormalization?: boolean;
  /** Makes pixels uncorrelated, by the pictures that `fit` has seen; centres too, and divides by no deviation. */
  readonly zcaWhitening?: boolean;
  /** Added to each singular value; default 1e-6. */
  readonly zcaEpsilon?: number;
  /** Turns by up to so many degrees in both directions. */
  readonly rotationRange?: number;
  /**
   * Shifts sideways. A fraction r: by up to r in both directions, of the width if below 1, else pixels. A whole number k: by one of
   * 0, 1, ... k - 1 pixels. A list: by one of its elements, of the width if all are below 1, else pixels. The last two in either direction.
   */
  readonly widthShiftRange?: number | readonly number[];
  /** The same up and down. */
  readonly heightShiftRange?: number | readonly number[];
  /** [low, high]: multiplies all values by a factor in between. */
  readonly brightnessRange?: readonly [low: number, high: number] | readonly number[] | null;
  /** Shears by up to so many degrees in both directions. */
  readonly shearRange?: number;
  /** [low, high] of two factors, one for each axis, or r for [1 - r, 1 + r]. Above 1 the content shrinks. */
  readonly zoomRange?: number | readonly [low: number, high: number] | readonly number[];
  /** Adds up to so much, the same to all channels, within the least and greatest value of the picture. */
  readonly channelShiftRange?: number;
  /** What is seen outside: `nearest` (default), `reflect`, `wrap`, or `constant`: cval. */
  readonly fillMode?: string;
  readonly cval?: number;
  readonly horizontalFlip?: boolean;
  readonly verticalFlip?: boolean;
  /** Multiplies all values, after everything random and the preprocessing function. */
  readonly rescale?: number | null;
  /**
   * A function of a whole batch [n, h, w, c] that gives one of the same shape, made of tensor operations: it is recorded in the
   * training step. Runs before everything that standardizes.
   */
  readonly preprocessingFunction?: ((x: Tensor) => Tensor) | null;
  /** `channels_last` (default), or `channels_first` for pictures [n, c, h, w]; the preprocessing function sees channels last. */
  readonly dataFormat?: string | null;
  /** This share of the samples, from the beginning, is the subset `validation`. */
  readonly validationSplit?: number;
  /** 1 (default): between four pixels; 0: the nearest. */
  readonly interpolationOrder?: number;
  readonly dtype?: string;
  /**
   * Keras' own mistakes: widthShiftRange shifts up and down and heightShiftRange sideways, pictures that are not square turn about
   * another point, `wrap` has a period one pixel too short, and brightness works on whole numbers, so that of values from 0 to 1
   * nothing is left but 0 and 1. Default false.
   */
  readonly strict?: boolean;
}

/** A shift along one axis. */
export interface Shift {
  /** Values of which one is drawn, each in either direction; null for all values up to `reach`. */
  readonly values: readonly number[] | null;
  readonly reach: number;
  /** Whether these are fractions of the length. */
  readonly relative: boolean;
}

/** A list of pixels to shift by is no use when it is longer than any picture. */
const MOST_PIXELS = 65536;

const shift: Reader<Shift | null> = (who, name, given = 0) => {
  if (typeof given !== 'number') {
    const values = numbers(who, name, given, null);
    return { values, reach: 0, relative: Math.max(...values) < 1 };
  }
  const reach = finiteNumber(who, name, given, 0, MOST_PIXELS);
  if (reach === 0) return null;
  const whole = Number.isInteger(reach);
  return { values: whole ? Array.from({ length: reach }, (_, i) => i) : null, reach, relative: reach < 1 };
};

function numbers(who: string, name: string, given: unknown, count: number | null): number[] {
  const what = count === null ? 'a number or a list of them' : `a list of ${count} numbers`;
  if (!Array.isArray(given) || given.length === 0 || (count !== null && given.length !== count))
    throw new ValueError(`${who}: ${name} must be ${what}, got ${kindOf(given)}`);
  return given.map((value) => finiteNumber(who, `each of ${name}`, value));
}

/** Two factors, the lower first. */
export const factors: Reader<readonly [number, number]> = (who, name, given) => {
  const [low, high] = numbers(who, name, given, 2) as [number, number];
  if (low >= 0 && low <= high) return [low, high];
  throw new ValueError(`${who}: ${name} must be [low, high] with 0 <= low <= high, got [${low}, ${high}]`);
};

const zoom: Reader<readonly [number, number]> = (who, name, given = 0) => {
  if (typeof given !== 'number') return factors(who, name, given);
  const range = finiteNumber(who, name, given, 0);
  if (range <= 1) return [1 - range, 1 + range];
  throw new ValueError(`${who}: ${name} ${given} would give factors below 0`);
};

const order: Reader<0 | 1> = (who, name, given = 1) => {
  if (given === 0 || given === 1) return given;
  const why = [2, 3, 4, 5].some((one) => one === given) ? ': splines of a higher order are not offered' : '';
  throw new ValueError(`${who}: ${name} must be 0 (nearest) or 1 (bilinear), got ${kindOf(given)}${why}`);
};

const batchFunction: Reader<(x: Tensor) => Tensor> = (who, name, given) => {
  // what it takes and gives is seen when it is used
  if (typeof given === 'function') return given as (x: Tensor) => Tensor;
  throw new ValueError(`${who}: ${name} must be a function of a batch, got ${kindOf(given)}`);
};

// A pure call: who bundles a program without a generator need not keep its table.
export const readers = {
  featurewiseCenter: flag(false),
  samplewiseCenter: flag(false),
  featurewiseStdNormalization: flag(false),
  samplewiseStdNormalization: flag(false),
  zcaWhitening: flag(false),
  zcaEpsilon: number(1e-6, 0),
  rotationRange: number(0, 0),
  widthShiftRange: shift,
  heightShiftRange: shift,
  brightnessRange: optional(factors),
  shearRange: number(0, 0),
  zoomRange: zoom,
  channelShiftRange: number(0, 0),
  fillMode: word(['nearest', 'reflect', 'constant', 'wrap'], 'nearest'),
  cval: number(0),
  horizontalFlip: flag(false),
  verticalFlip: flag(false),
  rescale: optional(number(undefined)),
  preprocessingFunction: optional(batchFunction),
  dataFormat: word(['channels_last', 'channels_first'], 'channels_last'),
  validationSplit: number(0, 0, 1),
  interpolationOrder: order,
  dtype: word(['float32'], 'float32'),
  strict: flag(false),
};

export type GeneratorSettings = Settings<typeof readers>;

const WHO = 'ImageDataGenerator';

/** The options checked, with what one of them implies for others; says so where that changes what was asked for. */
export function checkOptions(options: ImageDataGeneratorOptions): GeneratorSettings {
  refuseUnknown(WHO, options, Object.keys(readers));
  const settings = readSettings(WHO, readers, options);
  const { zcaWhitening, featurewiseStdNormalization, featurewiseCenter, samplewiseCenter } = settings;
  const { samplewiseStdNormalization } = settings;
  const warn = (by: string, what: string) => console.warn(`${WHO}: ${by} ${what}`);
  if (zcaWhitening && featurewiseStdNormalization) warn('zcaWhitening', 'leaves featurewiseStdNormalization out');
  const divides = featurewiseStdNormalization && !zcaWhitening;
  const centers = (zcaWhitening || divides) && !featurewiseCenter;
  if (centers) warn(zcaWhitening ? 'zcaWhitening' : 'featurewiseStdNormalization', 'means featurewiseCenter too');
  if (samplewiseStdNormalization && !samplewiseCenter) warn('samplewiseStdNormalization', 'means samplewiseCenter too');
  return {
    ...settings,
    featurewiseStdNormalization: divides,
    featurewiseCenter: featurewiseCenter || centers,
    samplewiseCenter: samplewiseCenter || samplewiseStdNormalization,
  };
}
