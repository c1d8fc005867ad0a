// Cross-entropies as Keras defines them: from logits where these are given or can be found, else from clipped probabilities.
import { clip } from '../ops/activations.ts';
import { add, div, exp, log, mul, neg, notEqual, sub, where } from '../ops/elementwise.ts';
import { oneHot } from '../ops/indexing.ts';
import { mean, sum } from '../ops/reduce.ts';
import * as rows from '../ops/rowLosses.ts';
import { softmaxCrossEntropy } from '../ops/softmax.ts';
import { flag, number, optional, share, whole } from '../tensor/readers.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { rowFunction } from './define.ts';
import { alongAxis, lastTo, logitsOf } from './logits.ts';
import { classesOf, EPSILON, paired } from './pairs.ts';
import { withMask } from './reduction.ts';

/** What these losses and their focal kin may be told. */
export const shared = {
  /** yPred holds logits, not probabilities. */
  fromLogits: flag(false),
  /** Labels are mixed with this much of the uniform distribution. */
  labelSmoothing: share(0),
  /** The axis of the classes; of the binary ones the axis that the mean is taken over. */
  axis: whole(-Infinity, -1),
};

/**
 * −Σ t ln p over the classes. Behind a softmax it is computed from its logits, which is exact where p rounds to 0 or 1; only where those
 * cannot be found are rows renormalised and clipped to [ε, 1 − ε]. yTrue has the shape of yPred.
 */
export const categoricalCrossentropy = rowFunction(
  'categoricalCrossentropy',
  shared,
  (yTrue, yPred, { axis, fromLogits, labelSmoothing }) =>
    alongClasses('categoricalCrossentropy', yTrue, yPred, axis, (t, p) =>
      entropy(smooth(t, labelSmoothing, p.shape.at(-1)!), p, fromLogits),
    ),
  { pairs: false },
);

/** The same for integer classes: yTrue [...] or [..., 1]. Rows of `ignoreClass` have the value 0, and do not count in a mean. */
export const sparseCategoricalCrossentropy = Object.assign(
  rowFunction(
    'sparseCategoricalCrossentropy',
    { fromLogits: shared.fromLogits, ignoreClass: optional(whole(-Infinity)), axis: shared.axis },
    (yTrue, yPred, { fromLogits, ignoreClass, axis }) => {
      const d = normalizeAxis('sparseCategoricalCrossentropy', axis, yPred.rank);
      const classes = classesOf('sparseCategoricalCrossentropy', yTrue, yPred, d);
      const valid = ignoreClass === null ? null : notEqual(classes, ignoreClass);
      // -1 is no class, and has a row of zeros: its loss is 0, and so is its gradient
      const labels = lastTo(oneHot(valid ? where(valid, classes, -1) : classes, yPred.shape[d]!), d);
      const values = alongAxis(d, labels, yPred, (t, p) => entropy(t, p, fromLogits));
      return valid ? withMask(values, valid) : values;
    },
    { pairs: false },
  ),
  { classes: { axis: -1, ignoreClass: null } },
);

/**
 * (1 − p^q) / q of the probability of integer classes (Zhang and Sabuncu 2018): the cross-entropy as q goes to 0, 1 − p for q = 1, which labels
 * that are wrong disturb less.
 */
export const categoricalGeneralizedCrossEntropy = Object.assign(
  rowFunction(
    'categoricalGeneralizedCrossEntropy',
    { q: number(0.5, Number.MIN_VALUE, 1) },
    (yTrue, yPred, { q }) => {
      const labels = oneHot(classesOf('categoricalGeneralizedCrossEntropy', yTrue, yPred), yPred.shape.at(-1)!);
      const logits = logitsOf('softmax', yPred);
      const values = logits
        ? softmaxCrossEntropy(logits, labels)
        : neg(log(clip(sum(mul(yPred, labels), -1), EPSILON, 1)));
      return div(sub(1, exp(mul(values, -q))), q);
    },
    { pairs: false },
  ),
  { classes: { axis: -1, ignoreClass: null } },
);

/** The mean over the last axis of −t ln p − (1 − t) ln(1 − p); from the logits behind a sigmoid where they can be found. */
export const binaryCrossentropy = rowFunction(
  'binaryCrossentropy',
  shared,
  (yTrue, yPred, { fromLogits, labelSmoothing, axis }) =>
    alongAxis(normalizeAxis('binaryCrossentropy', axis, yPred.rank), yTrue, yPred, (labels, p) => {
      const t = smooth(labels, labelSmoothing, 2);
      const z = fromLogits ? p : logitsOf('sigmoid', p);
      return z ? rows.sigmoidCrossEntropy(z, t) : mean(binaryEntropy(t, p), -1);
    }),
);

/** −t ln p − (1 − t) ln(1 − p), element by element. */
export function binaryEntropy(t: Tensor, p: Tensor): Tensor {
  const q = clipProbability(p);
  return neg(add(mul(t, log(q)), mul(sub(1, t), log(sub(1, q)))));
}

export const clipProbability = (p: Tensor) => clip(p, EPSILON, 1 - EPSILON);

/** p as Keras wants probabilities: rows that add up to 1, away from 0 and 1. */
export const renormalised = (p: Tensor) => clipProbability(div(p, sum(p, -1, true)));

export function smooth(labels: Tensor, amount: number, classes: number): Tensor {
  return amount === 0 ? labels : add(mul(labels, 1 - amount), amount / classes);
}

/** Runs f on rows of classes along the axis, once the labels are known to be one-hot rows like those of yPred. */
export function alongClasses(
  who: string,
  yTrue: Tensor,
  yPred: Tensor,
  axis: number,
  f: (t: Tensor, p: Tensor) => Tensor,
): Tensor {
  const labels = paired(who, yTrue, yPred, 'one-hot rows; for integer classes use sparse_categorical_crossentropy');
  return alongAxis(normalizeAxis(who, axis, yPred.rank), labels, yPred, f);
}

function entropy(t: Tensor, p: Tensor, fromLogits: boolean): Tensor {
  const logits = fromLogits ? p : logitsOf('softmax', p);
  return logits ? softmaxCrossEntropy(logits, t) : neg(sum(mul(t, log(renormalised(p))), -1));
}
