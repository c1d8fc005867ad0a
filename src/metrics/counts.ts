// True and false positives and negatives at one or many thresholds: what precision, recall and areas under curves are made of.
import { floatDType } from '../engine/runtime.ts';
import { ShapeError } from '../errors.ts';
import { paired } from '../losses/pairs.ts';
import { fittingWeights } from '../losses/reduction.ts';
import { concat } from '../ops/concat.ts';
import { tensor } from '../ops/create.ts';
import { add, cast, greater, mul, notEqual, where } from '../ops/elementwise.ts';
import { oneHot } from '../ops/indexing.ts';
import { matmul } from '../ops/matmul.ts';
import { argMax, sum } from '../ops/reduce.ts';
import { broadcastTo, expandDims, reshape, transpose } from '../ops/shape.ts';
import { slice } from '../ops/slice.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Lower than any threshold: what is not among the top k. */
export const LOWEST = -1e30;

export interface CountSettings {
  readonly thresholds: readonly number[];
  /** Only the k highest of the last axis may be positive. */
  readonly topK?: number | null;
  /** Only this class of the last axis is looked at. */
  readonly classId?: number | null;
  /** Each place of the last axis is counted for itself. */
  readonly byLabel?: boolean;
  /** How much each place of the last axis counts; where these are counted one by one, that is the business of who reads them. */
  readonly labelWeights?: readonly number[] | null;
}

/** Of one label, an entry for each threshold. */
export interface Counts {
  readonly tp: readonly number[];
  readonly fp: readonly number[];
  readonly tn: readonly number[];
  readonly fn: readonly number[];
}

/** How many sums are kept: for each label, what is false and what is true, above each threshold and altogether. */
export const countsSize = (labels: number, thresholds: number) => labels * (thresholds + 1) * 2;

/** The sums that a batch adds. A prediction is positive when it is above the threshold, a target when it is not 0. */
export function countBatch(
  who: string,
  yTrue: Tensor,
  yPred: Tensor,
  weights: Tensor | null,
  { thresholds, topK = null, classId = null, byLabel = false, labelWeights = null }: CountSettings,
): Tensor {
  if (byLabel && yPred.rank !== 2)
    throw new ShapeError(
      `${who}: labels are counted one by one in predictions [n, labels], got ${formatShape(yPred.shape)}`,
    );
  if (labelWeights && labelWeights.length !== yPred.shape.at(-1))
    throw new ShapeError(
      `${who}: ${labelWeights.length} labelWeights do not fit predictions ${formatShape(yPred.shape)}`,
    );
  const pick = (x: Tensor) => (classId === null ? x : onlyClass(who, x, classId));
  const t = pick(paired(who, yTrue, yPred));
  const p = pick(topK === null ? yPred : onlyTop(yPred, topK));
  const blocks = (x: Tensor) => (byLabel ? transpose(x) : reshape(x, [1, x.size]));
  const truths = oneHot(cast(notEqual(blocks(t), 0), 'int32'), 2);
  const factor = weightOf(p, weights, byLabel ? null : labelWeights);
  const sides = factor ? mul(truths, expandDims(blocks(factor), -1)) : truths;
  const above = aboveEach(blocks(p), sides, thresholds);
  const sums = concat([above, sum(sides, 1, true)], 1);
  return reshape(sums, [sums.size]);
}

/** What the sums say, for each label. */
export function readCounts(sums: ArrayLike<number>, thresholds: number): Counts[] {
  const labels = sums.length / countsSize(1, thresholds);
  return Array.from({ length: labels }, (_, label) => {
    const at = (i: number, side: number) => sums[(label * (thresholds + 1) + i) * 2 + side]!;
    const list = (count: (i: number) => number) => Array.from({ length: thresholds }, (_, i) => count(i));
    // weights are rounded: what is left of them may come out below 0
    const left = (i: number, side: number) => Math.max(at(thresholds, side) - at(i, side), 0);
    return {
      fp: list((i) => at(i, 0)),
      tp: list((i) => at(i, 1)),
      tn: list((i) => left(i, 0)),
      fn: list((i) => left(i, 1)),
    };
  });
}

/** Elements of a table of comparisons that exist at once: with 200 thresholds the pixels of a batch would take gigabytes. */
export const MOST = 2 ** 22;

/** The sides [l, n, 2] of predictions [l, n] summed where they are above each threshold: [l, thresholds, 2]. */
function aboveEach(p: Tensor, sides: Tensor, thresholds: readonly number[]): Tensor {
  const [labels, count] = p.shape as [number, number];
  const limits = tensor(thresholds, [thresholds.length, 1], floatDType());
  const most = Math.max(1, Math.floor(MOST / (labels * thresholds.length)));
  return inParts(count, most, (start, length) => {
    const part = expandDims(slice(p, [0, start], [labels, length]), 1);
    const isAbove = cast(greater(part, limits), sides.dtype);
    return matmul(isAbove, slice(sides, [0, start, 0], [labels, length, 2]));
  });
}

/** The sum of f over consecutive parts of 0 ... count - 1. */
export function inParts(count: number, most: number, f: (start: number, length: number) => Tensor): Tensor {
  let total = f(0, Math.min(most, count));
  for (let start = most; start < count; start += most) total = add(total, f(start, Math.min(most, count - start)));
  return total;
}

function weightOf(p: Tensor, weights: Tensor | null, labelWeights: readonly number[] | null): Tensor | null {
  const ofSamples = weights && broadcastTo(fittingWeights(weights, p.shape, p.dtype), p.shape);
  if (!labelWeights) return ofSamples;
  const ofLabels = broadcastTo(tensor(labelWeights, [labelWeights.length], p.dtype), p.shape);
  return ofSamples ? mul(ofSamples, ofLabels) : ofLabels;
}

function onlyClass(who: string, x: Tensor, classId: number): Tensor {
  const last = x.rank - 1;
  if (last < 1 || classId >= x.shape[last]!)
    throw new ShapeError(`${who}: there is no class ${classId} among predictions ${formatShape(x.shape)}`);
  return slice(
    x,
    x.shape.map((_, d) => (d === last ? classId : 0)),
    x.shape.map((length, d) => (d === last ? 1 : length)),
  );
}

/** p where it is among the k highest of the last axis, and the lowest number elsewhere; of ties the first are taken. */
function onlyTop(p: Tensor, k: number): Tensor {
  const classes = p.shape.at(-1)!;
  if (k >= classes) return p;
  let [rest, kept] = [p, broadcastTo(tensor(LOWEST, [], p.dtype), p.shape)];
  for (let i = 0; i < k; i++) {
    const isBest = greater(oneHot(argMax(rest, -1), classes), 0);
    kept = where(isBest, p, kept);
    rest = where(isBest, LOWEST, rest);
  }
  return kept;
}
