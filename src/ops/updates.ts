// What an optimizer does to all its variables at once. Variables, slots and gradients lie in flat tensors of one layout,
// so a step is one dispatch however many layers a model has. The step counter and the learning rate are tensors too:
// nothing that changes from step to step is part of the operation.
import { apply, applyOne } from '../engine/execute.ts';
import { defineOp, elementBytes } from '../engine/op.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

const packOp = defineOp({
  name: 'pack',
  kernel: 'pack',
  places: ({ offsets }) => offsets,
  infer: ([first], { size }) => [{ shape: [size], dtype: first!.dtype }],
  gradient: 'not differentiable',
});

/** Tensors one after another in a flat one of `size` elements, each from its offset (in elements) on; gaps may hold anything. */
export function pack(tensors: readonly Tensor[], offsets: readonly number[], size: number): Tensor {
  return applyOne(packOp, tensors, { offsets, size });
}

const adamOp = defineOp({
  name: 'adam',
  kernel: 'adam',
  mutates: [0, 1, 2],
  infer: () => [],
  gradient: 'not differentiable',
  flops: ([parameters]) => 12 * sizeOf(parameters!.shape),
  // parameters, m and v are read and written, the gradient is read
  bytes: ([parameters]) => 7 * elementBytes(parameters!),
});

export interface AdamState {
  readonly parameters: Tensor;
  readonly m: Tensor;
  readonly v: Tensor;
  readonly gradient: Tensor;
  /** int32 [1]: updates done before this one. */
  readonly iteration: Tensor;
  /** [1] */
  readonly learningRate: Tensor;
}

/** One update of Adam in place, as Keras computes it: w -= lr sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon). */
export function adamUpdate(state: AdamState, attrs: { beta1: number; beta2: number; epsilon: number }): void {
  const { parameters, m, v, gradient, iteration, learningRate } = state;
  apply(adamOp, [parameters, m, v, gradient, iteration, learningRate], attrs);
}

const sgdOp = defineOp({
  name: 'sgd',
  kernel: 'sgd',
  mutates: [0, 1],
  infer: () => [],
  gradient: 'not differentiable',
  flops: ([parameters]) => 4 * sizeOf(parameters!.shape),
  // parameters and velocity are read and written, the gradient is read
  bytes: ([parameters]) => 5 * elementBytes(parameters!),
});

export interface SgdState {
  readonly parameters: Tensor;
  readonly velocity: Tensor;
  readonly gradient: Tensor;
  /** [1] */
  readonly learningRate: Tensor;
}

/** One update of SGD with momentum in place: velocity = momentum * velocity - lr * g; w += velocity. */
export function sgdUpdate(state: SgdState, attrs: { momentum: number; nesterov: boolean }): void {
  const { parameters, velocity, gradient, learningRate } = state;
  apply(sgdOp, [parameters, velocity, gradient, learningRate], attrs);
}
