// Activation functions by their Keras names.
import type { FusedActivation } from '../backend/kernels.ts';
import { ValueError } from '../errors.ts';
import { snakeCase } from '../tensor/names.ts';
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
import { logSoftmax, softmax } from './softmax.ts';

/** min(max(x, 0), 6) */
export const relu6 = (x: Tensor) => minimum(relu(x), 6);
/** x where positive, else slope · x. */
export const leakyRelu = (x: Tensor, slope = 0.2) => where(greater(x, 0), x, mul(x, slope));
/** x where positive, else alpha (eˣ − 1). */
export const elu = (x: Tensor, alpha = 1) => where(greater(x, 0), x, mul(sub(exp(minimum(x, 0)), 1), alpha));
/** elu with the constants under which activations normalise themselves (Klambauer et al. 2017). */
export const selu = (x: Tensor) => mul(elu(x, 1.67326324235438), 1.05070098735548);
/** clip(x / 6 + 0.5, 0, 1) */
export const hardSigmoid = (x: Tensor) => minimum(maximum(add(div(x, 6), 0.5), 0), 1);
/** x / (1 + |x|) */
export const softsign = (x: Tensor) => div(x, add(abs(x), 1));
/** x · sigmoid(x) */
export const silu = (x: Tensor) => mul(x, sigmoid(x));
/** x · Φ(x), exact or by the tanh approximation (Hendrycks and Gimpel 2016). */
export const gelu = (x: Tensor, approximate = false) =>
  approximate
    ? mul(mul(x, 0.5), add(tanh(mul(add(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI))), 1))
    : mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
/** x · tanh(softplus(x)) */
export const mish = (x: Tensor) => mul(x, tanh(softplus(x)));
/** x between low and high; gradient 1 inside, 0 outside. */
export const clip = (x: Tensor, low: number, high: number) => minimum(maximum(x, low), high);

const activations = {
  linear: (x: Tensor) => x,
  relu,
  relu6,
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
  gelu: (x: Tensor) => gelu(x),
  mish,
  softmax: (x: Tensor) => softmax(x),
  log_softmax: (x: Tensor) => logSoftmax(x),
};

/** Keras' names of activations. */
export type ActivationName = keyof typeof activations;

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
