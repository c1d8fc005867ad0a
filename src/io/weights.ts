// The weights of a model as arrays, and arrays as its weights.
import type { TypedArray } from '../backend/backend.ts';
import { FormatError, ShapeError, ValueError } from '../errors.ts';
import type { Weight } from '../layers/layer.ts';
import type { Assignment } from '../models/files.ts';
import type { Model } from '../models/model.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import type { NamedArray, PlainArray } from './arrays.ts';

/** Refuses a model that has no weights yet: its file would hold none. */
export function requireBuilt(who: string, { isBuilt, name }: Model): void {
  if (!isBuilt)
    throw new ValueError(`${who}: ${name} is not built; give its first layer an inputShape, or run it once`);
}

/** The values of all weights. */
export async function valuesOf(model: Model): Promise<ReadonlyMap<Weight, PlainArray>> {
  const read = model.weights.map(async (weight) => {
    return [weight, { shape: weight.shape, data: await weight.variable.data() }] as const;
  });
  return new Map(await Promise.all(read));
}

/** The same by name, in their order. */
export async function weightArrays(model: Model): Promise<NamedArray[]> {
  return [...(await valuesOf(model))].map(([{ name }, value]) => ({ name, ...value }));
}

/**
 * Overwrites weights. All are looked at before the first is touched.
 *
 * @throws ShapeError that names the first weight that does not fit, with both shapes
 */
export function assign(assignments: readonly Assignment[], file: string): void {
  for (const { weight, value, source } of assignments) {
    if (sameShape(value.shape, weight.shape)) continue;
    throw new ShapeError(
      `${file}: ${source} has shape ${formatShape(value.shape)}, ${weight.name} of the model has ${formatShape(weight.shape)}; build the layer as it was when it was saved`,
    );
  }
  for (const { weight, value } of assignments) weight.setValues(asFloats(value.data));
}

/**
 * Arrays of the weights' names; where the names are other ones (automatic names count on through a program), of their order.
 *
 * @throws FormatError when there are more or fewer arrays than weights
 */
export function byNameOrOrder(model: Model, arrays: readonly NamedArray[], file: string): Assignment[] {
  const { weights } = model;
  if (arrays.length !== weights.length) {
    throw new FormatError(
      `${file}: holds ${arrays.length} weights, ${model.name} has ${weights.length}; build the same layers as when it was saved`,
    );
  }
  const byName = new Map(arrays.map((array) => [array.name, array]));
  const named = weights.every(({ name }) => byName.has(name));
  return weights.map((weight, i) => {
    const value = named ? byName.get(weight.name)! : arrays[i]!;
    return { weight, value, source: value.name };
  });
}

/** Names of models in models, of a layer and of its weight. */
const MOST_PARTS = 40;

/** Finds an array by the end of its name: converters put the names of models before it, or `:0` behind. Null where none fits, or several. */
export function byEnding(arrays: readonly NamedArray[]): (name: string) => NamedArray | null {
  const exact = new Map(arrays.map((array) => [array.name, array]));
  const ending = new Map<string, NamedArray | null>();
  for (const array of arrays) {
    const parts = array.name.replace(/:\d+$/, '').split('/').slice(-MOST_PARTS);
    for (let i = 0; i < parts.length; i++) {
      const name = parts.slice(i).join('/');
      ending.set(name, ending.has(name) ? null : array);
    }
  }
  return (name) => exact.get(name) ?? ending.get(name) ?? null;
}

/** Weights are floats, whatever a file keeps them as. */
function asFloats(data: TypedArray): TypedArray {
  return data instanceof Float32Array || data instanceof Float64Array ? data : Float32Array.from(data);
}
