// The kernels of optimizers, a part of the contract in kernels.ts. Variables, slots and gradients lie in flat tensors of one layout.
//
// An update takes [parameters, slots... (in place, all flat [n]), gradient [n], iteration int32 [1], learningRate [1]]. iteration is
// the number of calls before this one, t that of the update, from 1. A slot that the attributes switch off is left alone, and
// may have any size.

/** What every update of an optimizer has beside its own numbers. */
export interface UpdateAttrs {
  /** Only the last of so many calls is an update, the others do nothing: t = (iteration + 1) / every. Default 1. */
  readonly every?: number;
  /** Decoupled weight decay: first of all w -= w * decay * lr. Default 0. */
  readonly decay?: number;
  /** How many elements decay, from the first on: a multiple of 4. */
  readonly decayed?: number;
}

/** How fast the first and the second moment of the gradient fade, and what a division by 0 is kept away by. */
export interface MomentAttrs {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export interface OptimizerKernelAttrs {
  /** m, v: Adam as Keras does it (epsilon outside the bias correction). */
  adam: UpdateAttrs & MomentAttrs;
  /** m, v, top: Adam, with the largest v so far in the place of v. */
  amsgrad: UpdateAttrs & MomentAttrs;
  /** velocity: v = momentum * v - lr * g; w += v, or momentum * v - lr * g with Nesterov. Momentum 0 switches it off. */
  sgd: UpdateAttrs & { readonly momentum: number; readonly nesterov: boolean };
  /** square, speed (off: momentum 0), mean (off: not centered): w -= lr * g / sqrt(square - mean^2 + epsilon), with momentum. */
  rmsprop: UpdateAttrs & {
    readonly rho: number;
    readonly momentum: number;
    readonly epsilon: number;
    readonly centered: boolean;
  };
  /** total: total += g^2; w -= lr * g / sqrt(total + epsilon). */
  adagrad: UpdateAttrs & { readonly epsilon: number };
  /** m, top: Adam, with the largest |g| that fades by beta2 in the place of sqrt(v). */
  adamax: UpdateAttrs & MomentAttrs;
  /** m, v, product [1] (of the momenta so far, 1 at first): Adam with Nesterov's look ahead. */
  nadam: UpdateAttrs & MomentAttrs;

  /** [sum (in place), gradient (both [n]), iteration int32 [1]]: sum += gradient; 0 at the end of each window of `every` calls. */
  accumulateGradient: { readonly every: number };
  /**
   * [gradient [n]] -> [y [n]]: each part times min(1, limit / its norm), or all times that of the norm over all parts. Part i lies
   * from offsets[i] on, in rising order from 0; what lies behind its `sizes[i]` elements does not count, and is scaled with it.
   */
  clipNorm: {
    readonly limit: number;
    readonly together: boolean;
    readonly offsets: readonly number[];
    readonly sizes: readonly number[];
  };
  /**
   * [average, parameters (in place, both [n]), iteration int32 [1]]: average = momentum * average + (1 - momentum) * parameters, and the
   * parameters alone while no update is counted, k = floor(iteration / every). parameters = average when k + 1 is a multiple of
   * `overwrite`; never, when that is 0.
   */
  movingAverage: { readonly momentum: number; readonly every: number; readonly overwrite: number };
}

/** The inputs that each overwrites. */
export const overwrittenByOptimizers = {
  adam: [0, 1, 2],
  amsgrad: [0, 1, 2, 3],
  sgd: [0, 1],
  rmsprop: [0, 1, 2, 3],
  adagrad: [0, 1],
  adamax: [0, 1, 2],
  nadam: [0, 1, 2, 3],
  accumulateGradient: [0],
  movingAverage: [0, 1],
};
