// Focal losses (Lin et al. 2017): what is already right counts less, by (1 − p)^γ.

import { tensor } from '../ops/create.ts';
import { add, log, mul, neg, pow, sigmoid, softplus, sub } from '../ops/elementwise.ts';
import { mean, sum } from '../ops/reduce.ts';
import { logSoftmax, softmax } from '../ops/softmax.ts';
import { flag, number, oneOrMore, share } from '../tensor/readers.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import { alongClasses, binaryEntropy, renormalised, shared, smooth } from './crossentropy.ts';
import { rowFunction } from './define.ts';
import { alongAxis, logitsOf } from './logits.ts';

const gamma = number(2, 0);

/** −Σ α (1 − p)^γ t ln p over the classes; α is one number, or one for each class. */
export const categoricalFocalCrossentropy = rowFunction(
  'categoricalFocalCrossentropy',
  { alpha: oneOrMore('numbers', number(0.25)), gamma, ...shared },
  (yTrue, yPred, { alpha, gamma, fromLogits, labelSmoothing, axis }) =>
    alongClasses('categoricalFocalCrossentropy', yTrue, yPred, axis, (labels, rows) => {
      const t = smooth(labels, labelSmoothing, rows.shape.at(-1)!);
      const z = fromLogits ? rows : logitsOf('softmax', rows);
      const p = z ? softmax(z) : renormalised(rows);
      const information = neg(z ? logSoftmax(z) : log(p));
      const weight = mul(pow(sub(1, p), gamma), typeof alpha === 'number' ? alpha : tensor(alpha, undefined, p.dtype));
      return sum(mul(weight, mul(t, information)), -1);
    }),
  { pairs: false },
);

/**
 * The mean over the last axis of (1 − p)^γ times the binary cross-entropy, p being the probability of what is true. With
 * `applyClassBalancing` ones count α and zeros 1 − α.
 */
export const binaryFocalCrossentropy = rowFunction(
  'binaryFocalCrossentropy',
  { applyClassBalancing: flag(false), alpha: share(0.25), gamma, ...shared },
  (yTrue, yPred, { applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing, axis }) =>
    alongAxis(normalizeAxis('binaryFocalCrossentropy', axis, yPred.rank), yTrue, yPred, (labels, rows) => {
      const t = smooth(labels, labelSmoothing, 2);
      const either = (one: Parameters<typeof mul>[0], zero: Parameters<typeof mul>[0]) =>
        add(mul(t, one), mul(sub(1, t), zero));
      const z = fromLogits ? rows : logitsOf('sigmoid', rows);
      const p = z ? sigmoid(z) : rows;
      const entropy = z ? either(softplus(neg(z)), softplus(z)) : binaryEntropy(t, p);
      // the probability of what is false: from the other tail of the logits it keeps its digits
      const wrong = either(z ? sigmoid(neg(z)) : sub(1, p), p);
      const focal = mul(pow(wrong, gamma), entropy);
      return mean(applyClassBalancing ? mul(either(alpha, 1 - alpha), focal) : focal, -1);
    }),
);
