// The learning rate schedules of Keras. Steps are float32: whole numbers are exact up to 16.7 million of them.
import { ValueError } from '../errors.ts';
import { tensor } from '../ops/create.ts';
import {
  add,
  cast,
  cos,
  div,
  exp,
  greater,
  greaterEqual,
  less,
  maximum,
  minimum,
  mul,
  pow,
  square,
  sub,
  where,
} from '../ops/elementwise.ts';
import { gatherRows } from '../ops/indexing.ts';
import { sum } from '../ops/reduce.ts';
import { expandDims, reshape } from '../ops/shape.ts';
import { camelCase, entryNamed } from '../tensor/names.ts';
import { finiteNumber, kindOf, positiveNumber, refuseUnknown, truth } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { kerasObject, makeSchedule, type Schedule, wholePeriods } from './schedule.ts';

export type { Schedule } from './schedule.ts';

interface Named {
  /** Only Keras shows it. */
  readonly name?: string;
}

export interface ExponentialDecayOptions extends Named {
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly decayRate: number;
  /** The rate falls at whole multiples of decaySteps only. */
  readonly staircase?: boolean;
}

/** initialLearningRate · decayRate^(step / decaySteps). */
export function ExponentialDecay(options: ExponentialDecayOptions): Schedule {
  const who = 'ExponentialDecay';
  const { rate, length, decayRate, staircase, config } = stepwise(who, options);
  if (decayRate === 0) throw new ValueError(`${who}: decayRate must be above 0, got 0`);
  // e^(p ln r): in a power of a rounded r near 1 the rounding would grow with p
  const logarithm = Math.log(decayRate);
  return makeSchedule(who, config, (step) => mul(exp(mul(periods(step, length, staircase), logarithm)), rate));
}

/** initialLearningRate / (1 + decayRate · step / decaySteps). */
export function InverseTimeDecay(options: ExponentialDecayOptions): Schedule {
  const who = 'InverseTimeDecay';
  const { rate, length, decayRate, staircase, config } = stepwise(who, options);
  return makeSchedule(who, config, (step) => div(rate, add(mul(periods(step, length, staircase), decayRate), 1)));
}

function stepwise(who: string, options: ExponentialDecayOptions) {
  refuseUnknown(who, options, ['initialLearningRate', 'decaySteps', 'decayRate', 'staircase', 'name']);
  const rate = finiteNumber(who, 'initialLearningRate', options.initialLearningRate, 0);
  const length = positiveNumber(who, 'decaySteps', options.decaySteps);
  const decayRate = finiteNumber(who, 'decayRate', options.decayRate, 0);
  const staircase = truth(who, 'staircase', options.staircase ?? false);
  const config = {
    ...{ initial_learning_rate: rate, decay_steps: length, decay_rate: decayRate, staircase },
    name: nameOption(who, options.name, who),
  };
  return { rate, length, decayRate, staircase, config };
}

const periods = (step: Tensor, length: number, whole: boolean) =>
  whole ? wholePeriods(step, length) : div(step, length);

export interface PolynomialDecayOptions extends Named {
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  /** Default 0.0001. */
  readonly endLearningRate?: number;
  /** Default 1: a line. */
  readonly power?: number;
  /** After decaySteps go on with twice, three times, ... as many; else the rate stays at its end. */
  readonly cycle?: boolean;
}

/** (initialLearningRate − endLearningRate) (1 − step / decaySteps)^power + endLearningRate. */
export function PolynomialDecay(options: PolynomialDecayOptions): Schedule {
  const who = 'PolynomialDecay';
  refuseUnknown(who, options, ['initialLearningRate', 'decaySteps', 'endLearningRate', 'power', 'cycle', 'name']);
  const rate = finiteNumber(who, 'initialLearningRate', options.initialLearningRate, 0);
  const length = positiveNumber(who, 'decaySteps', options.decaySteps);
  const end = finiteNumber(who, 'endLearningRate', options.endLearningRate ?? 0.0001, 0);
  const power = positiveNumber(who, 'power', options.power ?? 1);
  const cycle = truth(who, 'cycle', options.cycle ?? false);
  const config = {
    ...{ initial_learning_rate: rate, decay_steps: length, end_learning_rate: end, power, cycle },
    name: nameOption(who, options.name, who),
  };
  // What is left of the way. 1 - step / length could come out below 0, which has no power.
  const rest = (step: Tensor) => {
    if (!cycle) return div(sub(length, minimum(step, length)), length);
    const before = wholePeriods(step, length);
    const begun = add(before, greater(step, mul(before, length)));
    const whole = mul(maximum(begun, 1), length);
    return div(sub(whole, step), whole);
  };
  return makeSchedule(who, config, (step) => {
    const left = rest(step);
    return add(mul(power === 1 ? left : pow(left, power), rate - end), end);
  });
}

