// What an optimizer keeps beside the weights, as arrays and back: training goes on from a file as if it had never stopped.
import { FormatError, ShapeError } from '../errors.ts';
import type { Model } from '../models/model.ts';
import type { Optimizer } from '../optimizers/optimizers.ts';
import { makeArray, requireFitting } from '../tensor/dtype.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import type { NamedArray, PlainArray } from './arrays.ts';
import { inTodaysOrder } from './optimizerTwo.ts';

/** In the order of Keras' files; nothing before the first step. */
export async function optimizerState(optimizer: Optimizer): Promise<NamedArray[]> {
  const read = optimizer.variables.map(async ({ name, value }) => {
    return { name, shape: value.shape, data: await value.data() };
  });
  return Promise.all(read);
}

/** The iteration and the learning rate: all that Keras keeps of an optimizer before its first step. */
const NUMBERS = 2;

/**
 * Puts the optimizer of a compiled model where the arrays say it was.
 *
 * @throws FormatError when they are more or fewer than it has
 * @throws ShapeError that names the first which does not fit
 */
export function restoreOptimizer(
  model: Model,
  given: readonly (PlainArray & { readonly name?: string })[],
  where: string,
): void {
  const { optimizer } = model;
  const trained = model.trainableWeights.map(({ variable }) => variable);
  const arrays = inTodaysOrder(given, optimizer, trained.length);
  if (arrays.length === 0 || trained.length === 0) return;
  optimizer.build(trained);
  const { variables, className } = optimizer;
  if (arrays.length <= NUMBERS && variables.length > NUMBERS) return;
  if (arrays.length !== variables.length) {
    throw new FormatError(
      `${where}: the optimizer holds ${arrays.length} arrays, ${className} for the ${trained.length} trainable weights of ${model.name} has ${variables.length}; load it with { compile: false } to leave training out`,
    );
  }
  const values = variables.map(({ name, shape, dtype, value }, i) => {
    const kept = arrays[i]!;
    if (!sameShape(kept.shape, shape))
      throw new ShapeError(
        `${where}: array ${i} of the optimizer has shape ${formatShape(kept.shape)}, ${name} of ${className} has ${formatShape(shape)}`,
      );
    requireFitting(`${where}: ${name}`, kept.data, dtype);
    const own = makeArray(dtype, value.size);
    own.set(kept.data);
    return own;
  });
  optimizer.setWeights(values);
}
