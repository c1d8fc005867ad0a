// Every operation is also a method of its first argument, as is backward(). Attached here: a tensor itself knows no operation.
import { backward } from '../autograd/backward.ts';
import { Tensor } from '../tensor/tensor.ts';
import * as activations from './activations.ts';
import { conv2d } from './conv2d.ts';
import { clone } from './create.ts';
import * as elementwise from './elementwise.ts';
import { gatherRows, oneHot } from './indexing.ts';
import { dot, matmul } from './matmul.ts';
import { maxPool2d } from './pool2d.ts';
import * as reductions from './reduce.ts';
import * as shapes from './shape.ts';
import { logSoftmax, softmax, softmaxCrossEntropy } from './softmax.ts';

const { relu6, leakyRelu, elu, selu, hardSigmoid, softsign, silu, gelu, mish, clip } = activations;
const { neg, abs, exp, log, log1p, sqrt, rsqrt, square, sign, floor, ceil, round, sin, cos, tanh, sigmoid, erf } =
  elementwise;
const { relu, softplus, logicalNot, cast, add, sub, mul, div, pow, maximum, minimum } = elementwise;
const { equal, notEqual, greater, greaterEqual, less, lessEqual, logicalAnd, logicalOr, where } = elementwise;
const { sum, mean, max, min, prod, variance, logSumExp, argMax, argMin } = reductions;
const { reshape, squeeze, expandDims, transpose, broadcastTo, flatten } = shapes;

// biome-ignore format: a table
const methods = {
  neg, abs, exp, log, log1p, sqrt, rsqrt, square, sign, floor, ceil, round, sin, cos, tanh, sigmoid, erf,
  relu, softplus, logicalNot, cast, add, sub, mul, div, pow, maximum, minimum,
  equal, notEqual, greater, greaterEqual, less, lessEqual, logicalAnd, logicalOr, where,
  relu6, leakyRelu, elu, selu, hardSigmoid, softsign, silu, gelu, mish, clip,
  sum, mean, max, min, prod, variance, logSumExp, argMax, argMin,
  reshape, squeeze, expandDims, transpose, broadcastTo, flatten,
  clone, matmul, dot, conv2d, maxPool2d, gatherRows, oneHot, softmax, logSoftmax, softmaxCrossEntropy, backward,
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
