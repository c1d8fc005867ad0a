// What a learning rate schedule is: the rate as a function of the step, made of operations.
import { floatDType } from '../engine/runtime.ts';
import { ValueError } from '../errors.ts';
import { add, cast, div, floor, greaterEqual, less, mul, sub } from '../ops/elementwise.ts';
import { kindOf } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Settings under their Keras names. */
export type Config = Readonly<Record<string, unknown>>;

/**
 * The learning rate at a step, counted from 0. It must be made of tensor operations alone: a recorded training step runs it
 * once and replays what it did. Any shape of steps gives rates of that shape, so a schedule can be plotted.
 */
export interface Schedule {
  (step: Tensor | number): Tensor;
  /** The name of its class in Keras; a function of your own has none, and cannot be written to a file. */
  readonly className?: string;
  /** Its settings under their Keras names. */
  getConfig?(): Config;
}

/** A schedule of Keras. */
export function makeSchedule(className: string, config: Config, rateAt: (step: Tensor) => Tensor): Schedule {
  const schedule = (step: Tensor | number) => rateAt(cast(step, floatDType()));
  return Object.assign(schedule, { className, getConfig: () => config });
}

/** What Keras writes of an object: `{ class_name, config }`. */
export function kerasObject(what: string, given: unknown): { className: string; config: object } {
  if (typeof given === 'object' && given !== null) {
    const [className, config]: unknown[] = [Reflect.get(given, 'class_name'), Reflect.get(given, 'config')];
    if (typeof className === 'string' && typeof config === 'object' && config !== null) return { className, config };
  }
  throw new ValueError(`${what} is written as { class_name, config }, got ${kindOf(given)}`);
}

/** How many whole periods lie before a step, exactly: a quotient that is rounded down may be one short at the end of a period. */
export function wholePeriods(step: Tensor, length: number): Tensor {
  const guess = floor(div(step, length));
  const rest = sub(step, mul(guess, length));
  return sub(add(guess, greaterEqual(rest, length)), less(rest, 0));
}
