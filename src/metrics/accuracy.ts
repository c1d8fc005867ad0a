// How often predictions are right: one value for each sample.

import { rowFunction } from '../losses/define.ts';
import { classesOf } from '../losses/pairs.ts';
import { kindOfTargets } from '../losses/resolve.ts';
import { abs, cast, equal, greater, less, logicalAnd, where } from '../ops/elementwise.ts';
import { oneHot } from '../ops/indexing.ts';
import { argMax, max, mean, sum } from '../ops/reduce.ts';
import { expandDims, reshape } from '../ops/shape.ts';
import { slice } from '../ops/slice.ts';
import { flag, number, whole } from '../tensor/readers.ts';
import type { Tensor } from '../tensor/tensor.ts';

const up = { direction: 'max' } as const;
const withClasses = { direction: 'max', pairs: false } as const;

/** (p > threshold) == t, averaged over the last axis of all but vectors. */
export const binaryAccuracy = rowFunction(
  'binaryAccuracy',
  { threshold: number(0.5) },
  (t, p, { threshold }) => {
    const right = cast(equal(cast(greater(p, threshold), p.dtype), t), p.dtype);
    return p.rank > 1 ? mean(right, -1) : right;
  },
  up,
);

/** argmax(t) == argmax(p); ties go to the lowest class. */
export const categoricalAccuracy = rowFunction(
  'categoricalAccuracy',
  {},
  (t, p) => cast(equal(argMax(t, -1), argMax(p, -1)), p.dtype),
  up,
);

/** t == argmax(p) for integer classes, yTrue [...] or [..., 1]. */
export const sparseCategoricalAccuracy = rowFunction(
  'sparseCategoricalAccuracy',
  {},
  (yTrue, p) => cast(equal(classesOf('sparseCategoricalAccuracy', yTrue, p), argMax(p, -1)), p.dtype),
  withClasses,
);

const k = whole(1, 5);

/** Whether fewer than k classes have a higher score than that of argmax(t): ties at the edge are all in. */
export const topKCategoricalAccuracy = rowFunction(
  'topKCategoricalAccuracy',
  { k },
  (t, p, { k }) => isInTop(argMax(t, -1), p, k),
  up,
);

/** The same for integer classes. With `fromSortedIds` yPred holds class numbers, the best first. */
export const sparseTopKCategoricalAccuracy = rowFunction(
  'sparseTopKCategoricalAccuracy',
  { k, fromSortedIds: flag(false) },
  (yTrue, p, { k, fromSortedIds }) => {
    const classes = classesOf('sparseTopKCategoricalAccuracy', yTrue, p);
    if (!fromSortedIds) return isInTop(classes, p, k);
    const first = slice(
      p,
      p.shape.map(() => 0),
      p.shape.map((length, d) => (d === p.rank - 1 ? Math.min(k, length) : length)),
    );
    return cast(max(equal(cast(first, 'int32'), expandDims(classes, -1)), -1), p.dtype);
  },
  withClasses,
);

/** As TensorFlow's in_top_k: a class that is none, or whose score is not finite, is not in. */
function isInTop(classes: Tensor, p: Tensor, k: number): Tensor {
  const score = max(where(greater(oneHot(classes, p.shape.at(-1)!), 0), p, -Infinity), -1, true);
  const better = sum(greater(p, score), -1);
  const hasScore = reshape(less(abs(score), Infinity), better.shape);
  return cast(logicalAnd(less(better, k), hasScore), p.dtype);
}

const accuracies = {
  binary: binaryAccuracy,
  sparse: sparseCategoricalAccuracy,
  categorical: categoricalAccuracy,
};

/** Which accuracy is meant follows from the shapes, as in Keras. */
export const accuracy = rowFunction(
  'accuracy',
  {},
  (yTrue, yPred) => accuracies[kindOfTargets(yTrue.shape, yPred.shape)](yTrue, yPred),
  withClasses,
);

/** t == p: what Keras' class Accuracy counts. */
export const equality = rowFunction('accuracy', {}, (t, p) => cast(equal(t, p), p.dtype), up);
