import type { TypedArray } from '../backend/backend.ts';
import { defer } from '../engine/deferred.ts';
import { currentBackend } from '../engine/runtime.ts';
import { scope } from '../engine/scope.ts';
import { BackendError, ValueError } from '../errors.ts';
import { checkLabels, type LabelFacts, labelFacts, MOST_CLASSES } from '../losses/labels.ts';
import { tensor } from '../ops/create.ts';
import { cast } from '../ops/elementwise.ts';
import { oneHot } from '../ops/indexing.ts';
import { reshape } from '../ops/shape.ts';
import { flatten, type NestedArray, type TensorData } from '../tensor/nested.ts';
import { wholeNumber } from '../tensor/options.ts';
import { Tensor } from '../tensor/tensor.ts';

/**
 * Class indices as one-hot float rows: [n] or [n, 1] -> [n, numClasses]; default numClasses is the highest index + 1, and at most 2^20.
 * An index outside is a ValueError: at once, but for tensors on a GPU at the next `fit` or `evaluate`.
 */
export function toCategorical(y: Tensor | TensorData, numClasses?: number): Tensor {
  if (numClasses !== undefined) wholeNumber('toCategorical', 'numClasses', numClasses, 1);
  return scope(() => {
    const given = y instanceof Tensor ? y : tensor(y);
    if (given.size === 0) throw new ValueError('toCategorical: there are no labels');
    const values = valuesOnHost(y);
    if (values) return rows(given, checkedClasses(factsOf(values), numClasses));
    if (numClasses === undefined) {
      throw new BackendError(
        'toCategorical: the highest label of a tensor on a GPU is not known at once; give numClasses',
      );
    }
    defer(
      labelFacts(given).then((facts) => {
        checkedClasses(facts, numClasses);
        return null;
      }),
    );
    return rows(given, numClasses);
  });
}

function rows(labels: Tensor, classes: number): Tensor {
  const shape = labels.rank > 1 && labels.shape.at(-1) === 1 ? labels.shape.slice(0, -1) : labels.shape;
  if (classes > MOST_CLASSES)
    throw new ValueError(
      `toCategorical: rows of ${classes} classes are more than the ${MOST_CLASSES} that are allowed; sparse losses take labels as they are`,
    );
  return oneHot(cast(reshape(labels, shape), 'int32'), classes);
}

function checkedClasses(facts: LabelFacts, numClasses = facts.high + 1): number {
  checkLabels('toCategorical', facts, numClasses);
  return numClasses;
}

/** The labels, where they can be seen at once. */
function valuesOnHost(y: Tensor | TensorData): ArrayLike<number> | null {
  if (y instanceof Tensor) return currentBackend().readSync ? y.dataSync() : null;
  return ArrayBuffer.isView(y) ? (y as TypedArray) : flatten(y as NestedArray).values;
}

function factsOf(values: ArrayLike<number>): LabelFacts {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isInteger(value))
      throw new ValueError(`toCategorical: labels must be whole numbers, got ${value} at ${i}`);
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high, fraction: 0 };
}
