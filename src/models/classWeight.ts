import { floatDType } from '../engine/runtime.ts';
import { ValueError } from '../errors.ts';
import { tensor } from '../ops/create.ts';
import { cast } from '../ops/elementwise.ts';
import { gather } from '../ops/indexing.ts';
import { argMax } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { finiteNumber, kindOf } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** How much the samples of each class count. */
export type ClassWeight = Readonly<Record<number, number>>;

/** More classes than anybody has: a weight for class 10⁹ is a mistake, and no reason for a list of that length. */
const MOST_CLASSES = 2 ** 20;

/** The weights as a list over the classes; those that are not named count 1. */
export function checkedClassWeight(who: string, given: ClassWeight): number[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new ValueError(`${who}: classWeight must be an object from class to weight, got ${kindOf(given)}`);
  const weights: number[] = [];
  for (const [key, weight] of Object.entries(given)) {
    const index = Number(key);
    if (!Number.isInteger(index) || index < 0 || index >= MOST_CLASSES)
      throw new ValueError(`${who}: classWeight names class ${key}; classes are whole numbers from 0`);
    finiteNumber(who, `the classWeight of ${key}`, weight, 0);
    while (weights.length <= index) weights.push(1);
    weights[index] = weight;
  }
  return weights;
}

/** The weights as a tensor that has an entry for every one of `classes` classes. */
export function classWeightTable(weights: readonly number[], classes: number): Tensor {
  const length = Math.max(classes, weights.length);
  return tensor(
    Array.from({ length }, (_, i) => weights[i] ?? 1),
    [length],
    floatDType(),
  );
}

/** The weight of each sample by its class, [n]: one-hot rows [n, classes], or class numbers [n] or [n, 1]. */
export function weightsByClass(y: Tensor, table: Tensor): Tensor {
  const rows = y.shape[0]!;
  const classes = y.rank === 2 && y.shape[1]! > 1 ? argMax(y, -1) : cast(reshape(y, [rows]), 'int32');
  return gather(table, classes);
}
