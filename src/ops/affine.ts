// Pictures turned, shifted, sheared, zoomed and flipped, each of a batch in its own way. First a matrix for each, from its
// parameters; then each output pixel is looked for at the place of the input that the matrix gives.
import type { AffineAttrs, AffineColumns } from '../backend/kernels.ts';
import { applyOne } from '../engine/execute.ts';
import { defineOp, elementBytes } from '../engine/op.ts';
import { floatDType } from '../engine/runtime.ts';
import { ShapeError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { cast } from './elementwise.ts';

const matricesOp = defineOp({
  name: 'affineMatrices',
  kernel: 'affineMatrices',
  infer: ([parameters]) => [{ shape: [parameters!.shape[0]!, 6], dtype: parameters!.dtype }],
  // Nothing learns how a picture was changed at random.
  gradient: 'not differentiable',
  // two sines and cosines, two rows
  flops: ([parameters]) => 80 * parameters!.shape[0]!,
});

const resampleOp = defineOp({
  name: 'affineResample',
  kernel: 'affineResample',
  infer: ([x, matrices], { p, q }) => [{ shape: [x!.shape[0]!, p, q, x!.shape[3]!], dtype: matrices!.dtype }],
  // It stands before a model, where no gradient is wanted; and its transpose would have to find the places from the other side.
  gradient: 'not differentiable',
  flops: (_, [y], { linear }) => 8 * sizeOf(y!.shape.slice(0, 3)) + (linear ? 6 * sizeOf(y!.shape) : 0),
  bytes: ([x, matrices], [y]) => elementBytes(x!) + elementBytes(matrices!) + elementBytes(y!),
});

/** How pictures are transformed: which column of the parameters is what, and what they are turned about. */
export interface AffineOptions {
  readonly columns: AffineColumns;
  readonly width: number;
  readonly height: number;
  /** Default: the centre. Keras' ImageDataGenerator takes height for width there. */
  readonly center?: readonly [x: number, y: number];
}

/** parameters float [n, k] -> the sampling matrices [n, 6] of n pictures: kernels.ts has the formula. */
export function affineMatrices(parameters: Tensor, options: AffineOptions): Tensor {
  const { columns, width, height, center = [(width - 1) / 2, (height - 1) / 2] } = options;
  return applyOne(matricesOp, [parameters], { columns, width, height, centerX: center[0], centerY: center[1] });
}

/** x [n, h, w, c] (bytes stay bytes until they are read) at the places that matrices [n, 6] give: float [n, p, q, c]. */
export function affineResample(x: Tensor, matrices: Tensor, attrs: AffineAttrs): Tensor {
  if (x.rank !== 4 || sizeOf(x.shape.slice(1)) === 0)
    throw new ShapeError(`affineResample: x must be [n, h, w, c] with pixels, got ${formatShape(x.shape)}`);
  const readable = isFloat(x.dtype) || x.dtype === 'uint8' ? x : cast(x, floatDType());
  return applyOne(resampleOp, [readable, matrices], attrs);
}
