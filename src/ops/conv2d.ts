// Two-dimensional convolution (cross-correlation, as everywhere in deep learning), NHWC by RSCK:
//
//   y[n,p,q,k] = activation(bias[k] + sum over r,s,c of x[n, h, w, g*C/G + c] * kernel[r,s,c,k])
//   h = p*strideH + r*dilationH - padTop,  w = q*strideW + s*dilationW - padLeft,  g = the group of k
//
// It is linear in x and in kernel, so both gradients are sums of the same products over the other indices:
//
//   dx[n,h,w,c]      = sum over r,s,k and the p,q that read (h,w) of dy[n,p,q,k] * kernel[r,s,c,k]
//   dkernel[r,s,c,k] = sum over n,p,q of x[n,h,w,c] * dy[n,p,q,k]
//
// and each of the three is linear in what the other two produce: that is all their own gradients say.
import type { DType, Shape } from '../backend/backend.ts';
import type { ConvAttrs, FusedActivation } from '../backend/kernels.ts';
import { applyOne } from '../engine/execute.ts';
import { defineOp, type OpDefinition } from '../engine/op.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { refuseUnknown, requireTensors, wholeNumber } from '../tensor/options.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ActivationName, activate, activationName, isFused } from './activations.ts';
import { reluGrad } from './elementwise.ts';
import { sum } from './reduce.ts';
import { type Padding, type Pair, pair, requireImage, windowGeometry } from './window.ts';

export interface Conv2dOptions {
  readonly strides?: Pair;
  readonly padding?: Padding;
  readonly dilationRate?: Pair;
  readonly groups?: number;
  /** [k] */
  readonly bias?: Tensor;
  readonly activation?: ActivationName;
}

/** Multiply-adds count two. */
const convFlops = (y: Shape, kernel: Shape) => 2 * sizeOf(y) * sizeOf(kernel.slice(0, 3));

const conv2dOp: OpDefinition<'conv2d'> = defineOp({
  name: 'conv2d',
  kernel: 'conv2d',
  infer: ([x, kernel], { p, q }) => [{ shape: [x!.shape[0]!, p, q, kernel!.shape[3]!], dtype: x!.dtype }],
  gradient: ({ inputs: [x, kernel], outputs: [y], dy: [dy], attrs, needs }) => {
    const dz = attrs.activation === 'relu' ? reluGrad(dy, y!) : dy;
    return [
      needs[0] ? applyOne(gradInputOp, [dz, kernel!], { ...convAttrs(attrs), shape: x!.shape }) : null,
      needs[1] ? applyOne(gradKernelOp, [x!, dz], { ...convAttrs(attrs), shape: kernel!.shape }) : null,
      needs[2] ? sum(dz, [0, 1, 2]) : null,
    ];
  },
  flops: ([, kernel], [y]) => convFlops(y!.shape, kernel!.shape),
});

const gradInputOp: OpDefinition<'conv2dGradInput'> = defineOp({
  name: 'conv2dGradInput',
  kernel: 'conv2dGradInput',
  infer: ([dy], { shape }) => [{ shape, dtype: dy!.dtype }],
  gradient: ({ inputs: [dy, kernel], dy: [ddx], attrs, needs }) => [
    needs[0] ? applyOne(conv2dOp, [ddx, kernel!], { ...convAttrs(attrs), activation: 'linear' }) : null,
    needs[1] ? applyOne(gradKernelOp, [ddx, dy!], { ...convAttrs(attrs), shape: kernel!.shape }) : null,
  ],
  flops: ([dy, kernel]) => convFlops(dy!.shape, kernel!.shape),
});

const gradKernelOp: OpDefinition<'conv2dGradKernel'> = defineOp({
  name: 'conv2dGradKernel',
  kernel: 'conv2dGradKernel',
  infer: ([x], { shape }) => [{ shape, dtype: x!.dtype }],
  gradient: ({ inputs: [x, dy], dy: [ddkernel], attrs, needs }) => [
    needs[0] ? applyOne(gradInputOp, [dy!, ddkernel], { ...convAttrs(attrs), shape: x!.shape }) : null,
    needs[1] ? applyOne(conv2dOp, [x!, ddkernel], { ...convAttrs(attrs), activation: 'linear' }) : null,
  ],
  flops: ([, dy], [dkernel]) => convFlops(dy!.shape, dkernel!.shape),
});

