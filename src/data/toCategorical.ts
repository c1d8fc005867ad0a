import type { TypedArray } from '../backend/backend.ts';
import { defer } from '../engine/deferred.ts';
import { currentBackend } from '../engine/runtime.ts';
import { BackendError, ValueError } from '../errors.ts';
import { tensor } from '../ops/create.ts';
import { cast } from '../ops/elementwise.ts';
import { oneHot } from '../ops/indexing.ts';
import { max, min } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { flatten, type NestedArray, type TensorData } from '../tensor/nested.ts';
import { wholeNumber } from '../tensor/options.ts';
import { Tensor } from '../tensor/tensor.ts';

/**
 * Class indices as one-hot float rows: [n] or [n, 1] -> [n, numClasses]; default numClasses is the highest index + 1.
 * An index outside is a ValueError: at once, but for tensors on a GPU at the next `fit` or `evaluate`.
 */
export function toCategorical(y: Tensor | TensorData, numClasses?: number): Tensor {
  if (numClasses !== undefined) wholeNumber('toCategorical', 'numClasses', numClasses, 1);
  const given = y instanceof Tensor ? y : tensor(y);
  if (given.size === 0) throw new ValueError('toCategorical: there are no labels');
  const shape = given.rank > 1 && given.shape.at(-1) === 1 ? given.shape.slice(0, -1) : given.shape;
  const indices = cast(reshape(given, shape), 'int32');
  const values = valuesOnHost(y);
  if (values) return oneHot(indices, checkedClasses(boundsOf(values), numClasses));
  if (numClasses === undefined) {
    throw new BackendError(
      'toCategorical: the highest label of a tensor on a GPU is not known at once; give numClasses',
    );
  }
  const [lowest, highest] = [min(indices), max(indices)];
  defer(
    Promise.all([lowest.item(), highest.item()]).then(([low, high]) => {
      checkedClasses({ low, high }, numClasses);
      return null;
    }),
  );
  return oneHot(indices, numClasses);
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

function checkedClasses({ low, high }: Bounds, numClasses = high + 1): number {
  if (low >= 0 && high < numClasses) return numClasses;
  throw new ValueError(`toCategorical: labels must lie from 0 to ${numClasses - 1}; they go from ${low} to ${high}`);
}

/** The labels, where they can be seen at once. */
function valuesOnHost(y: Tensor | TensorData): ArrayLike<number> | null {
  if (y instanceof Tensor) return currentBackend().readSync ? y.dataSync() : null;
  return ArrayBuffer.isView(y) ? (y as TypedArray) : flatten(y as NestedArray).values;
}

function boundsOf(values: ArrayLike<number>): Bounds {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isInteger(value))
      throw new ValueError(`toCategorical: labels must be whole numbers, got ${value} at ${i}`);
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}
