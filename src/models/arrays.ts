// What users give as x, y and weights, as tensors that fit the model.
import { floatDType } from '../engine/runtime.ts';
import { scope } from '../engine/scope.ts';
import { ShapeError, ValueError } from '../errors.ts';
import type { PartialShape } from '../layers/layer.ts';
import { ones, tensor } from '../ops/create.ts';
import { cast } from '../ops/elementwise.ts';
import { reshape } from '../ops/shape.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { TensorData } from '../tensor/nested.ts';
import { kindOf } from '../tensor/options.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Cleanup } from './cleanup.ts';

/** One set of samples. */
export type ArrayLikeData = Tensor | TensorData;

/** What `fit` and its like take as data: one set of samples, or one for each input (or output) of the model, as a list or by their names. */
export type Arrays = ArrayLikeData | readonly ArrayLikeData[] | Readonly<Record<string, ArrayLikeData>>;

/** How much each sample counts: one number for each, or such a set for each output, as a list or by name; null counts all of them once. */
export type SampleWeight =
  | ArrayLikeData
  | readonly (ArrayLikeData | null)[]
  | Readonly<Record<string, ArrayLikeData | null>>;

/** What of a model says how data is meant. */
export interface DataShapes {
  readonly name: string;
  /** What its inputs and outputs are called; one name where nobody knows yet. */
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Their shapes, batch first, where they are known. */
  readonly inputShapes: readonly (PartialShape | null)[];
  readonly resultShapes: readonly (PartialShape | null)[];
}

/**
 * Inputs as tensors with samples along the first axis. A flat typed array is cut into samples of the shape that the model
 * takes, when that is known. Tensors that are made here belong to `owned`.
 */
export function asInputs(owned: Cleanup, who: string, model: DataShapes, x: unknown): Tensor[] {
  const parts = partsOf(who, model.name, 'inputs', model.inputNames, x);
  const tensors = parts.map((part, i) => {
    const sample = model.inputShapes[i]?.slice(1) ?? null;
    return checked(
      part.who,
      asTensor(owned, part.who, part.data, (flat) => cut(part.who, flat, sample)),
    );
  });
  requireSameLength(who, tensors);
  return tensors;
}

/**
 * The same for the targets of `count` samples; a flat typed array of that length holds one number for each. Outputs that are not
 * `judged` need none.
 */
export function asTargets(
  owned: Cleanup,
  who: string,
  model: DataShapes,
  y: unknown,
  count: number,
  judged: readonly boolean[],
): Tensor[] {
  return partsOf(who, model.name, 'outputs', model.outputNames, y).map((part, i) => {
    if (!judged[i] && (part.data ?? null) === null) return owned.hold(scope(() => ones([count])));
    const sample = model.resultShapes[i]?.slice(1) ?? null;
    const shaped = (flat: Tensor) => (flat.size === count ? flat : cut(part.who, flat, sample));
    return checked(part.who, asTensor(owned, part.who, part.data, shaped));
  });
}

/**
 * Weights of `count` samples as floats, one for each, or for each and some of its inner positions: one set that all outputs share, or one
 * for each output, where null counts every sample once. None where `weights` is null.
 */
export function asWeights(owned: Cleanup, who: string, model: DataShapes, weights: unknown, count: number): Tensor[] {
  if (weights === null) return [];
  const { name, outputNames } = model;
  const what = `${who}: sampleWeight`;
  const parts = isByOutput(weights, outputNames.length)
    ? partsOf(what, name, 'outputs', outputNames, weights)
    : [{ who: what, data: weights }];
  return parts.map((part) => {
    if (part.data === null && parts.length > 1) return owned.hold(scope(() => ones([count])));
    const given = asTensor(owned, part.who, part.data, (flat) => flat);
    if (given.rank === 0 || given.shape[0] !== count)
      throw new ShapeError(
        `${part.who} ${formatShape(given.shape)} must hold one number for each of the ${count} samples`,
      );
    return isFloat(given.dtype) ? given : owned.hold(cast(given, floatDType()));
  });
}

