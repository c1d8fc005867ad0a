// Images at another size. Output row p takes its value from around input row
//
//   (p + 1/2) * h / height - 1/2        centres of pixels lie at halves (the default)
//   p * (h - 1) / (height - 1)          alignCorners: the outermost centres coincide
//   p * h / height                      neither: rows begin at their upper edge
//
// columns likewise: the linear value between its neighbours, or the nearest cell. Places are kept as fractions of whole
// numbers, so that no rounding decides which cell is the nearest.
import type { ResizeAttrs, Sampling } from '../backend/kernels.ts';
import { applyOne } from '../engine/execute.ts';
import { defineOp, type OpDefinition } from '../engine/op.ts';
import { floatDType } from '../engine/runtime.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import { kindOf, refuseUnknown, requireTensors, truth } from '../tensor/options.ts';
import { checkShape, formatShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { cast } from './elementwise.ts';
import { type Pair, pair } from './window.ts';

const resize2dOp: OpDefinition<'resize2d'> = defineOp({
  name: 'resize2d',
  kernel: 'resize2d',
  infer: ([x], { p, q }) => [{ shape: [x!.shape[0]!, p, q, x!.shape[3]!], dtype: x!.dtype }],
  gradient: ({ inputs: [x], dy: [dy], attrs }) => [applyOne(resize2dGradOp, [dy], { ...attrs, shape: x!.shape })],
  flops: (_, [y], { linear }) => (linear ? 8 : 0) * sizeOf(y!.shape),
});

const resize2dGradOp: OpDefinition<'resize2dGrad'> = defineOp({
  name: 'resize2dGrad',
  kernel: 'resize2dGrad',
  infer: ([dy], { shape }) => [{ shape, dtype: dy!.dtype }],
  gradient: ({ dy: [ddx], attrs: { shape: _, ...attrs } }) => [applyOne(resize2dOp, [ddx], attrs)],
  flops: ([dy], _, { linear }) => (linear ? 8 : 1) * sizeOf(dy!.shape),
});

export interface ResizeOptions {
  /** The centres of the corner pixels stay where they are. Default false. */
  readonly alignCorners?: boolean;
  /** Centres of pixels lie at halves. Default true, but for alignCorners. */
  readonly halfPixelCenters?: boolean;
}

/** x [n, h, w, c] sampled linearly to [n, height, width, c]; integers become floats. */
export function resizeBilinear(x: Tensor, size: Pair, options: ResizeOptions = {}): Tensor {
  return resize('resizeBilinear', x, size, options, true);
}

/** x [n, h, w, c] sampled from the nearest pixels to [n, height, width, c]; integers become floats. */
export function resizeNearest(x: Tensor, size: Pair, options: ResizeOptions = {}): Tensor {
  return resize('resizeNearest', x, size, options, false);
}

/** x [n, h, w, c] enlarged to [n, h * rows, w * columns, c], size = [rows, columns]; by repeating pixels, or between them. */
export function upSampling2d(
  x: Tensor,
  options: { readonly size?: Pair; readonly interpolation?: 'nearest' | 'bilinear' } = {},
): Tensor {
  requireTensors('upSampling2d', { x });
  refuseUnknown('upSampling2d', options, ['size', 'interpolation']);
  const { size = 2, interpolation = 'nearest' } = options;
  if (interpolation !== 'nearest' && interpolation !== 'bilinear')
    throw new ValueError(`upSampling2d: interpolation must be 'nearest' or 'bilinear', got ${kindOf(interpolation)}`);
  const [rows, columns] = pair('upSampling2d', 'size', size);
  const target = [(x.shape[1] ?? 0) * rows, (x.shape[2] ?? 0) * columns];
  return resize('upSampling2d', x, target, {}, interpolation === 'bilinear');
}

/** Positions are computed in int32: (2 * 16384 + 1) * 16384 fits. */
const LONGEST = 16384;

function resize(op: string, x: Tensor, size: Pair, options: ResizeOptions, linear: boolean): Tensor {
  requireTensors(op, { x });
  refuseUnknown(op, options, ['alignCorners', 'halfPixelCenters']);
  const alignCorners = truth(op, 'alignCorners', options.alignCorners ?? false);
  const halfPixelCenters = truth(op, 'halfPixelCenters', options.halfPixelCenters ?? !alignCorners);
  if (alignCorners && halfPixelCenters)
    throw new ValueError(`${op}: alignCorners and halfPixelCenters exclude each other`);
  const [n, h, w, c] = x.shape;
  if (x.rank !== 4 || h === 0 || w === 0)
    throw new ShapeError(`${op}: x must be [n, h, w, c] with pixels, got ${formatShape(x.shape)}`);
  const [p, q] = pair(op, 'size', size);
  checkShape(op, [n!, p, q, c!]);
  if (Math.max(h!, w!, p, q) > LONGEST)
    throw new ShapeError(
      `${op}: from ${formatShape([h!, w!])} to ${formatShape([p, q])}: no side may be above ${LONGEST}`,
    );
  const rule = alignCorners ? corners : halfPixelCenters ? halves : edges;
  const attrs: ResizeAttrs = { p, q, rows: rule(h!, p, linear), columns: rule(w!, q, linear), linear };
  return applyOne(resize2dOp, [isFloat(x.dtype) ? x : cast(x, floatDType())], attrs);
}

/** How the places of `to` outputs lie on `from` cells. For the nearest cell the place is shifted so that it is the one below. */
type Rule = (from: number, to: number, linear: boolean) => Sampling;

const halves: Rule = (from, to, linear) => ({
  step: 2 * from,
  start: linear ? from - to : from,
  divisor: 2 * to,
});

const corners: Rule = (from, to, linear) =>
  to === 1
    ? { step: 0, start: 0, divisor: 1 }
    : { step: 2 * (from - 1), start: linear ? 0 : to - 1, divisor: 2 * (to - 1) };

const edges: Rule = (from, to) => ({ step: from, start: 0, divisor: to });
