// The options that every optimizer has, and how options are read.
import { ValueError } from '../errors.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { finiteNumber, kindOf, positiveNumber, refuseUnknown, truth, wholeNumber } from '../tensor/options.ts';

/** What every optimizer is told. null means no, as None does in Keras. */
export interface CommonSettings {
  /** A number, or a function of the steps done. */
  readonly learningRate: number | Schedule;
  /** Decoupled: w -= w · weightDecay · learningRate before each update, of all variables that are not excluded. */
  readonly weightDecay: number | null;
  /** The gradient of each variable is scaled down to this norm. At most one of the three. */
  readonly clipnorm: number | null;
  /** All gradients together are scaled down to this norm. */
  readonly globalClipnorm: number | null;
  /** Each element of a gradient is cut off at ± this. */
  readonly clipvalue: number | null;
  /** Keeps a moving average of the variables, which takes their place at the end of training. */
  readonly useEma: boolean;
  /** The share of the old average in the new one; default 0.99. */
  readonly emaMomentum: number;
  /** The variables become the average after every so many updates; null (default) for at the end only. */
  readonly emaOverwriteFrequency: number | null;
  /** One update by the mean of the gradients of so many calls, at least 2. */
  readonly gradientAccumulationSteps: number | null;
  /** Gradients are those of the loss times this number (scaleLoss), and are divided by it. */
  readonly lossScaleFactor: number | null;
  /** Only Keras shows it. */
  readonly name: string;
}

/** Checks an option, given whose it is and its name. */
type Check<T> = (who: string, name: string, value: unknown) => T;

/** For each option what it is when it is not given, and its check. */
export type OptionTable<T> = { readonly [K in keyof T]: readonly [fallback: T[K], check: Check<T[K]>] };

export function readOptions<T extends object>(who: string, options: Partial<T>, table: OptionTable<T>): T {
  refuseUnknown(who, options, Object.keys(table));
  const read = Object.entries<readonly [unknown, Check<unknown>]>(table).map(([name, [fallback, check]]) => {
    const value: unknown = Reflect.get(options, name);
    return [name, value === undefined ? fallback : check(who, name, value)];
  });
  // The table has the keys of T, and its checks give their types.
  return Object.fromEntries(read) as T;
}

/** From 0 to below 1. */
export const share: Check<number> = (who, name, value) => finiteNumber(who, name, value, 0, 1);
export const notNegative: Check<number> = (who, name, value) => finiteNumber(who, name, value, 0);

const upToOne: Check<number> = (who, name, value) => {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new ValueError(`${who}: ${name} must be a number from 0 to 1, got ${kindOf(value)}`);
};

const orNone =
  <T>(check: Check<T>): Check<T | null> =>
  (who, name, value) =>
    value === null ? null : check(who, name, value);

const atLeast =
  (least: number): Check<number> =>
  (who, name, value) =>
    wholeNumber(who, name, value, least);

const rateOrSchedule: Check<number | Schedule> = (who, name, value) =>
  // What it gives is looked at when it runs.
  typeof value === 'function' ? (value as Schedule) : finiteNumber(who, name, value, 0);

const word: Check<string> = (who, name, value) => {
  if (typeof value === 'string' && value.length > 0) return value;
  throw new ValueError(`${who}: ${name} must be a word, got ${kindOf(value)}`);
};

/** The table of the common options, for an optimizer with that learning rate and name. */
export function commonOptions(learningRate: number, name: string): OptionTable<CommonSettings> {
  return {
    learningRate: [learningRate, rateOrSchedule],
    weightDecay: [null, orNone(notNegative)],
    clipnorm: [null, orNone(positiveNumber)],
    globalClipnorm: [null, orNone(positiveNumber)],
    clipvalue: [null, orNone(positiveNumber)],
    useEma: [false, truth],
    emaMomentum: [0.99, upToOne],
    emaOverwriteFrequency: [null, orNone(atLeast(1))],
    gradientAccumulationSteps: [null, orNone(atLeast(2))],
    lossScaleFactor: [null, orNone(positiveNumber)],
    name: [name, word],
  };
}

/** A ValueError when gradients would be clipped in two ways. */
export function requireOneClip(who: string, { clipnorm, globalClipnorm, clipvalue }: CommonSettings): void {
  const given = Object.entries({ clipnorm, globalClipnorm, clipvalue }).filter(([, value]) => value !== null);
  if (given.length <= 1) return;
  throw new ValueError(`${who}: only one way to clip can be chosen, got ${given.map(([name]) => name).join(' and ')}`);
}
