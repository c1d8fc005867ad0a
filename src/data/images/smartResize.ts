import { scope } from '../../engine/scope.ts';
import { ShapeError, ValueError } from '../../errors.ts';
import { resizeBilinear, resizeNearest } from '../../ops/resize2d.ts';
import { reshape } from '../../ops/shape.ts';
import { slice } from '../../ops/slice.ts';
import { type Pair, pair } from '../../ops/window.ts';
import { kindOf, refuseUnknown, requireTensors } from '../../tensor/options.ts';
import { formatShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { cropTo } from './crop.ts';

export interface SmartResizeOptions {
  /** 'bilinear' (default) or 'nearest'. */
  readonly interpolation?: ResizeInterpolation;
}

export type ResizeInterpolation = 'bilinear' | 'nearest';

/**
 * x [h, w, c] or [n, h, w, c] at another size without stretching it: the largest part of the target's proportions, cut from
 * the middle, is resized (centres of pixels at halves, no antialiasing). Floats.
 */
export function smartResize(x: Tensor, size: Pair, options: SmartResizeOptions = {}): Tensor {
  requireTensors('smartResize', { x });
  refuseUnknown('smartResize', options, ['interpolation']);
  const resize = resizeOption('smartResize', options.interpolation);
  const target = pair('smartResize', 'size', size);
  if ((x.rank !== 3 && x.rank !== 4) || x.size === 0)
    throw new ShapeError(`smartResize: x must be [h, w, c] or [n, h, w, c] with pixels, got ${formatShape(x.shape)}`);
  return scope(() => {
    const [n, h, w, c] = (x.rank === 3 ? [1, ...x.shape] : x.shape) as [number, number, number, number];
    const { top, left, height, width } = cropTo({ height: h, width: w }, target);
    const part = slice(reshape(x, [n, h, w, c]), [0, top, left, 0], [n, height, width, c]);
    const resized = resize(part, target);
    return x.rank === 3 ? reshape(resized, [...target, c]) : resized;
  });
}

/** The operation of an interpolation. */
export function resizeOption(who: string, interpolation: unknown = 'bilinear'): typeof resizeBilinear {
  const name = typeof interpolation === 'string' ? interpolation.toLowerCase() : interpolation;
  if (name === 'bilinear') return resizeBilinear;
  if (name === 'nearest') return resizeNearest;
  throw new ValueError(`${who}: interpolation must be 'bilinear' or 'nearest', got ${kindOf(interpolation)}`);
}
