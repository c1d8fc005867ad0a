// How a loss is declared: once as a function of tensors, and from it as an object that carries options of its own.
import { snakeCase } from '../tensor/names.ts';
import { requireTensors } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { paired } from './pairs.ts';
import type { Reduction } from './reduction.ts';
import { type Option, oneOf, or, readBoth, readOptions, type Schema, text, type Values } from './schema.ts';

type PartialShape = readonly (number | null)[];

/** What training may want to know of a loss besides its values. */
export interface LossTraits {
  /** How its values become one number; default: sum_over_batch_size. */
  readonly reduction?: Reduction;
  /** Its targets are integer classes, one of which may be ignored. */
  readonly classes?: { readonly ignoreClass: number | null };
  /** The loss that it is for targets and predictions of these shapes. */
  choose?(yTrue: PartialShape, yPred: PartialShape): Loss;
}

/** (yTrue, yPred) -> one value for each sample, or for each sample and inner position. */
export type Loss = ((yTrue: Tensor, yPred: Tensor) => Tensor) & LossTraits;

/** A function of rows with options; its `name` is Keras'. */
export interface RowFunction<S extends Schema> {
  (yTrue: Tensor, yPred: Tensor, options?: Partial<Values<S>>): Tensor;
  readonly schema: S;
  /** The way in which its values get better. */
  readonly direction: 'max' | 'min';
}

/**
 * Declares a function of rows by its name in camelCase. The body sees yTrue in the shape and dtype of yPred, unless `pairs` is false,
 * and every option.
 */
export function rowFunction<S extends Schema>(
  name: string,
  schema: S,
  body: (yTrue: Tensor, yPred: Tensor, options: Values<S>) => Tensor,
  { pairs = true, direction = 'min' }: { pairs?: boolean; direction?: 'max' | 'min' } = {},
): RowFunction<S> {
  const run = (yTrue: Tensor, yPred: Tensor, given: Partial<Values<S>> = {}) => {
    requireTensors(name, { yTrue, yPred });
    const options = readOptions(name, schema, given);
    return body(pairs ? paired(name, yTrue, yPred) : yTrue, yPred, options);
  };
  return callIt(snakeCase(name), Object.assign(run, { schema, direction }));
}

/** What every loss object may be given besides the options of its function. */
export interface LossOptions {
  /** `sum_over_batch_size` (default; also `mean`), `mean_with_sample_weight`, `sum` or `none` (also null). */
  readonly reduction?: Reduction | 'mean' | null;
  readonly name?: string;
}

const reductions = ['sum_over_batch_size', 'mean_with_sample_weight', 'sum', 'none'] as const;

const reductionOption: Option<Reduction> = {
  fallback: reductions[0],
  read: (who, name, value) => oneOf(reductions).read(who, name, value === 'mean' ? reductions[0] : (value ?? 'none')),
};

/** Makes loss objects of a function: what Keras' class of that name is. `traits` are those of its options. */
export function lossMaker<S extends Schema>(
  className: string,
  values: RowFunction<S>,
  traits: (options: Values<S>) => LossTraits = () => ({}),
) {
  const shared = { reduction: reductionOption, name: or(values.name, text) };
  return (options: Partial<Values<S>> & LossOptions = {}): Loss => {
    const [own, { reduction, name }] = readBoth(className, values.schema, shared, options);
    const { direction } = values;
    const loss = (yTrue: Tensor, yPred: Tensor) => values(yTrue, yPred, own);
    return callIt(name, Object.assign(loss, { reduction, direction, ...traits(own) }));
  };
}

/** Gives a function a name of its own, which survives a minifier. */
export function callIt<F extends object>(name: string, fn: F): F {
  return Object.defineProperty(fn, 'name', { value: name });
}