export interface PiecewiseConstantDecayOptions extends Named {
  /** Steps, in rising order. */
  readonly boundaries: readonly number[];
  /** One more than boundaries. */
  readonly values: readonly number[];
}

/** values[i] where boundaries[i − 1] < step ≤ boundaries[i]. */
export function PiecewiseConstantDecay(options: PiecewiseConstantDecayOptions): Schedule {
  const who = 'PiecewiseConstantDecay';
  refuseUnknown(who, options, ['boundaries', 'values', 'name']);
  const boundaries = numberList(who, 'boundaries', options.boundaries);
  const values = numberList(who, 'values', options.values);
  if (boundaries.length === 0 || boundaries.length !== values.length - 1) {
    throw new ValueError(
      `${who}: values must be one more than boundaries, of which there must be some; got ${values.length} values and ${boundaries.length} boundaries`,
    );
  }
  if (boundaries.some((boundary, i) => i > 0 && boundary <= boundaries[i - 1]!))
    throw new ValueError(`${who}: boundaries must rise, got ${boundaries.join(', ')}`);
  const config = { boundaries, values, name: nameOption(who, options.name, 'PiecewiseConstant') };
  return makeSchedule(who, config, (step) => {
    const passed = greater(expandDims(step, -1), tensor(boundaries));
    return entry(values, countTrue(passed));
  });
}

export interface CosineDecayOptions extends Named {
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  /** The share of the rate that is left at the end; default 0. */
  readonly alpha?: number;
  /** The rate that it first rises to, in warmupSteps; null (default) for no warm-up. */
  readonly warmupTarget?: number | null;
  readonly warmupSteps?: number;
}

/**
 * A line from initialLearningRate to warmupTarget, if one is given; then from there
 * rate · ((1 − alpha) ½ (1 + cos(π step / decaySteps)) + alpha).
 */
export function CosineDecay(options: CosineDecayOptions): Schedule {
  const who = 'CosineDecay';
  const known = ['initialLearningRate', 'decaySteps', 'alpha', 'warmupTarget', 'warmupSteps', 'name'];
  refuseUnknown(who, options, known);
  const rate = finiteNumber(who, 'initialLearningRate', options.initialLearningRate, 0);
  const length = positiveNumber(who, 'decaySteps', options.decaySteps);
  const alpha = finiteNumber(who, 'alpha', options.alpha ?? 0, 0);
  const warmupSteps = finiteNumber(who, 'warmupSteps', options.warmupSteps ?? 0, 0);
  const { warmupTarget: target = null } = options;
  if (target !== null) finiteNumber(who, 'warmupTarget', target, 0);
  const config = {
    ...{ initial_learning_rate: rate, decay_steps: length, alpha, name: nameOption(who, options.name, who) },
    ...{ warmup_target: target, warmup_steps: warmupSteps },
  };
  const peak = target ?? rate;
  const warmup = target === null ? 0 : warmupSteps;
  return makeSchedule(who, config, (step) => {
    const after = minimum(sub(step, warmup), length);
    const falling = mul(add(mul(cosineFall(div(after, length)), 1 - alpha), alpha), peak);
    if (warmup === 0) return falling;
    const rising = add(mul(div(step, warmup), peak - rate), rate);
    return where(less(step, warmup), rising, falling);
  });
}

export interface CosineDecayRestartsOptions extends Named {
  readonly initialLearningRate: number;
  readonly firstDecaySteps: number;
  /** Each period is so many times as long as the one before, at least 1; default 2. */
  readonly tMul?: number;
  /** Each starts at so many times the rate of the one before; default 1. */
  readonly mMul?: number;
  /** The share of the rate that is left at the end of a period; default 0. */
  readonly alpha?: number;
}

