import { floatDType } from '../engine/runtime.ts';
import { ValueError } from '../errors.ts';
import { MOST_CLASSES } from '../losses/labels.ts';
import { tensor } from '../ops/create.ts';
import { cast, minimum } from '../ops/elementwise.ts';
import { gather } from '../ops/indexing.ts';
import { argMax } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { finiteNumber, kindOf } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type DataShapes, isPlainObject } from './arrays.ts';

/** How much the samples of each class count: { 0: 1, 1: 5 }, or a Map. */
export type ClassWeight = Readonly<Record<number, number>> | ReadonlyMap<number, number>;

/** The weights as a list over the classes; those that are not named count 1. */
export function checkedClassWeight(who: string, given: ClassWeight): number[] {
  const entries: readonly (readonly [number | string, unknown])[] | null =
    given instanceof Map ? [...given] : isPlainObject(given) ? Object.entries(given) : null;
  if (!entries)
    throw new ValueError(`${who}: classWeight must be an object from class to weight, got ${kindOf(given)}`);
  const weights: number[] = [];
  for (const [key, value] of entries) {
    const index = Number(key);
    if (!Number.isInteger(index) || index < 0 || index >= MOST_CLASSES)
      throw new ValueError(
        `${who}: classWeight names class ${key}; classes are whole numbers from 0 to ${MOST_CLASSES - 1}`,
      );
    const weight = finiteNumber(who, `the classWeight of ${key}`, value, 0);
    while (weights.length <= index) weights.push(1);
    weights[index] = weight;
  }
  return weights;
}

/** Refuses them for several outputs: each has classes of its own. */
export function requireOneOutput(who: string, { name, outputNames }: DataShapes): void {
  if (outputNames.length === 1) return;
  const each = outputNames.map((output) => `${output}: [...]`).join(', ');
  throw new ValueError(
    `${who}: classWeight is for models of one output, and ${name} has ${outputNames.length}; give sampleWeight: { ${each} }`,
  );
}

/** The weights as a tensor. Classes behind the last one that is named find the 1 at its end. */
export function classWeightTable(weights: readonly number[]): Tensor {
  return tensor([...weights, 1], [weights.length + 1], floatDType());
}

/** The weight of each sample by its class, [n]: one-hot rows [n, classes], or class numbers [n] or [n, 1]. */
export function weightsByClass(y: Tensor, table: Tensor): Tensor {
  const rows = y.shape[0]!;
  const classes = y.rank === 2 && y.shape[1]! > 1 ? argMax(y, -1) : cast(reshape(y, [rows]), 'int32');
  return gather(table, minimum(classes, table.size - 1));
}
