import { floatDType } from '../engine/runtime.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { MOST_CLASSES } from '../losses/labels.ts';
import { tensor } from '../ops/create.ts';
import { cast, less, minimum, round, where } from '../ops/elementwise.ts';
import { gather } from '../ops/indexing.ts';
import { argMax } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { finiteNumber, kindOf } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
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

/** The weights as a tensor. Classes behind the last one that is named, and numbers that are none, find the 1 at its end. */
export function classWeightTable(weights: readonly number[]): Tensor {
  return tensor([...weights, 1], [weights.length + 1], floatDType());
}

/** The weight of each sample by its class, [n]: one-hot rows [n, classes], or class numbers [n] or [n, 1], which are rounded. */
export function weightsByClass(who: string, y: Tensor, table: Tensor): Tensor {
  const [rows, columns = 1] = y.shape;
  if (y.rank > 2)
    throw new ShapeError(
      `${who}: classWeight needs one class for each sample, got targets ${formatShape(y.shape)}; give sampleWeight`,
    );
  const classes = columns > 1 ? argMax(y, -1) : cast(round(reshape(y, [rows!])), 'int32');
  const last = table.size - 1;
  return gather(table, where(less(classes, 0), last, minimum(classes, last)));
}
