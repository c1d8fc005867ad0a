// Every operation is also a method of its first argument, as are backward() and stopGradient(). Attached here: a tensor itself knows no operation.
import { backward } from '../autograd/backward.ts';
import { stopGradient } from '../autograd/grad.ts';
import { Tensor } from '../tensor/tensor.ts';
import { clip, elu, gelu, hardSigmoid, leakyRelu, mish, relu6, selu, silu, softsign } from './activations.ts';
import { tile } from './concat.ts';
import { conv2d } from './conv2d.ts';
import { conv2dTranspose } from './conv2dTranspose.ts';
import { clone } from './create.ts';
import { depthwiseConv2d } from './depthwiseConv2d.ts';
import { dropout } from './dropout.ts';
import {
  abs,
  add,
  cast,
  ceil,
  cos,
  div,
  equal,
  erf,
  exp,
  floor,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  pow,
  relu,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  square,
  sub,
  tanh,
  where,
} from './elementwise.ts';
import { gather, gatherRows, oneHot } from './indexing.ts';
import { dot, matmul } from './matmul.ts';
import { batchNorm, batchNormTraining, layerNorm } from './normalize.ts';
import { avgPool2d, globalAveragePool2d, globalMaxPool2d, maxPool2d } from './pool2d.ts';
import { argMax, argMin, logSumExp, max, mean, min, prod, std, sum, variance } from './reduce.ts';
import { resizeBilinear, resizeNearest, upSampling2d } from './resize2d.ts';
import { meanAbsoluteError, meanSquaredError, sigmoidCrossEntropy } from './rowLosses.ts';
import { broadcastTo, expandDims, flatten, reshape, squeeze, transpose } from './shape.ts';
import { flip, pad, slice } from './slice.ts';
import { logSoftmax, softmax, softmaxCrossEntropy } from './softmax.ts';

// biome-ignore format: a table
const methods = {
  neg, abs, exp, log, log1p, sqrt, rsqrt, square, sign, floor, ceil, round, sin, cos, tanh, sigmoid, erf,
  relu, softplus, logicalNot, cast, add, sub, mul, div, pow, maximum, minimum,
  equal, notEqual, greater, greaterEqual, less, lessEqual, logicalAnd, logicalOr, where,
  relu6, leakyRelu, elu, selu, hardSigmoid, softsign, silu, gelu, mish, clip,
  sum, mean, max, min, prod, variance, std, logSumExp, argMax, argMin,
  reshape, squeeze, expandDims, transpose, broadcastTo, flatten,
  clone, slice, pad, flip, tile, gather, gatherRows, oneHot, matmul, dot,
  conv2d, depthwiseConv2d, conv2dTranspose, maxPool2d, avgPool2d, globalAveragePool2d, globalMaxPool2d,
  upSampling2d, resizeBilinear, resizeNearest, batchNorm, batchNormTraining, layerNorm, dropout,
  softmax, logSoftmax, softmaxCrossEntropy, sigmoidCrossEntropy, meanSquaredError, meanAbsoluteError, backward, stopGradient,
};

type Methods = typeof methods;

/** A function without its first parameter. */
// biome-ignore lint/suspicious/noExplicitAny: the pattern of a parameter list needs it, and it never reaches a value
type Bound<F> = F extends (first: any, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;

declare module '../tensor/tensor.ts' {
  interface Tensor extends TensorMethods {}
}

export type TensorMethods = { [Name in keyof Methods]: Bound<Methods[Name]> };

for (const [name, method] of Object.entries(methods)) {
  Object.defineProperty(Tensor.prototype, name, {
    configurable: true,
    writable: true,
    value(this: Tensor, ...rest: never[]) {
      return (method as (first: Tensor, ...rest: never[]) => unknown)(this, ...rest);
    },
  });
}
