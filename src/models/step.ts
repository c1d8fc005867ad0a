// What one step of training, testing or predicting is: a function on a batch that `fit` records once and replays.
import { gradients } from '../autograd/backward.ts';
import { floatDType } from '../engine/runtime.ts';
import type { Variable } from '../engine/variable.ts';
import { ValueError } from '../errors.ts';
import type { Weight } from '../layers/layer.ts';
import type { Loss } from '../losses/losses.ts';
import { MeanMetric } from '../metrics/meanMetric.ts';
import type { Metric } from '../metrics/metrics.ts';
import { full } from '../ops/create.ts';
import { add, cast } from '../ops/elementwise.ts';
import { mean } from '../ops/reduce.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** What a step needs to know of a compiled model. */
export interface StepModel {
  forward(x: Tensor, training: boolean): Tensor;
  readonly trainableWeights: readonly Weight[];
}

export interface Objective {
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  readonly metrics: readonly Metric[];
}

/** Forward, loss, gradients, update: the means of loss and metrics over the batch, all from the same predictions. */
export function trainStep(model: StepModel, { optimizer, ...rest }: Objective, x: Tensor, y: Tensor): Tensor[] {
  const { means, loss } = evaluateBatch(model, rest, x, y, true);
  const variables = model.trainableWeights.map(({ variable }) => variable);
  const found = gradients(loss, variables);
  optimizer.apply(variables.map((variable, i) => [found[i] ?? zerosLike(variable), variable] as const));
  return means;
}

/** The same without training. */
export function testStep(model: StepModel, objective: Omit<Objective, 'optimizer'>, x: Tensor, y: Tensor): Tensor[] {
  return evaluateBatch(model, objective, x, y, false).means;
}

/** Predictions for one batch. */
export function predictStep(model: StepModel, x: Tensor): Tensor {
  return model.forward(asFloat(x), false);
}

function evaluateBatch(
  model: StepModel,
  { loss, metrics }: Omit<Objective, 'optimizer'>,
  x: Tensor,
  y: Tensor,
  training: boolean,
) {
  const yPred = model.forward(asFloat(x), training);
  const total = withPenalties(mean(loss(y, yPred)), model);
  return { loss: total, means: [total, ...metrics.map((metric) => meanOf(metric, y, yPred))] };
}

function meanOf(metric: Metric, y: Tensor, yPred: Tensor): Tensor {
  if (metric instanceof MeanMetric) return mean(metric.compute(y, yPred));
  throw new ValueError(`${metric.name}: a step keeps means only`);
}

function withPenalties(loss: Tensor, model: StepModel): Tensor {
  const penalties = model.trainableWeights.flatMap(({ regularizer, variable }) =>
    regularizer ? [regularizer(variable)] : [],
  );
  return penalties.reduce((total, penalty) => add(total, penalty), loss);
}

/** Images may stay bytes until a batch of them is used. */
function asFloat(x: Tensor): Tensor {
  return isFloat(x.dtype) ? x : cast(x, floatDType());
}

function zerosLike(variable: Variable): Tensor {
  return full(variable.shape, 0, variable.dtype);
}

/** Freezes everything: a clear word instead of an optimizer with nothing to do. */
export function requireTrainable(who: string, model: StepModel): void {
  if (model.trainableWeights.length === 0) {
    throw new ValueError(`${who}: the model has no trainable weights; set trainable = true on a layer that has some`);
  }
}
