// How a loss is declared: once as a function of tensors, and from it as an object that carries options of its own.
import { madeOf } from '../tensor/described.ts';
import { snakeCase } from '../tensor/names.ts';
import { requireTensors } from '../tensor/options.ts';
import { type Reader, type Readers, readBoth, readOptions, type Settings, text, word } from '../tensor/readers.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { paired } from './pairs.ts';
import type { Reduction } from './reduction.ts';

export type PartialShape = readonly (number | null)[];

/** Integer classes as targets: the axis of predictions that they are places on, and a class that does not count. */
export interface ClassTargets {
  readonly axis: number;
  readonly ignoreClass: number | null;
}

/** What training may want to know of a loss besides its values. */
export interface LossTraits {
  /** How its values become one number; default: sum_over_batch_size. */
  readonly reduction?: Reduction;
  /** Set where its targets are integer classes. */
  readonly classes?: ClassTargets;
  /** The loss that it is for targets and predictions of these shapes. */
  choose?(yTrue: PartialShape, yPred: PartialShape): Loss;
}

/** (yTrue, yPred) -> one value for each sample, or for each sample and inner position. */
export type Loss = ((yTrue: Tensor, yPred: Tensor) => Tensor) & LossTraits;

/** A function of rows with options; its `name` is Keras'. */
export interface RowFunction<R extends Readers> {
  (yTrue: Tensor, yPred: Tensor, options?: Partial<Settings<R>>): Tensor;
  readonly readers: R;
  /** The way in which its values get better. */
  readonly direction: 'max' | 'min';
}

/**
 * Declares a function of rows by its name in camelCase. The body sees yTrue in the shape and dtype of yPred, unless `pairs` is false,
 * and every option.
 */
export function rowFunction<R extends Readers>(
  name: string,
  readers: R,
  body: (yTrue: Tensor, yPred: Tensor, options: Settings<R>) => Tensor,
  { pairs = true, direction = 'min' }: { pairs?: boolean; direction?: 'max' | 'min' } = {},
): RowFunction<R> {
  const run = (yTrue: Tensor, yPred: Tensor, given: Partial<Settings<R>> = {}) => {
    requireTensors(name, { yTrue, yPred });
    const options = readOptions(name, readers, given);
    return body(pairs ? paired(name, yTrue, yPred) : yTrue, yPred, options);
  };
  return callIt(snakeCase(name), Object.assign(run, { readers, direction }));
}

/** What every loss object may be given besides the options of its function. */
export interface LossOptions {
  /** `sum_over_batch_size` (default; also `mean`), `mean_with_sample_weight`, `sum` or `none` (also null). */
  readonly reduction?: Reduction | 'mean' | null;
  readonly name?: string;
}

const reductions = ['sum_over_batch_size', 'mean_with_sample_weight', 'sum', 'none'] as const;

const reduction: Reader<Reduction> = (who, name, given = reductions[0]) =>
  word(reductions, 'none')(who, name, given === 'mean' ? reductions[0] : given);

/** Makes loss objects of a function: what Keras' class of that name is. `traits` are those of its options. */
export function lossMaker<R extends Readers>(
  className: string,
  values: RowFunction<R>,
  traits: (options: Settings<R>) => LossTraits = () => ({}),
) {
  const shared = { reduction, name: text(values.name) };
  return (options: Partial<Settings<R>> & LossOptions = {}): Loss => {
    const [own, { reduction, name }] = readBoth(className, values.readers, shared, options);
    const { direction } = values;
    const loss = (yTrue: Tensor, yPred: Tensor) => values(yTrue, yPred, own);
    const made = callIt(name, Object.assign(loss, { reduction, direction, ...traits(own) }));
    return madeOf(made, 'losses', className, options);
  };
}

/** Gives a function a name of its own, which survives a minifier. */
export function callIt<F extends object>(name: string, fn: F): F {
  return Object.defineProperty(fn, 'name', { value: name });
}
