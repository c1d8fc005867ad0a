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
const TORCH_MEANS = [0.485, 0.456, 0.406];
const TORCH_DEVIATIONS = [0.229, 0.224, 0.225];

/** Blue, green, red, each less its mean over imagenet: ResNet50. Images [..., 3]. */
export function preprocessCaffe(x: Tensor): Tensor {
  return sub(flip(pixels(x), -1), channels(CAFFE_MEANS));
}

/** -1 to 1: MobileNetV2. */
export function preprocessTf(x: Tensor): Tensor {
  return sub(div(pixels(x), 127.5), 1);
}

/** 0 to 1, less mean, by deviation. */
export function preprocessTorch(x: Tensor): Tensor {
  return div(sub(div(pixels(x), 255), channels(TORCH_MEANS)), channels(TORCH_DEVIATIONS));
}

function pixels(x: Tensor): Tensor {
  requireTensors('preprocessInput', { x });
  if (x.shape.at(-1) !== 3)
    throw new ValueError(`preprocessInput: needs images [..., 3] of red, green and blue, got ${formatShape(x.shape)}`);
  return cast(x, floatDType());
}

function channels(values: readonly number[]): Tensor {
  return tensor(values, [3], floatDType());
}