/** Lists of numbers are a set of weights; lists of sets, and objects, name what belongs to each output. */
function isByOutput(weights: unknown, outputs: number): boolean {
  if (isPlainObject(weights)) return true;
  if (outputs === 1 || !Array.isArray(weights)) return false;
  const isSet = (part: unknown) => part instanceof Tensor || ArrayBuffer.isView(part);
  return weights.some(isSet) || (weights.length === outputs && weights.every((part) => typeof part === 'object'));
}

interface Part {
  readonly who: string;
  readonly data: unknown;
}

/** The data for each name: from a list, from an object, or the data itself where there is one name only. */
function partsOf(who: string, model: string, what: string, names: readonly string[], data: unknown): Part[] {
  const byName = isPlainObject(data) ? data : null;
  if (names.length === 1 && !byName) return [{ who, data }];
  if (byName && Object.keys(byName).every((name) => names.includes(name)))
    return names.map((name) => ({ who: `${who}.${name}`, data: byName[name] }));
  if (names.length > 1 && Array.isArray(data) && data.length === names.length)
    return names.map((name, i) => ({ who: `${who}[${i}] (${name})`, data: data[i] }));
  const got = Array.isArray(data)
    ? `a list of ${data.length}`
    : byName
      ? `an object of ${Object.keys(byName)}`
      : kindOf(data);
  throw new ValueError(
    names.length === 1
      ? `${who} must be a tensor, a typed array or nested lists${what === 'inputs' ? ', data with length and get(i), an iterable of batches' : ''}, or an object with the name ${names[0]}, got ${got}`
      : `${who}: ${model} has ${names.length} ${what} (${names.join(', ')}); give a list of as many, or an object with their names, got ${got}`,
  );
}

/** An object that is nothing but names with values. */
export function isPlainObject(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && Object.getPrototypeOf(data) === Object.prototype;
}

function asTensor(owned: Cleanup, who: string, data: unknown, shaped: (flat: Tensor) => Tensor): Tensor {
  if (data === undefined || data === null) throw new ValueError(`${who} is missing`);
  if (data instanceof Tensor) return data;
  if (typeof data !== 'object')
    throw new ValueError(`${who} must be a tensor, a typed array or nested lists, got ${typeof data}`);
  const made = scope(() => {
    const given = tensor(data as TensorData);
    return given.rank === 1 ? shaped(given) : given;
  });
  return owned.hold(made);
}

function checked(who: string, data: Tensor): Tensor {
  if (data.rank === 0) throw new ShapeError(`${who} must have samples along its first axis, got a scalar`);
  if (data.shape[0] === 0) throw new ValueError(`${who} is empty: shape ${formatShape(data.shape)}`);
  if (data.size === 0) throw new ValueError(`${who} has samples without elements: shape ${formatShape(data.shape)}`);
  return data;
}

function cut(who: string, flat: Tensor, sample: PartialShape | null): Tensor {
  const known = sample?.every((length) => length !== null) ? (sample as readonly number[]) : null;
  if (!known || known.length === 0) return flat;
  const each = sizeOf(known);
  if (flat.size % each !== 0) {
    throw new ShapeError(
      `${who}: ${flat.size} values do not divide into samples of ${formatShape(known)} (${each} values)`,
    );
  }
  return reshape(flat, [flat.size / each, ...known]);
}

/** Refuses sets of different length. */
function requireSameLength(who: string, sets: readonly Tensor[]): void {
  const other = sets.find((set) => set.shape[0] !== sets[0]!.shape[0]);
  if (other)
    throw new ShapeError(
      `${who}: has sets of ${sets[0]!.shape[0]} and of ${other.shape[0]} samples; they belong together`,
    );
}

/** Refuses targets that are not as many as the inputs. */
export function requireTargets(who: string, [x]: readonly Tensor[], targets: readonly Tensor[]): void {
  for (const y of targets) {
    if (x!.shape[0] === y.shape[0]) continue;
    throw new ShapeError(
      `${who}: x has ${x!.shape[0]} samples (${formatShape(x!.shape)}), y has ${y.shape[0]} (${formatShape(y.shape)})`,
    );
  }
}
