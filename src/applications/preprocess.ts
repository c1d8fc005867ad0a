// How images of 0 to 255, RGB, become what a network was trained on. https://keras.io/api/applications

import { floatDType } from '../engine/runtime.ts';
import { ValueError } from '../errors.ts';
import { tensor } from '../ops/create.ts';
import { cast, div, sub } from '../ops/elementwise.ts';
import { flip } from '../ops/slice.ts';
import { requireTensors } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** The means of imagenet's blue, green and red. */
const CAFFE_MEANS = [103.939, 116.779, 123.68];

/** Blue, green, red, each less its mean over imagenet: ResNet50. Images [..., 3]. */
export function preprocessCaffe(x: Tensor): Tensor {
  return sub(flip(pixels(x), -1), tensor(CAFFE_MEANS, [3], floatDType()));
}

/** -1 to 1: MobileNetV2. */
export function preprocessTf(x: Tensor): Tensor {
  return sub(div(pixels(x), 127.5), 1);
}

function pixels(x: Tensor): Tensor {
  requireTensors('preprocessInput', { x });
  if (x.shape.at(-1) !== 3)
    throw new ValueError(`preprocessInput: needs images [..., 3] of red, green and blue, got ${formatShape(x.shape)}`);
  return cast(x, floatDType());
}
