// Transposed convolution: the gradient of a convolution by its input, used forwards. Where conv2d reads a window of x for
// each cell of y, this adds a window to y for each cell of x:
//
//   y[n, p*strideH + r*dilationH - padTop, ...columns likewise, k] += x[n, p, q, c] * kernel[r, s, k, c]
import type { ConvAttrs } from '../backend/kernels.ts';
import { ShapeError } from '../errors.ts';
import { refuseUnknown, requireTensors, wholeNumber } from '../tensor/options.ts';
import { checkShape, formatShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { activate, activationName } from './activations.ts';
import { type Conv2dOptions, checkBias, convolveBack, requireImageAndKernel } from './conv2d.ts';
import { add } from './elementwise.ts';
import { explicitPadding, type Pair, pair } from './window.ts';

export interface Conv2dTransposeOptions extends Conv2dOptions {
  /** Rows and columns added at the bottom and right of the result. Default 0. */
  readonly outputPadding?: Pair;
}

/**
 * x [n, h, w, c] with kernel [r, s, k / groups, c], giving [n, p, q, k]. With e = (r - 1) * dilation + 1 the result has
 * p = (h - 1) * stride + max(e, stride) rows for `valid`, h * stride for `same` (both as Keras), and
 * (h - 1) * stride + e - top - bottom for explicit padding (as ONNX and PyTorch); outputPadding adds to each.
 */
export function conv2dTranspose(x: Tensor, kernel: Tensor, options: Conv2dTransposeOptions = {}): Tensor {
  const op = 'conv2dTranspose';
  requireTensors(op, { x, kernel });
  const known = ['strides', 'padding', 'dilationRate', 'groups', 'bias', 'activation', 'outputPadding'];
  refuseUnknown(op, options, known);
  const activation = activationName(op, options.activation);
  requireImageAndKernel(op, x, kernel, 'r, s, k / groups, c');
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const [, , perGroup, inputs] = kernel.shape as [number, number, number, number];
  const groups = wholeNumber(op, 'groups', options.groups ?? 1, 1);
  if (inputs !== c || c % groups !== 0 || sizeOf(kernel.shape) === 0 || h === 0 || w === 0) {
    throw new ShapeError(
      `${op}: kernel ${formatShape(kernel.shape)} with ${groups} group(s) does not fit x ${formatShape(x.shape)}: ` +
        `it needs [r, s, k / groups, ${c}], and groups that divide ${c}`,
    );
  }
  const k = perGroup * groups;
  if (options.bias !== undefined) checkBias(op, options.bias, kernel.dtype, k);
  const { attrs, rows, columns } = geometry(op, x, kernel, options, groups);
  const shape = [n, rows, columns, k];
  checkShape(op, shape);
  const y = convolveBack(x, kernel, attrs, shape);
  return activate(options.bias ? add(y, options.bias) : y, activation);
}

interface Axis {
  readonly length: number;
  readonly before: number;
}

function geometry(op: string, x: Tensor, kernel: Tensor, options: Conv2dTransposeOptions, groups: number) {
  const strides = pair(op, 'strides', options.strides ?? 1);
  const dilation = pair(op, 'dilationRate', options.dilationRate ?? 1);
  const added = pair(op, 'outputPadding', options.outputPadding ?? 0, 0);
  const padding = explicitPadding(op, options.padding ?? 'valid');
  const [height, width] = [0, 1].map((axis): Axis => {
    const inputs = x.shape[axis + 1]!;
    const stride = strides[axis]!;
    const extent = (kernel.shape[axis]! - 1) * dilation[axis]! + 1;
    const { length, before } = reach(inputs, extent, stride, padding, axis);
    if (length + added[axis]! >= 1) return { length: length + added[axis]!, before };
    throw new ShapeError(
      `${op}: padding ${JSON.stringify(options.padding)} leaves nothing of a ${axis === 0 ? 'height' : 'width'} of ${(inputs - 1) * stride + extent}`,
    );
  }) as [Axis, Axis];
  const attrs: ConvAttrs = {
    p: x.shape[1]!,
    q: x.shape[2]!,
    strideH: strides[0],
    strideW: strides[1],
    dilationH: dilation[0],
    dilationW: dilation[1],
    padTop: height.before,
    padLeft: width.before,
    groups,
  };
  return { attrs, rows: height.length, columns: width.length };
}

/** How far the result reaches along an axis, and how much of its beginning is cut off. */
function reach(
  inputs: number,
  extent: number,
  stride: number,
  padding: ReturnType<typeof explicitPadding>,
  axis: number,
): Axis {
  if (padding === 'valid') return { length: (inputs - 1) * stride + Math.max(extent, stride), before: 0 };
  if (padding === 'same') return { length: inputs * stride, before: Math.floor(Math.max(extent - stride, 0) / 2) };
  const [before, after] = padding[axis]!;
  return { length: (inputs - 1) * stride + extent - before - after, before };
}
