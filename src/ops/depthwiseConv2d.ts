import { ShapeError } from '../errors.ts';
import { refuseUnknown, requireTensors } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Conv2dOptions, convolve, requireImageAndKernel } from './conv2d.ts';
import { reshape } from './shape.ts';

/**
 * Convolves each channel of x [n, h, w, c] on its own with kernel [r, s, c, mult], giving [n, p, q, c * mult]: channel
 * c * mult + m of the result comes from channel c. A convolution with as many groups as channels.
 */
export function depthwiseConv2d(x: Tensor, kernel: Tensor, options: Omit<Conv2dOptions, 'groups'> = {}): Tensor {
  const op = 'depthwiseConv2d';
  requireTensors(op, { x, kernel });
  refuseUnknown(op, options, ['strides', 'padding', 'dilationRate', 'bias', 'activation']);
  requireImageAndKernel(op, x, kernel, 'r, s, c, mult');
  const [r, s, c, mult] = kernel.shape as [number, number, number, number];
  if (c !== x.shape[3] || mult === 0 || c === 0) {
    throw new ShapeError(
      `${op}: kernel ${formatShape(kernel.shape)} does not fit x ${formatShape(x.shape)}: it needs [r, s, ${x.shape[3]}, mult]`,
    );
  }
  return convolve(op, x, reshape(kernel, [r, s, 1, c * mult]), { ...options, groups: c });
}
