// The spatial arithmetic of convolution and pooling (Keras: "same" puts the odd cell at the bottom and right).
import type { Shape } from '../backend/backend.ts';
import type { WindowAttrs } from '../backend/kernels.ts';
import { ShapeError, ValueError } from '../errors.ts';
import { formatShape } from '../tensor/shape.ts';

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

/** [before, after] for each axis. */
function resolvePadding(
  op: string,
  input: Shape,
  { window, strides, dilation, padding }: WindowOptions,
): [number, number][] {
  if (typeof padding !== 'string') {
    const good =
      Array.isArray(padding) &&
      padding.length === 2 &&
      padding.every(
        (side) =>
          Array.isArray(side) && side.length === 2 && side.every((n: unknown) => Number.isInteger(n) && Number(n) >= 0),
      );
    if (!good)
      throw new ValueError(
        `${op}: padding must be 'valid', 'same' or [[top, bottom], [left, right]] of whole numbers, got ${JSON.stringify(padding)}`,
      );
    return padding.map((side) => [side[0]!, side[1]!]);
  }
  switch (padding.toLowerCase()) {
    case 'valid':
      return [
        [0, 0],
        [0, 0],
      ];
    case 'same':
      return [0, 1].map((axis) => {
        const stride = strides[axis]!;
        const extent = (window[axis]! - 1) * dilation[axis]! + 1;
        const total = Math.max((Math.ceil(input[axis]! / stride) - 1) * stride + extent - input[axis]!, 0);
        return [Math.floor(total / 2), total - Math.floor(total / 2)];
      });
    default:
      throw new ValueError(
        `${op}: padding must be 'valid', 'same' or [[top, bottom], [left, right]], got ${JSON.stringify(padding)}`,
      );
  }
}
