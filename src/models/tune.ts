// Measures the kernels of a training step, or of any function on tensors, before it is run.
import type { Spec } from '../backend/backend.ts';
import { tracedResults } from '../compile/compile.ts';
import { prepare } from '../compile/replay.ts';
import { trace } from '../compile/trace.ts';
import { currentBackend } from '../engine/runtime.ts';
import { withoutDrawing } from '../engine/seed.ts';
import { ensureStarted } from '../engine/start.ts';
import { type TuningResult, tuneCalls } from '../engine/tuner.ts';
import { ValueError } from '../errors.ts';
import { kindOf, refuseUnknown, requireTensorList } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { batchSizeOption } from './checks.ts';
import { Model } from './model.ts';
import { requireTrainable, trainStep } from './step.ts';
import { stepSpecs } from './stepSpecs.ts';

export interface TuneOptions {
  /** Default: 32, as in `fit`. */
  readonly batchSize?: number;
}

/** What could be given to `compile`. */
export type TensorFunction = (...args: Tensor[]) => Tensor | readonly Tensor[];

/**
 * Measures on this adapter which way of each kernel of a training step is the fastest. What is prepared afterwards takes it,
 * in later runs of the program too. It takes seconds to minutes, and little where all is known already; weights and random
 * numbers stay as they are. The model must be compiled and know the shape of its input.
 */
export async function tune(model: Model, options?: TuneOptions): Promise<TuningResult>;
/** The same for a function that is made of tensor operations, such as one given to `compile`, on arguments of these shapes. */
export async function tune(fn: TensorFunction, args: readonly Tensor[]): Promise<TuningResult>;
export async function tune(
  target: Model | TensorFunction,
  second: TuneOptions | readonly Tensor[] = {},
): Promise<TuningResult> {
  if (target instanceof Model) return tuneModel(target, second);
  if (typeof target !== 'function')
    throw new ValueError(`tuner.tune: expected a model or a function on tensors, got ${kindOf(target)}`);
  if ('dispose' in target)
    throw new ValueError('tuner.tune: expected the function itself, got what compile made of it');
  requireTensorList('tuner.tune', 'the arguments', second);
  await ensureStarted();
  return tuneStep((...inputs) => tracedResults('tuner.tune', target(...inputs)), second as readonly Tensor[]);
}

async function tuneModel(model: Model, options: TuneOptions | readonly Tensor[]): Promise<TuningResult> {
  refuseUnknown('tuner.tune', options, ['batchSize']);
  const batchSize = batchSizeOption('tuner.tune', (options as TuneOptions).batchSize);
  const objective = model.objective('tuner.tune');
  await ensureStarted();
  const { xs, ys } = stepSpecs('tuner.tune', model, batchSize);
  requireTrainable('tuner.tune', model);
  objective.optimizer.build(model.trainableWeights.map(({ variable }) => variable));
  const step = (...all: Tensor[]) => {
    const { loss, sums } = trainStep(model, objective, { xs: all.slice(0, xs.length), ys: all.slice(xs.length) });
    return [loss, ...sums];
  };
  return tuneStep(step, [...xs, ...ys]);
}

async function tuneStep(
  step: (...inputs: Tensor[]) => readonly Tensor[],
  inputs: readonly Spec[],
): Promise<TuningResult> {
  if (!currentBackend().tuner) return tuneCalls([]);
  const executable = await prepare(withoutDrawing(() => trace(step, inputs)));
  try {
    return await tuneCalls(executable.calls);
  } finally {
    executable.dispose();
  }
}
