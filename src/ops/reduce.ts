// Reductions over any axes. The kernel reduces the middle of [outer, reduced, inner]; axes that do not stand side by
// side are reduced run by run, the last first, so that ties of max and min still go to the first in row-major order.
import type { ReduceFunction } from '../backend/kernels.ts';
import { apply, applyOne } from '../engine/execute.ts';
import { constant, makeTensor } from '../engine/make.ts';
import { defineOp } from '../engine/op.ts';
import { floatDType } from '../engine/runtime.ts';
import { ShapeError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import { requireTensors, truth } from '../tensor/options.ts';
import { formatShape, normalizeAxes, normalizeAxis, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { abs, add, cast, equal, exp, less, log, mul, sqrt, square, sub, where } from './elementwise.ts';
import { broadcastTo, reshape } from './shape.ts';
import { flip, pad, slice } from './slice.ts';

/** Which axes a reduction runs over: a number, a list, or absent for all. An empty list reduces nothing. */
export type Axes = number | readonly number[] | null | undefined;

const reduceOp = defineOp({
  name: 'reduce',
  kernel: 'reduce',
  infer: ([x], { outer, inner }) => [{ shape: [outer, inner], dtype: isFloat(x!.dtype) ? x!.dtype : 'int32' }],
  gradient: ({ inputs: [x], dy: [dy], attrs }) => {
    const { fn, outer, reduced, inner, scale } = attrs;
    const block = [outer, reduced, inner];
    const row = [outer, 1, inner];
    const spread = broadcastTo(reshape(dy, row), block);
    if (fn === 'sum') return [reshape(scale === 1 ? spread : mul(spread, scale), x!.shape)];
    if (fn === 'prod') return [reshape(mul(spread, others(reshape(x!, block))), x!.shape)];
    const [winner] = apply(argReduceOp, [reshape(x!, block)], { fn, outer, reduced, inner });
    const index = makeTensor(
      Int32Array.from({ length: reduced }, (_, r) => r),
      [1, reduced, 1],
      'int32',
    );
    return [reshape(where(equal(index, reshape(winner!, row)), spread, 0), x!.shape)];
  },
  flops: ([x]) => sizeOf(x!.shape),
});

/**
 * For each element of x [outer, reduced, inner] the product of the others along the middle. Not y / x, which is lost at 0
 * and with it every gradient of the gradient: the others are its partner in a pair times those of the product of the
 * pair among the products of all pairs.
 */
function others(x: Tensor): Tensor {
  const [outer, reduced, inner] = x.shape as [number, number, number];
  if (reduced <= 1) return broadcastTo(constant(1, x.dtype), x.shape);
  const count = Math.ceil(reduced / 2);
  const even = pad(
    x,
    [
      [0, 0],
      [0, 2 * count - reduced],
      [0, 0],
    ],
    1,
  );
  const pairs = reshape(even, [outer, count, 2, inner]);
  const half = (i: number) => reshape(slice(pairs, [0, 0, i, 0], [-1, -1, 1, -1]), [outer, count, inner]);
  const rest = reshape(others(mul(half(0), half(1))), [outer, count, 1, inner]);
  return slice(reshape(mul(flip(pairs, 2), rest), even.shape), [0, 0, 0], x.shape);
}

const argReduceOp = defineOp({
  name: 'argReduce',
  kernel: 'argReduce',
  infer: (_, { outer, inner }) => [{ shape: [outer, inner], dtype: 'int32' }],
  gradient: 'not differentiable',
  flops: ([x]) => sizeOf(x!.shape),
});

/** The axes of a reduction of x, once all its arguments are known to be good. */
function checkedAxes(who: string, x: Tensor, axes: Axes, keepDims: boolean): number[] {
  requireTensors(who, { x });
  truth(who, 'keepDims', keepDims);
  return normalizeAxes(who, axes, x.rank);
}

function reduce(fn: ReduceFunction, x: Tensor, axes: Axes, keepDims: boolean, scale = 1): Tensor {
  const list = checkedAxes(fn, x, axes, keepDims);
  const empty = list.some((axis) => x.shape[axis] === 0);
  if (empty && (fn === 'max' || fn === 'min')) {
    throw nothing(fn, x, list);
  }
  let result = asWords(x);
  for (const [first, last] of runs(list).reverse()) {
    const shape = result.shape;
    const outer = sizeOf(shape.slice(0, first));
    const reduced = sizeOf(shape.slice(first, last + 1));
    const inner = sizeOf(shape.slice(last + 1));
    const attrs = { fn, outer, reduced, inner, scale: first === runs(list)[0]![0] ? scale : 1 };
    const kept = shape.map((length, d) => (d >= first && d <= last ? 1 : length));
    result = reshape(applyOne(reduceOp, [result], attrs), kept);
  }
  return keepDims ? result : reshape(result, withoutAxes(x, list));
}

function nothing(who: string, x: Tensor, axes: readonly number[]): ShapeError {
  return new ShapeError(
    `${who}: there is no ${who} of nothing: shape ${formatShape(x.shape)}, axes ${formatShape(axes)}`,
  );
}

const withoutAxes = (x: Tensor, axes: readonly number[]) => x.shape.filter((_, d) => !axes.includes(d));

/** Kernels reduce words: floats and int32. */
function asWords(x: Tensor): Tensor {
  return x.dtype === 'uint8' || x.dtype === 'bool' ? cast(x, 'int32') : x;
}

/** Neighbouring axes as [first, last]. */
function runs(axes: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const axis of axes) {
    const last = found.at(-1);
    if (last && last[1] === axis - 1) last[1] = axis;
    else found.push([axis, axis]);
  }
  return found;
}

const asFloat = (x: Tensor) => (isFloat(x.dtype) ? x : cast(x, floatDType()));

/** The sum; 0 of nothing. Integers sum to int32. Where partial sums pass the largest float a GPU may give ±∞ or NaN. */
export function sum(x: Tensor, axis?: Axes, keepDims = false): Tensor {
  return reduce('sum', x, axis, keepDims);
}

/** The sum, a float, divided by the count: ±∞ where the sum overflows, NaN of nothing. */
export function mean(x: Tensor, axis?: Axes, keepDims = false): Tensor {
  const axes = checkedAxes('mean', x, axis, keepDims);
  const count = axes.reduce((product, d) => product * x.shape[d]!, 1);
  return reduce('sum', asFloat(x), axes, keepDims, 1 / count);
}

/** The largest, NaN if one is NaN; the first NaN, else the first of ties in row-major order gets the gradient. */
export function max(x: Tensor, axis?: Axes, keepDims = false): Tensor {
  return cast(reduce('max', x, axis, keepDims), x.dtype);
}

/** The smallest, NaN if one is NaN; the first NaN, else the first of ties in row-major order gets the gradient. */
export function min(x: Tensor, axis?: Axes, keepDims = false): Tensor {
  return cast(reduce('min', x, axis, keepDims), x.dtype);
}

/** The product; 1 of nothing. Its gradient is exact at 0 too. */
export function prod(x: Tensor, axis?: Axes, keepDims = false): Tensor {
  return reduce('prod', x, axis, keepDims);
}

/** The mean squared distance from the mean (divided by N). */
export function variance(x: Tensor, axis?: Axes, keepDims = false): Tensor {
  const axes = checkedAxes('variance', x, axis, keepDims);
  return mean(square(sub(x, mean(x, axes, true))), axes, keepDims);
}

/** The square root of the variance. Its gradient is NaN where all are equal. */
export function std(x: Tensor, axis?: Axes, keepDims = false): Tensor {
  checkedAxes('std', x, axis, keepDims);
  return sqrt(variance(x, axis, keepDims));
}

/** ln of the sum of exponentials, without overflow: −∞ of nothing and when all are −∞, ∞ when one is. */
export function logSumExp(x: Tensor, axis?: Axes, keepDims = false): Tensor {
  const axes = checkedAxes('logSumExp', x, axis, keepDims);
  if (axes.some((d) => x.shape[d] === 0)) return log(sum(asFloat(x), axes, keepDims));
  const top = max(asFloat(x), axes, true);
  // ∞ − ∞ is NaN
  const shift = where(less(abs(top), Infinity), top, 0);
  const result = add(log(sum(exp(sub(x, shift)), axes, true)), shift);
  return keepDims ? result : reshape(result, withoutAxes(x, axes));
}

function argReduce(fn: 'max' | 'min', x: Tensor, axis: number | null | undefined, keepDims: boolean): Tensor {
  const name = fn === 'max' ? 'argMax' : 'argMin';
  requireTensors(name, { x });
  truth(name, 'keepDims', keepDims);
  if (axis === undefined || axis === null) {
    const found = argReduce(fn, reshape(x, [x.size]), 0, false);
    return keepDims
      ? reshape(
          found,
          x.shape.map(() => 1),
        )
      : found;
  }
  const d = normalizeAxis(name, axis, x.rank);
  if (x.shape[d] === 0) throw new ShapeError(`${name}: axis ${axis} of shape ${formatShape(x.shape)} has no elements`);
  const outer = sizeOf(x.shape.slice(0, d));
  const inner = sizeOf(x.shape.slice(d + 1));
  const result = applyOne(argReduceOp, [asWords(x)], { fn, outer, reduced: x.shape[d]!, inner });
  return reshape(result, keepDims ? x.shape.map((length, i) => (i === d ? 1 : length)) : withoutAxes(x, [d]));
}

/** The index of the largest along one axis, or without one among all elements in row-major order (int32); the first NaN, else the first of ties. */
export function argMax(x: Tensor, axis?: number | null, keepDims = false): Tensor {
  return argReduce('max', x, axis, keepDims);
}

/** The index of the smallest along one axis, or without one among all elements in row-major order (int32); the first NaN, else the first of ties. */
export function argMin(x: Tensor, axis?: number | null, keepDims = false): Tensor {
  return argReduce('min', x, axis, keepDims);
}
