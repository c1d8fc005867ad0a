// Where probabilities come from. A loss from logits takes no logarithm of a probability that was rounded to 0 or 1.
import { producerOf } from '../engine/execute.ts';
import { reshape, transpose } from '../ops/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * The input of the activation that made y, when that is known: its logits, in the shape of y. Behind a softmax a row [..., c] of y must be
 * a whole row of the softmax or a part of one: then what the loss makes of the logits is what it makes of renormalised probabilities.
 */
export function logitsOf(activation: 'softmax' | 'sigmoid', y: Tensor): Tensor | null {
  let node = producerOf(y);
  while (node?.op.name === 'reshape') node = producerOf(node.inputs[0]!);
  const logits = node?.op.name === activation ? node.inputs[0]! : null;
  // Eager code may have disposed of what it no longer needs.
  if (!logits || logits.isDisposed) return null;
  // The kernel sees rows; a reshape puts them back.
  const isWithinRows = activation === 'sigmoid' || logits.shape.at(-1)! % y.shape.at(-1)! === 0;
  return isWithinRows ? reshape(logits, y.shape) : null;
}

/** x with axis d and the last one swapped. The same swap behind x, as a softmax along d leaves it, is taken back instead. */
function swapped(x: Tensor, d: number): Tensor {
  const swap = x.shape.map((_, i) => (i === d ? x.rank - 1 : i === x.rank - 1 ? d : i));
  const made = producerOf(x);
  const isSwap = made && 'permutation' in made.attrs && made.attrs.permutation.every((from, i) => from === swap[i]);
  return isSwap && !made.inputs[0]!.isDisposed ? made.inputs[0]! : transpose(x, swap);
}

/** Runs f, which makes a value of each row [..., c], on rows along axis d: the results have the shape of yPred without it. */
export function alongAxis(
  d: number,
  yTrue: Tensor,
  yPred: Tensor,
  f: (yTrue: Tensor, yPred: Tensor) => Tensor,
): Tensor {
  const last = yPred.rank - 1;
  if (d === last) return f(yTrue, yPred);
  const values = f(swapped(yTrue, d), swapped(yPred, d));
  // what was last stands where d was, and belongs to the end
  const back = values.shape.map((_, i) => (i < d ? i : i === last - 1 ? d : i + 1));
  return transpose(values, back);
}

/** x with its last axis moved to place d. */
export function lastTo(x: Tensor, d: number): Tensor {
  return transpose(
    x,
    x.shape.map((_, i) => (i < d ? i : i === d ? x.rank - 1 : i - 1)),
  );
}
