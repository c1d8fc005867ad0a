// Normalisation: over a batch, with given or with its own statistics, and over the features of each sample.
import { DTypeError, ShapeError, ValueError } from '../errors.ts';
import { requireFloat } from '../tensor/dtype.ts';
import { finiteNumber, refuseUnknown, requireTensors } from '../tensor/options.ts';
import { formatShape, normalizeAxes, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, mul, rsqrt, square, sub } from './elementwise.ts';
import { mean } from './reduce.ts';
import { reshape } from './shape.ts';

export interface ScaleOptions {
  /** Default: ones. */
  readonly gamma?: Tensor;
  /** Default: zeros. */
  readonly beta?: Tensor;
  /** Added to the variance. Default 1e-3, as in Keras. */
  readonly epsilon?: number;
}

export interface BatchNormOptions extends ScaleOptions {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * gamma (x - mean) / √(variance + epsilon) + beta over the last axis: x [..., c], all others [c]. Computed as one product and
 * one sum, as Keras does: digits are lost where the mean is large beside the deviation.
 */
export function batchNorm(x: Tensor, options: BatchNormOptions): Tensor {
  const op = 'batchNorm';
  requireNormal(op, x);
  refuseUnknown(op, options, ['gamma', 'beta', 'epsilon', 'mean', 'variance']);
  const { mean: centre, variance: spread, gamma, beta } = options;
  const each = { mean: centre, variance: spread, ...(gamma && { gamma }), ...(beta && { beta }) };
  requireShape(op, each, x, x.shape.slice(-1));
  const scale = scaled(rsqrt(add(spread, epsilonOf(op, options))), gamma);
  const shift = mul(centre, scale);
  // One multiplication and one addition for each element of x: the statistics are folded into them.
  return add(mul(x, scale), beta ? sub(beta, shift) : mul(shift, -1));
}

/**
 * The same with the mean and the (biased) variance of x itself over all axes but the last: [y, mean, variance], the last
 * two [c]. Gradients flow through the statistics.
 */
export function batchNormTraining(x: Tensor, options: ScaleOptions = {}): [y: Tensor, mean: Tensor, variance: Tensor] {
  const op = 'batchNormTraining';
  requireNormal(op, x);
  refuseUnknown(op, options, ['gamma', 'beta', 'epsilon']);
  const { gamma, beta } = options;
  requireShape(op, { ...(gamma && { gamma }), ...(beta && { beta }) }, x, x.shape.slice(-1));
  const axes = x.shape.slice(1).map((_, d) => d);
  requireSome(op, x, axes);
  const [y, centre, spread] = normalized(x, axes, epsilonOf(op, options), gamma, beta);
  return [y, reshape(centre, x.shape.slice(-1)), reshape(spread, x.shape.slice(-1))];
}

/** gamma (x - mean) / √(variance + epsilon) + beta over the axes of each sample (default the last); gamma and beta have their lengths. */
export function layerNorm(
  x: Tensor,
  options: ScaleOptions & { readonly axis?: number | readonly number[] } = {},
): Tensor {
  const op = 'layerNorm';
  requireNormal(op, x);
  refuseUnknown(op, options, ['axis', 'gamma', 'beta', 'epsilon']);
  const { gamma, beta } = options;
  const axes = normalizeAxes(op, options.axis ?? -1, x.rank);
  if (axes.length === 0) throw new ValueError(`${op}: axis must name at least one axis`);
  requireSome(op, x, axes);
  requireShape(
    op,
    { ...(gamma && { gamma }), ...(beta && { beta }) },
    x,
    axes.map((d) => x.shape[d]!),
  );
  // as long as x along the axes and 1 elsewhere, so that they broadcast
  const beside = (one: Tensor | undefined) =>
    one &&
    reshape(
      one,
      x.shape.map((length, d) => (axes.includes(d) ? length : 1)),
    );
  return normalized(x, axes, epsilonOf(op, options), beside(gamma), beside(beta))[0];
}

/** Nothing has no mean. */
function requireSome(op: string, x: Tensor, axes: readonly number[]): void {
  if (axes.some((d) => x.shape[d] === 0))
    throw new ShapeError(
      `${op}: x ${formatShape(x.shape)} has no elements along ${formatShape(axes)} to take the mean of`,
    );
}

/** x brought to mean beta and deviation gamma over the axes, with the statistics (kept as axes of length 1). */
function normalized(
  x: Tensor,
  axes: readonly number[],
  epsilon: number,
  gamma: Tensor | undefined,
  beta: Tensor | undefined,
): [y: Tensor, mean: Tensor, variance: Tensor] {
  const centre = mean(x, axes, true);
  const centred = sub(x, centre);
  const spread = mean(square(centred), axes, true);
  const y = mul(centred, scaled(rsqrt(add(spread, epsilon)), gamma));
  return [beta ? add(y, beta) : y, centre, spread];
}

const scaled = (x: Tensor, gamma: Tensor | undefined) => (gamma ? mul(x, gamma) : x);

function epsilonOf(op: string, { epsilon = 1e-3 }: ScaleOptions): number {
  return finiteNumber(op, 'epsilon', epsilon, 0);
}

function requireNormal(op: string, x: Tensor): void {
  requireTensors(op, { x });
  requireFloat(op, x.dtype);
  if (x.rank < 1 || x.rank > 5) throw new ShapeError(`${op}: x must have rank 1 to 5, got ${formatShape(x.shape)}`);
}

function requireShape(op: string, named: Readonly<Record<string, Tensor>>, x: Tensor, shape: readonly number[]): void {
  requireTensors(op, named);
  for (const [name, one] of Object.entries(named)) {
    if (!sameShape(one.shape, shape))
      throw new ShapeError(
        `${op}: ${name} must be ${formatShape(shape)} beside x ${formatShape(x.shape)}, got ${formatShape(one.shape)}`,
      );
    if (one.dtype !== x.dtype) throw new DTypeError(`${op}: x is ${x.dtype} but ${name} is ${one.dtype}`);
  }
}