/** CosineDecay that starts again and again. */
export function CosineDecayRestarts(options: CosineDecayRestartsOptions): Schedule {
  const who = 'CosineDecayRestarts';
  refuseUnknown(who, options, ['initialLearningRate', 'firstDecaySteps', 'tMul', 'mMul', 'alpha', 'name']);
  const rate = finiteNumber(who, 'initialLearningRate', options.initialLearningRate, 0);
  const length = positiveNumber(who, 'firstDecaySteps', options.firstDecaySteps);
  const tMul = finiteNumber(who, 'tMul', options.tMul ?? 2, 1);
  const mMul = finiteNumber(who, 'mMul', options.mMul ?? 1, 0);
  const alpha = finiteNumber(who, 'alpha', options.alpha ?? 0, 0);
  const config = {
    ...{ initial_learning_rate: rate, first_decay_steps: length, t_mul: tMul, m_mul: mMul, alpha },
    name: nameOption(who, options.name, 'SGDRDecay'),
  };
  const find = tMul === 1 ? equalPeriods(length, mMul) : growingPeriods(who, length, tMul, mMul);
  return makeSchedule(who, config, (step) => {
    const { done, factor } = find(step);
    return mul(add(mul(mul(cosineFall(done), factor), 1 - alpha), alpha), rate);
  });
}

/** Which part of its period is done at a step, and the factor of that period. */
type FindPeriod = (step: Tensor) => { readonly done: Tensor; readonly factor: Tensor };

function equalPeriods(length: number, mMul: number): FindPeriod {
  return (step) => {
    const before = wholePeriods(step, length);
    return { done: div(sub(step, mul(before, length)), length), factor: pow(mMul, before) };
  };
}

/** No step is larger; and no list of periods longer. */
const LAST_STEP = 2 ** 31;
const MOST_PERIODS = 2 ** 16;

/** Looked up in a list of all periods: a logarithm, as Keras takes it, may miss the first step of one. */
function growingPeriods(who: string, first: number, tMul: number, mMul: number): FindPeriod {
  const [starts, lengths, factors]: [number[], number[], number[]] = [[], [], []];
  for (let start = 0, i = 0; start < LAST_STEP; i++) {
    if (i === MOST_PERIODS) throw new ValueError(`${who}: tMul ${tMul} is too close to 1: take 1, or a larger one`);
    starts.push(start);
    lengths.push(first * tMul ** i);
    factors.push(mMul ** i);
    start += lengths[i]!;
  }
  return (step) => {
    const i = sub(countTrue(greaterEqual(expandDims(step, -1), tensor(starts))), 1);
    return { done: div(sub(step, entry(starts, i)), entry(lengths, i)), factor: entry(factors, i) };
  };
}

/** How many of the last axis hold. */
const countTrue = (holds: Tensor) => sum(cast(holds, 'int32'), -1);

/** list[i], for each i of a tensor. */
const entry = (list: readonly number[], i: Tensor) => reshape(gatherRows(tensor(list), reshape(i, [i.size])), i.shape);

/** ½ (1 + cos πx), as cos² ½πx: never below 0, and exact near the end. */
const cosineFall = (x: Tensor) => square(cos(mul(x, Math.PI / 2)));

const byName: Readonly<Record<string, (options: never) => Schedule>> = {
  ...{ ExponentialDecay, InverseTimeDecay, PolynomialDecay, PiecewiseConstantDecay, CosineDecay, CosineDecayRestarts },
};

/** A schedule from what Keras writes of one: `{ class_name, config }` with names in snake_case. */
export function scheduleFromConfig(given: unknown): Schedule {
  const { className, config } = kerasObject('a learning rate schedule', given);
  const make = entryNamed(byName, className);
  if (!make) throw new ValueError(`unknown schedule ${kindOf(className)}; there are ${Object.keys(byName).join(', ')}`);
  const options = Object.entries(config).map(([key, value]) => [camelCase(key), value ?? undefined]);
  // The schedule itself refuses what it does not know.
  return make(Object.fromEntries(options) as never);
}

function nameOption(who: string, name: unknown, fallback: string): string {
  if (name === undefined) return fallback;
  if (typeof name === 'string') return name;
  throw new ValueError(`${who}: name must be a string, got ${kindOf(name)}`);
}

function numberList(who: string, name: string, list: unknown): readonly number[] {
  if (Array.isArray(list)) return list.map((value, i) => finiteNumber(who, `${name}[${i}]`, value));
  throw new ValueError(`${who}: ${name} must be a list of numbers, got ${kindOf(list)}`);
}
