// Normalisation: over a batch, with given or with its own statistics, and over the features of each sample.
import { grad } from '../autograd/grad.ts';
import { apply } from '../engine/execute.ts';
import { defineOp } from '../engine/op.ts';
import { DTypeError, ShapeError, ValueError } from '../errors.ts';
import { requireFloat } from '../tensor/dtype.ts';
import { finiteNumber, refuseUnknown, requireTensors } from '../tensor/options.ts';
import { formatShape, normalizeAxes, sameShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { full } from './create.ts';
import { add, mul, rsqrt, square, sub } from './elementwise.ts';
import { mean, sum } from './reduce.ts';
import { broadcastTo, reshape } from './shape.ts';

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
  const channels = x.shape.slice(-1);
  const rows = reshape(x, [sizeOf(x.shape.slice(0, -1)), ...channels]);
  const scale = gamma ?? full(channels, 1, x.dtype);
  const shift = beta ?? full(channels, 0, x.dtype);
  const [y, centre, spread] = apply(batchNormOp, [rows, scale, shift], { epsilon: epsilonOf(op, options) });
  return [reshape(y!, x.shape), centre!, spread!];
}

const batchNormOp = defineOp({
  name: 'batchNormTraining',
  kernel: 'batchNormTraining',
  infer: ([x, gamma]) => [x!, gamma!, gamma!].map(({ shape, dtype }) => ({ shape, dtype })),
  gradient: ({ inputs: [x, gamma], outputs: [, centre, spread], dy: [dy, dmean, dvariance], attrs }) => {
    const [byX, dgamma, dbeta] = apply(batchNormGradOp, [x!, dy, gamma!, centre!, spread!], attrs);
    const share = 1 / x!.shape[0]!;
    // what is made of the statistics themselves
    const byMean = dmean && broadcastTo(mul(dmean, share), x!.shape);
    const byVariance = dvariance && mul(sub(x!, centre!), mul(dvariance, 2 * share));
    const dx = [byMean, byVariance].reduce<Tensor>((total, part) => (part ? add(total, part) : total), byX!);
    return [dx, dgamma!, dbeta!];
  },
  flops: ([x]) => 7 * sizeOf(x!.shape),
});

const batchNormGradOp = defineOp({
  name: 'batchNormTrainingGrad',
  kernel: 'batchNormTrainingGrad',
  infer: ([x, , gamma]) => [x!, gamma!, gamma!].map(({ shape, dtype }) => ({ shape, dtype })),
  gradient: ({ inputs, dy, attrs: { epsilon } }) =>
    grad((...leaves) => {
      const found = batchNormSlopes(leaves, epsilon).flatMap((one, i) => (dy[i] ? [sum(mul(one, dy[i]))] : []));
      return found.reduce((total, part) => add(total, part));
    })(...(inputs as [Tensor, Tensor, ...Tensor[]])),
  flops: ([x]) => 11 * sizeOf(x!.shape),
});

/** What batchNormTrainingGrad computes, in operations that have gradients themselves. */
function batchNormSlopes([x, dy, gamma, centre, spread]: readonly Tensor[], epsilon: number): Tensor[] {
  const factor = rsqrt(add(spread!, epsilon));
  const standard = mul(sub(x!, centre!), factor);
  const [dgamma, dbeta] = [sum(mul(dy!, standard), 0), sum(dy!, 0)];
  const common = mul(add(dbeta, mul(standard, dgamma)), 1 / x!.shape[0]!);
  return [mul(mul(gamma!, factor), sub(dy!, common)), dgamma, dbeta];
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
  return normalized(x, axes, epsilonOf(op, options), beside(gamma), beside(beta));
}

/** Nothing has no mean. */
function requireSome(op: string, x: Tensor, axes: readonly number[]): void {
  if (axes.some((d) => x.shape[d] === 0))
    throw new ShapeError(
      `${op}: x ${formatShape(x.shape)} has no elements along ${formatShape(axes)} to take the mean of`,
    );
}

/** x brought to mean beta and deviation gamma over the axes. */
function normalized(
  x: Tensor,
  axes: readonly number[],
  epsilon: number,
  gamma: Tensor | undefined,
  beta: Tensor | undefined,
): Tensor {
  const centre = mean(x, axes, true);
  const centred = sub(x, centre);
  const spread = mean(square(centred), axes, true);
  const y = mul(centred, scaled(rsqrt(add(spread, epsilon)), gamma));
  return beta ? add(y, beta) : y;
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
