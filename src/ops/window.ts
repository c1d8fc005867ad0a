// The spatial arithmetic of convolution and pooling (Keras: "same" puts the odd cell at the bottom and right).
import type { Shape } from '../backend/backend.ts';
import type { WindowAttrs } from '../backend/kernels.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { requireFloat } from '../tensor/dtype.ts';
import { requireTensors } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Refuses what is no float image [n, h, w, c]. */
export function requireImage(op: string, x: Tensor): void {
  requireTensors(op, { x });
  requireFloat(op, x.dtype);
  if (x.rank !== 4) throw new ShapeError(`${op}: x must be [n, h, w, c], got ${formatShape(x.shape)}`);
}

/** A number for both axes, or [height, width]. */
export type Pair = number | readonly [number, number] | readonly number[];

/** `valid`, `same` (any case), or explicit [[top, bottom], [left, right]]. */
export type Padding = string | readonly (readonly number[])[];

/** Height and width, whole numbers of at least `least`. */
export function pair(op: string, name: string, value: Pair, least = 1): [number, number] {
  const list = typeof value === 'number' ? [value, value] : value;
  const good = Array.isArray(list) && list.length === 2 && list.every((n) => Number.isInteger(n) && n >= least);
  if (!good)
    throw new ValueError(
      `${op}: ${name} must be a whole number of at least ${least} or two of them, got ${JSON.stringify(value) ?? typeof value}`,
    );
  return [list[0]!, list[1]!];
}

export interface WindowOptions {
  readonly window: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padding: Padding;
}

/** Where the windows lie on an input of h x w. A ShapeError when not one fits. */
export function windowGeometry(op: string, input: readonly [number, number], options: WindowOptions): WindowAttrs {
  const { window, strides, dilation } = options;
  const pads = resolvePadding(op, input, options);
  const [p, q] = [0, 1].map((axis) => {
    const extent = (window[axis]! - 1) * dilation[axis]! + 1;
    const padded = input[axis]! + pads[axis]![0] + pads[axis]![1];
    const length = Math.floor((padded - extent) / strides[axis]!) + 1;
    if (length >= 1) return length;
    throw new ShapeError(
      `${op}: a window of ${formatShape(window)} (dilation ${formatShape(dilation)}) does not fit an input of ${formatShape(input)} ` +
        `with padding ${JSON.stringify(options.padding)}: the ${axis === 0 ? 'height' : 'width'} needs ${extent}, has ${padded}`,
    );
  });
  return {
    p: p!,
    q: q!,
    strideH: strides[0],
    strideW: strides[1],
    dilationH: dilation[0],
    dilationW: dilation[1],
    padTop: pads[0]![0],
    padLeft: pads[1]![0],
  };
}

type Sides = readonly [before: number, after: number];

/** Padding that is what it may be: a word in lower case, or [before, after] for each axis. */
export function explicitPadding(op: string, padding: Padding): 'valid' | 'same' | readonly [Sides, Sides] {
  const isSide = (side: unknown): side is Sides =>
    Array.isArray(side) && side.length === 2 && side.every((n) => Number.isInteger(n) && n >= 0);
  if (typeof padding === 'string') {
    const word = padding.toLowerCase();
    if (word === 'valid' || word === 'same') return word;
  } else if (Array.isArray(padding) && padding.length === 2) {
    const [rows, columns]: unknown[] = padding;
    if (isSide(rows) && isSide(columns)) return [rows, columns];
  }
  throw new ValueError(
    `${op}: padding must be 'valid', 'same' or [[top, bottom], [left, right]] of whole numbers, got ${JSON.stringify(padding)}`,
  );
}

function resolvePadding(
  op: string,
  input: Shape,
  { window, strides, dilation, padding }: WindowOptions,
): readonly [Sides, Sides] {
  const given = explicitPadding(op, padding);
  if (typeof given !== 'string') return given;
  const sides = (axis: number): Sides => {
    if (given === 'valid') return [0, 0];
    const stride = strides[axis]!;
    const extent = (window[axis]! - 1) * dilation[axis]! + 1;
    const total = Math.max((Math.ceil(input[axis]! / stride) - 1) * stride + extent - input[axis]!, 0);
    return [Math.floor(total / 2), total - Math.floor(total / 2)];
  };
  return [sides(0), sides(1)];
}
