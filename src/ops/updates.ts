// What an optimizer does to all its variables at once. Variables, slots and gradients lie in flat tensors of one layout,
// so a step is one dispatch however many layers a model has. The step counter and the learning rate are tensors too:
// nothing that changes from step to step is part of the operation.
import type { KernelAttrs } from '../backend/kernels.ts';
import { apply, applyOne } from '../engine/execute.ts';
import { defineOp, elementBytes, type OpDefinition } from '../engine/op.ts';
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

/** The kernels that update all variables of an optimizer; what each computes and its slots stand in backend/optimizerKernels.ts. */
export type UpdateKernel = 'adam' | 'amsgrad' | 'sgd' | 'rmsprop' | 'adagrad' | 'adamax' | 'nadam';

const updateOps: { readonly [K in UpdateKernel]: OpDefinition<K> } = {
  adam: updateOp('adam', 2, 12),
  amsgrad: updateOp('amsgrad', 3, 12),
  sgd: updateOp('sgd', 1, 4),
  rmsprop: updateOp('rmsprop', 3, 9),
  adagrad: updateOp('adagrad', 1, 7),
  adamax: updateOp('adamax', 2, 8),
  nadam: updateOp('nadam', 3, 15),
};

/** `flops` for each parameter. */
function updateOp<K extends UpdateKernel>(kernel: K, slots: number, flops: number): OpDefinition<K> {
  const mutates = Array.from({ length: slots + 1 }, (_, i) => i);
  return defineOp({
    name: kernel,
    kernel,
    mutates,
    infer: () => [],
    gradient: 'not differentiable',
    flops: ([parameters]) => flops * sizeOf(parameters!.shape),
    // what is overwritten is read before
    bytes: (inputs) => inputs.reduce((sum, spec, i) => sum + elementBytes(spec) * (i <= slots ? 2 : 1), 0),
  });
}

/** What an update reads and writes. */
export interface UpdateOperands {
  readonly parameters: Tensor;
  /** In the order of the kernel; one that the attributes switch off may have any size. */
  readonly slots: readonly Tensor[];
  readonly gradient: Tensor;
  /** int32, one number: calls before this one. */
  readonly iteration: Tensor;
  /** One number. */
  readonly learningRate: Tensor;
}

/** One update of all variables in place. */
export function updateBy<K extends UpdateKernel>(kernel: K, operands: UpdateOperands, attrs: KernelAttrs[K]): void {
  const { parameters, slots, gradient, iteration, learningRate } = operands;
  apply(updateOps[kernel], [parameters, ...slots, gradient, iteration, learningRate], attrs);
}

const accumulateGradientOp = defineOp({
  name: 'accumulateGradient',
  kernel: 'accumulateGradient',
  mutates: [0],
  infer: () => [],
  gradient: 'not differentiable',
  flops: ([sum]) => sizeOf(sum!.shape),
  bytes: ([sum]) => 3 * elementBytes(sum!),
});

/** sum += gradient in place, and 0 at the end of each window of `every` calls; iteration (int32, one number) counts those before. */
export function accumulateGradient(sum: Tensor, gradient: Tensor, iteration: Tensor, every: number): void {
  apply(accumulateGradientOp, [sum, gradient, iteration], { every });
}

const clipNormOp = defineOp({
  name: 'clipNorm',
  kernel: 'clipNorm',
  infer: ([gradient]) => [gradient!],
  gradient: 'not differentiable',
  flops: ([gradient]) => 3 * sizeOf(gradient!.shape),
  // once for the norm, once to be scaled
  bytes: ([gradient]) => 3 * elementBytes(gradient!),
});

/** A flat gradient with each part, or all together, scaled down to a norm of at most `limit`. */
export function clipNorm(gradient: Tensor, attrs: KernelAttrs['clipNorm']): Tensor {
  return applyOne(clipNormOp, [gradient], attrs);
}

const movingAverageOp = defineOp({
  name: 'movingAverage',
  kernel: 'movingAverage',
  mutates: [0, 1],
  infer: () => [],
  gradient: 'not differentiable',
  flops: ([average]) => 3 * sizeOf(average!.shape),
  bytes: ([average], _, { overwrite }) => (overwrite > 0 ? 4 : 3) * elementBytes(average!),
});

/** average = momentum * average + (1 - momentum) * parameters in place; where it is due the parameters become the average. */
export function movingAverage(
  average: Tensor,
  parameters: Tensor,
  iteration: Tensor,
  attrs: KernelAttrs['movingAverage'],
): void {
  apply(movingAverageOp, [average, parameters, iteration], attrs);
}
