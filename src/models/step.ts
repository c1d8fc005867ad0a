// What one step of training, testing or predicting is: a function on a batch that `fit` records once and replays.
import { gradients } from '../autograd/backward.ts';
import { floatDType } from '../engine/runtime.ts';
import type { Variable } from '../engine/variable.ts';
import { ValueError } from '../errors.ts';
import type { CallOptions, Weight } from '../layers/layer.ts';
import { reduceLoss } from '../losses/reduction.ts';
import { full } from '../ops/create.ts';
import { add, cast, mul } from '../ops/elementwise.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Objective } from './objective.ts';

/** What a step needs to know of a compiled model. */
export interface StepModel {
  run(xs: readonly Tensor[], options: CallOptions): readonly Tensor[];
  readonly trainableWeights: readonly Weight[];
}

/** A batch with its targets, one for each input and output; `weights` holds one number for each sample, for all outputs or for each. */
export interface TargetBatch {
  readonly xs: readonly Tensor[];
  readonly ys: readonly Tensor[];
  readonly weights?: readonly Tensor[];
}

export interface StepResult {
  /** The mean over the batch with all penalties, a scalar. */
  readonly loss: Tensor;
  /** What each tracker adds to its sums. */
  readonly sums: readonly Tensor[];
}

/** Forward, loss, gradients, update, constraints: loss and metrics are those from before the update, of the same predictions. */
export function trainStep(model: StepModel, objective: Objective, batch: TargetBatch): StepResult {
  const result = evaluateBatch(model, objective, batch, true);
  const trained = model.trainableWeights;
  const variables = trained.map(({ variable }) => variable);
  const found = gradients(objective.optimizer.scaleLoss(result.loss), variables);
  if (found.every((gradient) => !gradient))
    throw new ValueError('the loss depends on none of the trainable weights: nothing would be learned');
  objective.optimizer.apply(variables.map((variable, i) => [found[i] ?? zerosLike(variable), variable] as const));
  for (const { constraint, variable } of trained) if (constraint) variable.assign(constraint(variable));
  return result;
}

/** The same without training. */
export function testStep(model: StepModel, objective: Objective, batch: TargetBatch): StepResult {
  return evaluateBatch(model, objective, batch, false);
}

/** Predictions for one batch. */
export function predictStep(model: StepModel, xs: readonly Tensor[]): readonly Tensor[] {
  return model.run(xs.map(asFloat), {});
}

function evaluateBatch(
  model: StepModel,
  { outputs, trackers }: Objective,
  { xs, ys, weights: given = [] }: TargetBatch,
  training: boolean,
): StepResult {
  const penalties: Tensor[] = [];
  const yPreds = model.run(xs.map(asFloat), { training, addLoss: (penalty) => penalties.push(penalty) });
  for (const { regularizer, variable } of model.trainableWeights)
    if (regularizer) penalties.push(regularizer(variable));
  const weights = outputs.map((_, i) => given[given.length > 1 ? i : 0] ?? null);
  const losses = outputs.map(
    ({ loss }, i) => loss && reduceLoss(loss(ys[i]!, yPreds[i]!), weights[i]!, loss.reduction),
  );
  const counted = losses.flatMap((loss, i) => (loss ? [times(loss, outputs[i]!.weight)] : []));
  const judged = { ys, yPreds, losses, weights, rows: xs[0]!.shape[0]! };
  return {
    loss: [...counted, ...penalties].reduce((total, part) => add(total, part)),
    sums: trackers.map((tracker) => tracker.sums(judged)),
  };
}

function times(loss: Tensor, weight: number): Tensor {
  return weight === 1 ? loss : mul(loss, weight);
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
