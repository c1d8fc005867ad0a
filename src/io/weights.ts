// The weights of a model, and all that a run of `fit` needs to go on, as arrays with names.
import type { TypedArray } from '../backend/backend.ts';
import { FormatError, ShapeError } from '../errors.ts';
import type { Model } from '../models/model.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import type { NamedArray } from './arrays.ts';

/** The weights' values by name, in their order. */
export async function weightArrays(model: Model): Promise<NamedArray[]> {
  const read = model.weights.map(async ({ name, shape, variable }) => ({ name, shape, data: await variable.data() }));
  return Promise.all(read);
}

/**
 * Overwrites the weights by arrays of their names; where the names are other ones (automatic names count on through a program), by the order.
 *
 * @throws FormatError when there are more or fewer arrays than weights
 * @throws ShapeError that names the first weight that does not fit, with both shapes
 */
export function assignWeights(model: Model, arrays: readonly NamedArray[], file: string): void {
  const { weights } = model;
  if (arrays.length !== weights.length) {
    throw new FormatError(
      `${file}: holds ${arrays.length} weights, ${model.name} has ${weights.length}; build the same layers as when it was saved`,
    );
  }
  const byName = new Map(arrays.map((array) => [array.name, array]));
  const named = weights.every(({ name }) => byName.has(name));
  const found = weights.map(({ name }, i) => (named ? byName.get(name)! : arrays[i]!));
  weights.forEach(({ name, shape }, i) => {
    const given = found[i]!;
    if (sameShape(given.shape, shape)) return;
    throw new ShapeError(
      `${file}: ${given.name} has shape ${formatShape(given.shape)}, ${name} of ${model.name} has ${formatShape(shape)}; build the layer as it was when it was saved`,
    );
  });
  model.setWeights(found.map(({ data }) => asFloats(data)));
}

/** Weights are floats, whatever a file keeps them as. */
function asFloats(data: TypedArray): TypedArray {
  return data instanceof Float32Array || data instanceof Float64Array ? data : Float32Array.from(data);
}
