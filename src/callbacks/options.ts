// What several callbacks ask of their options, and of the optimizer that they run with.
import { ValueError } from '../errors.ts';
import { kindOf, wholeNumber } from '../tensor/options.ts';
import type { TrainedModel } from './callback.ts';

export interface VerboseOption {
  /** 1 says what is done; default 0. */
  readonly verbose?: 0 | 1;
}

export function isVerbose(who: string, value: unknown): boolean {
  return oneOf(who, 'verbose', value, [0, 1]) === 1;
}

export function oneOf<const T>(who: string, name: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new ValueError(`${who}: ${name} must be ${allowed.join(' or ')}, got ${kindOf(value)}`);
}

export function filledText(who: string, name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new ValueError(`${who}: ${name} must be a text that is not empty, got ${kindOf(value)}`);
}

/** A number of batches, where one of these words is expected too. */
export function batchCount(who: string, name: string, value: unknown, words: readonly string[]): number {
  if (typeof value === 'number') return wholeNumber(who, name, value, 1);
  throw new ValueError(`${who}: ${name} must be ${words.join(' or ')} or a number of batches, got ${kindOf(value)}`);
}

/** For callbacks that set the learning rate. @throws ValueError where it follows a schedule */
export async function requireSettableRate(who: string, { optimizer }: TrainedModel): Promise<void> {
  // a rate that came out of a file is a number once it was read
  await optimizer.currentLearningRate();
  let cause: unknown;
  try {
    if (typeof optimizer.learningRate === 'number') return;
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    cause = error;
  }
  const why = 'the learning rate follows a schedule and cannot be set; give the optimizer a number';
  throw new ValueError(`${who}: ${why}`, { cause });
}