/**
 * Convolves x [n, h, w, c] with kernel [r, s, c / groups, k], giving [n, p, q, k].
 * Padding takes no part: an infinite weight is never multiplied by its zeros.
 * A ShapeError names what does not fit.
 */
export function conv2d(x: Tensor, kernel: Tensor, options: Conv2dOptions = {}): Tensor {
  requireTensors('conv2d', { x, kernel });
  refuseUnknown('conv2d', options, ['strides', 'padding', 'dilationRate', 'groups', 'bias', 'activation']);
  return convolve('conv2d', x, kernel, options);
}

/** The same in the name of whoever calls. */
export function convolve(op: string, x: Tensor, kernel: Tensor, options: Conv2dOptions): Tensor {
  const { bias } = options;
  const activation = activationName(op, options.activation);
  const attrs = conv2dAttrs(op, x, kernel, options);
  if (bias !== undefined) checkBias(op, bias, kernel.dtype, kernel.shape[3]!);
  const fused: FusedActivation = isFused(activation) ? activation : 'linear';
  const y = applyOne(conv2dOp, bias ? [x, kernel, bias] : [x, kernel], { ...attrs, activation: fused });
  return fused === activation ? y : activate(y, activation);
}

/** Refuses what is no image and no kernel beside it; `axes` names those of the kernel. */
export function requireImageAndKernel(op: string, x: Tensor, kernel: Tensor, axes: string): void {
  requireImage(op, x);
  requireTensors(op, { kernel });
  if (kernel.dtype !== x.dtype) throw new DTypeError(`${op}: x is ${x.dtype} but the kernel is ${kernel.dtype}`);
  if (kernel.rank !== 4) throw new ShapeError(`${op}: the kernel must be [${axes}], got ${formatShape(kernel.shape)}`);
}

function conv2dAttrs(op: string, x: Tensor, kernel: Tensor, options: Conv2dOptions): ConvAttrs {
  requireImageAndKernel(op, x, kernel, 'r, s, c / groups, k');
  const [, h, w, c] = x.shape as [number, number, number, number];
  const [r, s, perGroup, k] = kernel.shape as [number, number, number, number];
  const groups = wholeNumber(op, 'groups', options.groups ?? 1, 1);
  if (perGroup * groups !== c || k % groups !== 0 || sizeOf(kernel.shape) === 0) {
    throw new ShapeError(
      `${op}: kernel ${formatShape(kernel.shape)} with ${groups} group(s) does not fit x ${formatShape(x.shape)}: ` +
        `it needs [r, s, ${c / groups}, a multiple of ${groups}]`,
    );
  }
  const window = windowGeometry(op, [h, w], {
    window: [r, s],
    strides: pair(op, 'strides', options.strides ?? 1),
    dilation: pair(op, 'dilationRate', options.dilationRate ?? 1),
    padding: options.padding ?? 'valid',
  });
  return { ...window, groups };
}

/** The geometry alone, for the convolutions that are gradients. */
export function convAttrs({
  activation: _,
  ...attrs
}: ConvAttrs & { activation?: FusedActivation; shape?: Shape }): ConvAttrs {
  return attrs;
}

/** Refuses a bias that is not one number for each output channel. */
export function checkBias(op: string, bias: Tensor, dtype: DType, channels: number): void {
  requireTensors(op, { bias });
  if (bias.rank === 1 && bias.shape[0] === channels && bias.dtype === dtype) return;
  throw new ShapeError(`${op}: the bias must be ${dtype} [${channels}], got ${bias.dtype} ${formatShape(bias.shape)}`);
}

/** The gradient of a convolution by its input, as an operation of its own: what a transposed convolution is. */
export function convolveBack(dy: Tensor, kernel: Tensor, attrs: ConvAttrs, shape: Shape): Tensor {
  return applyOne(gradInputOp, [dy, kernel], { ...attrs, shape });
}
