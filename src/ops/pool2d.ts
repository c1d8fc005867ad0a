// Pooling over windows of an NHWC image. Padding cells never win.
import { apply, applyOne } from '../engine/execute.ts';
import { defineOp } from '../engine/op.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { requireFloat } from '../tensor/dtype.ts';
import { refuseUnknown, requireTensors } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Padding, type Pair, pair, windowGeometry } from './window.ts';

export interface Pool2dOptions {
  readonly poolSize: Pair;
  /** Default: poolSize. */
  readonly strides?: Pair;
  readonly padding?: Padding;
}

const maxPool2dOp = defineOp({
  name: 'maxPool2d',
  kernel: 'maxPool2d',
  infer: ([x], { p, q }) => {
    const shape = [x!.shape[0]!, p, q, x!.shape[3]!];
    return [
      { shape, dtype: x!.dtype },
      { shape, dtype: 'int32' },
    ];
  },
  gradient: ({ inputs: [x], outputs: [, winner], dy: [dy], attrs }) => [
    applyOne(maxPool2dGradOp, [dy, winner!], { ...attrs, shape: x!.shape }),
  ],
  // comparisons
  flops: (_, [y], { poolH, poolW }) => y!.shape.reduce((product, length) => product * length, poolH * poolW),
});

const maxPool2dGradOp = defineOp({
  name: 'maxPool2dGrad',
  kernel: 'maxPool2dGrad',
  infer: ([dy], { shape }) => [{ shape, dtype: dy!.dtype }],
  gradient: 'not differentiable',
});

/** The largest cell of each window: x [n, h, w, c] -> [n, p, q, c]. The first of equals, row by row, or the first NaN wins and gets the gradient. */
export function maxPool2d(x: Tensor, options: Pool2dOptions): Tensor {
  requireTensors('maxPool2d', { x });
  refuseUnknown('maxPool2d', options, ['poolSize', 'strides', 'padding']);
  requireFloat('maxPool2d', x.dtype);
  if (x.rank !== 4) throw new ShapeError(`maxPool2d: x must be [n, h, w, c], got ${formatShape(x.shape)}`);
  const [poolH, poolW] = pair('maxPool2d', 'poolSize', options.poolSize);
  const geometry = windowGeometry('maxPool2d', [x.shape[1]!, x.shape[2]!], {
    window: [poolH, poolW],
    strides: pair('maxPool2d', 'strides', options.strides ?? [poolH, poolW]),
    dilation: [1, 1],
    padding: options.padding ?? 'valid',
  });
  refuseEmptyWindows([poolH, poolW], options.padding);
  return apply(maxPool2dOp, [x], { ...geometry, poolH, poolW })[0]!;
}

/** A window that sees padding alone has no largest cell. */
function refuseEmptyWindows(pool: readonly [number, number], padding: Padding | undefined): void {
  if (padding === undefined || typeof padding === 'string') return;
  if (padding.every((side, axis) => side.every((cells) => cells < pool[axis]!))) return;
  throw new ValueError(
    `maxPool2d: padding ${JSON.stringify(padding)} must be smaller than the pool ${formatShape(pool)}, or windows hold nothing`,
  );
}
