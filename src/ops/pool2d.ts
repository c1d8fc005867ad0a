// Pooling over windows of an NHWC image. Padding cells never win and never count.
import type { Shape, Spec } from '../backend/backend.ts';
import type { PoolAttrs } from '../backend/kernels.ts';
import { apply, applyOne } from '../engine/execute.ts';
import { defineOp, type OpDefinition } from '../engine/op.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { refuseUnknown, truth } from '../tensor/options.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { max, mean } from './reduce.ts';
import { type Padding, type Pair, pair, requireImage, windowGeometry } from './window.ts';

export interface Pool2dOptions {
  readonly poolSize: Pair;
  /** Default: poolSize. */
  readonly strides?: Pair;
  readonly padding?: Padding;
}

type Pooling = 'maxPool2d' | 'avgPool2d';

const pooled = ({ shape: [n, , , c] }: Spec, { p, q }: PoolAttrs): Shape => [n!, p, q, c!];

/** One comparison or addition for each cell of each window. */
const poolFlops = (y: Spec, { poolH, poolW }: PoolAttrs) => sizeOf(y.shape) * poolH * poolW;

const maxPool2dOp: OpDefinition<'maxPool2d'> = defineOp({
  name: 'maxPool2d',
  kernel: 'maxPool2d',
  infer: ([x], attrs) => {
    const shape = pooled(x!, attrs);
    return [
      { shape, dtype: x!.dtype },
      { shape, dtype: 'int32' },
    ];
  },
  gradient: ({ inputs: [x], outputs: [, winner], dy: [dy], attrs }) => [
    applyOne(maxPool2dGradOp, [dy, winner!], { ...attrs, shape: x!.shape }),
  ],
  flops: (_, [y], attrs) => poolFlops(y!, attrs),
});

// The winners do not move with small changes of x, so both of these are linear, and each is the transpose of the other.
const maxPool2dGradOp: OpDefinition<'maxPool2dGrad'> = defineOp({
  name: 'maxPool2dGrad',
  kernel: 'maxPool2dGrad',
  infer: ([dy], { shape }) => [{ shape, dtype: dy!.dtype }],
  gradient: ({ inputs: [, winner], dy: [ddx], attrs: { shape: _, ...attrs } }) => [
    applyOne(maxPool2dPickOp, [ddx, winner!], attrs),
    null,
  ],
  flops: ([dy]) => sizeOf(dy!.shape),
});

const maxPool2dPickOp: OpDefinition<'maxPool2dPick'> = defineOp({
  name: 'maxPool2dPick',
  kernel: 'maxPool2dPick',
  infer: ([x], attrs) => [{ shape: pooled(x!, attrs), dtype: x!.dtype }],
  gradient: ({ inputs: [x, winner], dy: [dy], attrs }) => [
    applyOne(maxPool2dGradOp, [dy, winner!], { ...attrs, shape: x!.shape }),
    null,
  ],
});

const avgPool2dOp: OpDefinition<'avgPool2d'> = defineOp({
  name: 'avgPool2d',
  kernel: 'avgPool2d',
  infer: ([x], attrs) => [{ shape: pooled(x!, attrs), dtype: x!.dtype }],
  gradient: ({ inputs: [x], dy: [dy], attrs }) => [applyOne(avgPool2dGradOp, [dy], { ...attrs, shape: x!.shape })],
  flops: (_, [y], attrs) => poolFlops(y!, attrs),
});

const avgPool2dGradOp: OpDefinition<'avgPool2dGrad'> = defineOp({
  name: 'avgPool2dGrad',
  kernel: 'avgPool2dGrad',
  infer: ([dy], { shape }) => [{ shape, dtype: dy!.dtype }],
  gradient: ({ dy: [ddx], attrs: { shape: _, ...attrs } }) => [applyOne(avgPool2dOp, [ddx], attrs)],
  flops: ([dy], _, attrs) => poolFlops(dy!, attrs),
});

/** The largest cell of each window: x [n, h, w, c] -> [n, p, q, c]. The first of equals, row by row, or the first NaN wins and gets the gradient. */
export function maxPool2d(x: Tensor, options: Pool2dOptions): Tensor {
  return apply(maxPool2dOp, [x], poolAttrs('maxPool2d', x, options))[0]!;
}

/** The mean of each window: x [n, h, w, c] -> [n, p, q, c], over its cells that are not padding. */
export function avgPool2d(x: Tensor, options: Pool2dOptions): Tensor {
  return applyOne(avgPool2dOp, [x], poolAttrs('avgPool2d', x, options));
}

function poolAttrs(op: Pooling, x: Tensor, options: Pool2dOptions): PoolAttrs {
  requireImage(op, x);
  refuseUnknown(op, options, ['poolSize', 'strides', 'padding']);
  const [poolH, poolW] = pair(op, 'poolSize', options.poolSize);
  const geometry = windowGeometry(op, [x.shape[1]!, x.shape[2]!], {
    window: [poolH, poolW],
    strides: pair(op, 'strides', options.strides ?? [poolH, poolW]),
    dilation: [1, 1],
    padding: options.padding ?? 'valid',
  });
  refuseEmptyWindows(op, [poolH, poolW], options.padding);
  return { ...geometry, poolH, poolW };
}

/** A window that sees padding alone has no largest cell, and no mean. */
function refuseEmptyWindows(op: Pooling, pool: readonly [number, number], padding: Padding | undefined): void {
  if (padding === undefined || typeof padding === 'string') return;
  if (padding.every((side, axis) => side.every((cells) => cells < pool[axis]!))) return;
  throw new ValueError(
    `${op}: padding ${JSON.stringify(padding)} must be smaller than the pool ${formatShape(pool)}, or windows hold nothing`,
  );
}

export interface GlobalPoolOptions {
  /** Keep height and width as axes of length 1. Default false. */
  readonly keepDims?: boolean;
}

/** The mean of each channel: x [n, h, w, c] -> [n, c], or [n, 1, 1, c] with keepDims. */
export function globalAveragePool2d(x: Tensor, options: GlobalPoolOptions = {}): Tensor {
  return mean(x, [1, 2], keepsDims('globalAveragePool2d', x, options));
}

/** The largest of each channel: x [n, h, w, c] -> [n, c], or [n, 1, 1, c] with keepDims. The gradient goes to the first of equals. */
export function globalMaxPool2d(x: Tensor, options: GlobalPoolOptions = {}): Tensor {
  return max(x, [1, 2], keepsDims('globalMaxPool2d', x, options));
}

function keepsDims(op: string, x: Tensor, options: GlobalPoolOptions): boolean {
  requireImage(op, x);
  refuseUnknown(op, options, ['keepDims']);
  if (x.shape[1] === 0 || x.shape[2] === 0)
    throw new ShapeError(`${op}: an image of ${formatShape(x.shape)} has no cells`);
  return truth(op, 'keepDims', options.keepDims ?? false);
}
