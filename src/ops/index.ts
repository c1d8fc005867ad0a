export {
  type ActivationName,
  clip,
  elu,
  gelu,
  hardSigmoid,
  leakyRelu,
  mish,
  relu6,
  selu,
  silu,
  softsign,
} from './activations.ts';
export * from './concat.ts';
export { type Conv2dOptions, conv2d } from './conv2d.ts';
export * from './conv2dTranspose.ts';
export * from './create.ts';
export * from './depthwiseConv2d.ts';
export { dropout } from './dropout.ts';
export * from './elementwise.ts';
export * from './indexing.ts';
export * from './matmul.ts';
export * from './normalize.ts';
export * from './pool2d.ts';
export * from './reduce.ts';
export * from './resize2d.ts';
export * from './rowLosses.ts';
export * from './shape.ts';
export * from './slice.ts';
export * from './softmax.ts';
