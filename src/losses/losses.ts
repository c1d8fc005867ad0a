// Losses as Keras defines them: (yTrue, yPred) -> one value for each sample.
import { producerOf } from '../engine/execute.ts';
import { DTypeError, ShapeError, ValueError } from '../errors.ts';
import { add, cast, div, log, maximum, minimum, mul, neg, sub } from '../ops/elementwise.ts';
import { oneHot } from '../ops/indexing.ts';
import { mean, sum } from '../ops/reduce.ts';
import * as rows from '../ops/rowLosses.ts';
import { reshape } from '../ops/shape.ts';
import { softmaxCrossEntropy } from '../ops/softmax.ts';
import { isFloat } from '../tensor/dtype.ts';
import { entryNamed, snakeCase } from '../tensor/names.ts';
import { refuseUnknown, truth } from '../tensor/options.ts';
import { formatShape, sameShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** One value for each sample, or for each sample and inner position. */
export type Loss = ((yTrue: Tensor, yPred: Tensor) => Tensor) & { reduction?: string };

/** What Keras keeps probabilities away from 0 and 1 by. */
const EPSILON = 1e-7;

export interface CrossentropyOptions {
  /** yPred holds logits, not probabilities. */
  readonly fromLogits?: boolean;
  /** Labels are mixed with this much of the uniform distribution. */
  readonly labelSmoothing?: number;
}

/**
 * −Σ t ln p. Behind a softmax the loss is computed from its logits, which is exact where p rounds to 0 or 1; only when
 * those cannot be found are rows renormalised and clipped to [ε, 1 − ε].
 */
export function categoricalCrossentropy(yTrue: Tensor, yPred: Tensor, options: CrossentropyOptions = {}): Tensor {
  const { fromLogits, labelSmoothing } = checked('categoricalCrossentropy', options);
  requireSame(
    'categoricalCrossentropy',
    yTrue,
    yPred,
    'one-hot rows; for integer classes use sparse_categorical_crossentropy',
  );
  const labels = smooth(cast(yTrue, yPred.dtype), labelSmoothing, yPred.shape.at(-1)!);
  const logits = fromLogits ? yPred : inputOf('softmax', yPred);
  if (logits) return softmaxCrossEntropy(logits, labels);
  const p = clipProbability(div(yPred, sum(yPred, -1, true)));
  return neg(sum(mul(labels, log(p)), -1));
}

/** The same for integer classes: yTrue [...] or [..., 1]. */
export function sparseCategoricalCrossentropy(
  yTrue: Tensor,
  yPred: Tensor,
  options: Pick<CrossentropyOptions, 'fromLogits'> = {},
): Tensor {
  const lead = yPred.shape.slice(0, -1);
  if (sizeOf(yTrue.shape) !== sizeOf(lead)) {
    throw new ShapeError(
      `sparseCategoricalCrossentropy: yTrue ${formatShape(yTrue.shape)} must hold one class for each of the rows ${formatShape(lead)} of yPred`,
    );
  }
  const classes = cast(reshape(yTrue, lead), 'int32');
  return categoricalCrossentropy(oneHot(classes, yPred.shape.at(-1)!), yPred, options);
}

/** The mean over the last axis of −t ln p − (1 − t) ln(1 − p); from the logits behind a sigmoid where they can be found. */
export function binaryCrossentropy(yTrue: Tensor, yPred: Tensor, options: CrossentropyOptions = {}): Tensor {
  const { fromLogits, labelSmoothing } = checked('binaryCrossentropy', options);
  const t = smooth(align('binaryCrossentropy', yTrue, yPred), labelSmoothing, 2);
  const z = fromLogits ? yPred : inputOf('sigmoid', yPred);
  if (z) return rows.sigmoidCrossEntropy(z, t);
  const p = clipProbability(yPred);
  return neg(mean(add(mul(t, log(p)), mul(sub(1, t), log(sub(1, p)))), -1));
}

/** The mean over the last axis of (t − p)². */
export function meanSquaredError(yTrue: Tensor, yPred: Tensor): Tensor {
  return rows.meanSquaredError(align('meanSquaredError', yTrue, yPred), yPred);
}

/** The mean over the last axis of |t − p|. */
export function meanAbsoluteError(yTrue: Tensor, yPred: Tensor): Tensor {
  return rows.meanAbsoluteError(align('meanAbsoluteError', yTrue, yPred), yPred);
}

const byName: Readonly<Record<string, Loss>> = {
  categorical_crossentropy: categoricalCrossentropy,
  sparse_categorical_crossentropy: sparseCategoricalCrossentropy,
  binary_crossentropy: binaryCrossentropy,
  mean_squared_error: meanSquaredError,
  mean_absolute_error: meanAbsoluteError,
  bce: binaryCrossentropy,
  mse: meanSquaredError,
  mae: meanAbsoluteError,
};

/** Whether a loss takes integer classes. */
export function isSparse(loss: Loss): boolean {
  return loss === sparseCategoricalCrossentropy;
}

/** A loss by its Keras name (or camelCase), or null. */
export function lossNamed(name: string): Loss | null {
  return entryNamed(byName, snakeCase(name));
}

/** A loss by its Keras name, or a function (yTrue, yPred) -> tensor as it is. */
export function resolveLoss(given: unknown): Loss {
  if (typeof given === 'function') return given as Loss;
  const found = typeof given === 'string' ? lossNamed(given) : null;
  if (found) return found;
  throw new ValueError(
    `unknown loss ${JSON.stringify(given)}; there are ${Object.keys(byName).join(', ')}, or a function (yTrue, yPred) => tensor`,
  );
}

/** The input of the activation that yPred comes out of, when that is known: the logits. */
function inputOf(op: string, yPred: Tensor): Tensor | null {
  let node = producerOf(yPred);
  while (node?.op.name === 'reshape') node = producerOf(node.inputs[0]!);
  if (node?.op.name !== op) return null;
  // The kernel sees rows; a reshape puts them back.
  return reshape(node.inputs[0]!, yPred.shape);
}

function clipProbability(p: Tensor): Tensor {
  return minimum(maximum(p, EPSILON), 1 - EPSILON);
}

function checked(who: string, options: CrossentropyOptions): Required<CrossentropyOptions> {
  refuseUnknown(who, options, ['fromLogits', 'labelSmoothing']);
  const { fromLogits = false, labelSmoothing = 0 } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new ValueError(`${who}: labelSmoothing must lie between 0 and 1, got ${labelSmoothing}`);
  return { fromLogits: truth(who, 'fromLogits', fromLogits), labelSmoothing };
}

function smooth(labels: Tensor, amount: number, classes: number): Tensor {
  return amount === 0 ? labels : add(mul(labels, 1 - amount), amount / classes);
}

/** yTrue in yPred's dtype and shape: where ranks differ by a trailing 1 it is added, so that (B,) and (B, 1) never broadcast to (B, B). */
function align(who: string, yTrue: Tensor, yPred: Tensor): Tensor {
  if (!isFloat(yPred.dtype)) throw new DTypeError(`${who}: yPred must be a float tensor, got ${yPred.dtype}`);
  const t = cast(yTrue, yPred.dtype);
  const [short, long] = t.rank < yPred.rank ? [t.shape, yPred.shape] : [yPred.shape, t.shape];
  if (sameShape([...short, 1], long)) return reshape(t, yPred.shape);
  requireSame(who, t, yPred, 'values of the same shape');
  return t;
}

function requireSame(who: string, yTrue: Tensor, yPred: Tensor, expected: string): void {
  if (sameShape(yTrue.shape, yPred.shape)) return;
  throw new ShapeError(
    `${who}: yTrue ${formatShape(yTrue.shape)} does not fit yPred ${formatShape(yPred.shape)}: expected ${expected}`,
  );
}
