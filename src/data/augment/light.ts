// What changes the values of pictures and not their places. Each picture has a number of its own, [n, 1, 1, 1].
import { clip } from '../../ops/activations.ts';
import {
  add,
  div,
  equal,
  floor,
  greater,
  less,
  lessEqual,
  logicalOr,
  maximum,
  minimum,
  mul,
  sub,
  where,
} from '../../ops/elementwise.ts';
import { max, min } from '../../ops/reduce.ts';
import type { Tensor } from '../../tensor/tensor.ts';

const picture = [1, 2, 3];

/** x + shift, within the least and the greatest value of the whole picture. */
export function channelShifted(x: Tensor, shift: Tensor): Tensor {
  const [low, high] = [min(x, picture, true), max(x, picture, true)];
  return minimum(maximum(add(x, shift), low), high);
}

/**
 * x times factor, cut off at 255, or at 1 where no value of the picture is above 1, unless these were bytes. Pictures with values
 * outside 0 ... 255 get lighter from their least value on, and no lighter than their greatest.
 */
export function brightened(x: Tensor, factor: Tensor, wereBytes: boolean): Tensor {
  if (wereBytes) return clip(mul(x, factor), 0, 255);
  const { low, high, isOutside } = rangeOf(x);
  const base = where(isOutside, low, 0);
  const most = where(isOutside, sub(high, low), where(lessEqual(high, 1), 1, 255));
  return add(base, minimum(maximum(mul(sub(x, base), factor), 0), most));
}

/** The same as Keras has it, in whole numbers from 0 to 255. */
export function brightenedInBytes(x: Tensor, factor: Tensor): Tensor {
  const { low, high, isOutside } = rangeOf(x);
  const range = sub(high, low);
  // a picture of one value becomes 0
  const scale = where(isOutside, div(255, where(equal(range, 0), 1, range)), 1);
  const bytes = floor(mul(sub(x, where(isOutside, low, 0)), scale));
  const lit = floor(clip(mul(bytes, factor), 0, 255));
  return where(isOutside, add(mul(div(lit, 255), range), low), lit);
}

function rangeOf(x: Tensor) {
  const [low, high] = [min(x, picture, true), max(x, picture, true)];
  return { low, high, isOutside: logicalOr(less(low, 0), greater(high, 255)) };
}
