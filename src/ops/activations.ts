// Activation functions by their Keras names.
import type { FusedActivation } from '../backend/kernels.ts';
import { ValueError } from '../errors.ts';
import { snakeCase } from '../tensor/names.ts';
import { finiteNumber, kindOf, truth } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import {
  abs,
  add,
  div,
  erf,
  exp,
  greater,
  maximum,
  minimum,
  mul,
  relu,
  sigmoid,
  softplus,
  sub,
  tanh,
  where,
} from './elementwise.ts';
import { asTensor, type Operand } from './operand.ts';
import { logSoftmax, softmax } from './softmax.ts';

/** A function of a tensor or a number, whose errors carry its own name and not that of a part. */
function activation<Options extends readonly unknown[]>(name: string, f: (x: Tensor, ...options: Options) => Tensor) {
  return (x: Operand, ...options: Options) => f(asTensor(name, x), ...options);
}

/** Above this 1 + x is x, and a GPU still divides by it. */
const FAR = 2 ** 100;

/** min(max(x, 0), 6) */
export const relu6 = activation('relu6', (x) => minimum(relu(x), 6));
/** x where positive, else slope · x. */
export const leakyRelu = activation('leakyRelu', (x, slope: number = 0.2) => {
  finiteNumber('leakyRelu', 'slope', slope);
  return where(greater(x, 0), x, mul(x, slope));
});
/** eˣ − 1 for x that are not positive, to the last digits near 0, where the difference itself has none left. */
function expm1(x: Tensor): Tensor {
  const t = tanh(mul(x, 0.5));
  return div(mul(t, 2), sub(1, t));
}

/** x where positive, else alpha (eˣ − 1). */
export const elu = activation('elu', (x, alpha: number = 1) => {
  finiteNumber('elu', 'alpha', alpha);
  return where(greater(x, 0), x, mul(expm1(minimum(x, 0)), alpha));
});
/** elu with the constants under which activations normalise themselves (Klambauer et al. 2017). */
export const selu = activation('selu', (x) => mul(elu(x, 1.67326324235438), 1.05070098735548));
/** clip(x / 6 + 0.5, 0, 1) */
export const hardSigmoid = activation('hardSigmoid', (x) => minimum(maximum(add(div(x, 6), 0.5), 0), 1));
/** x / (1 + |x|); ±1 at ±∞. */
export const softsign = activation('softsign', (x) => {
  // the quotient of infinities is NaN; far out the result is ±1 to the last bit
  const near = clip(x, -FAR, FAR);
  return div(near, add(abs(near), 1));
});
/** x · sigmoid(x); NaN at −∞, as the product −∞ · 0 is. */
export const silu = activation('silu', (x) => mul(x, sigmoid(x)));
/** x · Φ(x), exact or by the tanh approximation (Hendrycks and Gimpel 2016); NaN at −∞, as the product −∞ · 0 is. */
export const gelu = activation('gelu', (x, approximate: boolean = false) =>
  truth('gelu', 'approximate', approximate)
    ? mul(mul(x, 0.5), add(tanh(mul(add(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI))), 1))
    : mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1)),
);
/** x · tanh(softplus(x)); NaN at −∞, as the product −∞ · 0 is. */
export const mish = activation('mish', (x) => mul(x, tanh(softplus(x))));
/** x between low and high, NaN of NaN; gradient 1 inside, 0 outside. */
export const clip = activation('clip', (x, low: number, high: number) => {
  if (typeof low !== 'number' || typeof high !== 'number' || !(low <= high))
    throw new ValueError(
      `clip: low and high must be numbers, low not above high, got ${kindOf(low)} and ${kindOf(high)}`,
    );
  return minimum(maximum(x, low), high);
});

const hardSilu = (x: Tensor) => mul(x, hardSigmoid(x));

const activations = {
  linear: (x: Tensor) => x,
  relu,
  relu6: (x: Tensor) => relu6(x),
  leaky_relu: (x: Tensor) => leakyRelu(x),
  elu: (x: Tensor) => elu(x),
  selu,
  sigmoid,
  hard_sigmoid: hardSigmoid,
  tanh,
  exponential: exp,
  softsign,
  softplus,
  silu,
  swish: silu,
  hard_silu: hardSilu,
  hard_swish: hardSilu,
  gelu: (x: Tensor) => gelu(x),
  mish,
  softmax: (x: Tensor) => softmax(x),
  log_softmax: (x: Tensor) => logSoftmax(x),
};

/** Keras' names of activations. */
export type ActivationName = keyof typeof activations;

/** Whether there is an activation of that name, in Keras' spelling. */
export function isActivation(name: unknown): name is ActivationName {
  return typeof name === 'string' && Object.hasOwn(activations, name);
}

/** The activation of that name, in Keras' spelling or in camelCase; null and undefined mean linear. */
export function activationName(who: string, name: unknown): ActivationName {
  const found = typeof name === 'string' ? snakeCase(name) : (name ?? 'linear');
  if (isActivation(found)) return found;
  throw new ValueError(
    `${who}: unknown activation ${JSON.stringify(name)}; there are ${Object.keys(activations).join(', ')}`,
  );
}

/** Applies an activation by name. */
export function activate(x: Tensor, name: ActivationName): Tensor {
  return activations[name](x);
}

/** Whether matmul and convolution apply it while they write their result. */
export function isFused(name: ActivationName): name is FusedActivation {
  return name === 'linear' || name === 'relu';
}
