// What a list of integer classes must be. The kernels cannot say so themselves: a class outside is a row of zeros to them.
import { scope } from '../engine/scope.ts';
import { ValueError } from '../errors.ts';
import { equal, floor, sub, where } from '../ops/elementwise.ts';
import { max, min, sum } from '../ops/reduce.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** More classes than anybody has: class 10⁸ is a mistake, such as a label that is none, and no reason for rows of that length. */
export const MOST_CLASSES = 2 ** 20;

/** What is to be known of labels; `fraction` is 0 when all of them are whole, finite numbers. */
export interface LabelFacts {
  readonly low: number;
  readonly high: number;
  readonly fraction: number;
}

/** Starts looking now; resolves when the backend has answered. Labels of `ignoreClass` count as 0. */
export async function labelFacts(labels: Tensor, ignoreClass: number | null = null): Promise<LabelFacts> {
  const found = scope(() => {
    const y = ignoreClass === null ? labels : where(equal(labels, ignoreClass), 0, labels);
    return [min(y), max(y), ...(isFloat(y.dtype) ? [sum(sub(y, floor(y)))] : [])];
  });
  try {
    const [low, high, fraction = 0] = await Promise.all(found.map((value) => value.item()));
    return { low: low!, high: high!, fraction };
  } finally {
    for (const value of found) value.dispose();
  }
}

/** A ValueError unless all labels are whole numbers from 0 to classes - 1. */
export function checkLabels(who: string, { low, high, fraction }: LabelFacts, classes: number): void {
  // NaN is not 0 either
  if (fraction !== 0) throw new ValueError(`${who}: labels must be whole numbers; some are not, or are not finite`);
  if (low >= 0 && high < classes) return;
  throw new ValueError(`${who}: labels must lie from 0 to ${classes - 1}; they go from ${low} to ${high}`);
}
