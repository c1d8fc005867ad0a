import type { Spec } from '../backend/backend.ts';
import { floatDType } from '../engine/runtime.ts';
import { ShapeError } from '../errors.ts';
import type { PartialShape } from '../layers/layer.ts';
import type { Loss } from '../losses/losses.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import type { Model } from './model.ts';

/**
 * What a training step of the model takes for a batch of that size: its images and its targets. The model is built for it.
 *
 * @throws ShapeError that begins with `who` when the model does not know the shape of its samples
 * @throws ValueError when it is not compiled
 */
export function stepSpecs(
  who: string,
  model: Model,
  batchSize: number,
): { readonly xs: readonly Spec[]; readonly ys: readonly Spec[] } {
  const { outputs } = model.objective(who);
  const whole = (shape: PartialShape | null) => [batchSize, ...known(who, model, shape?.slice(1) ?? null)];
  const inputs = model.inputShapes.map(whole);
  model.buildOn(inputs.map((shape) => ({ shape })));
  return {
    xs: inputs.map((shape) => ({ shape, dtype: floatDType() })),
    ys: model.resultShapes.map((shape, i) => targetSpec(who, whole(shape), outputs[i]?.loss ?? null)),
  };
}

/** Targets like the predictions, or integer classes in the place of one of their axes. */
function targetSpec(who: string, output: readonly number[], loss: Loss | null): Spec {
  const classes = loss?.classes;
  if (!classes) return { shape: output, dtype: floatDType() };
  const axis = normalizeAxis(who, classes.axis, output.length);
  return { shape: output.filter((_, d) => d !== axis), dtype: 'int32' };
}

/** The shape of one sample, without gaps. */
function known(who: string, model: Model, sample: PartialShape | null): number[] {
  if (sample === null) throw new ShapeError(`${who}: ${model.name} is not built; give its first layer an inputShape`);
  return sample.map((length) => {
    if (length !== null) return length;
    throw new ShapeError(`${who}: ${model.name} has samples of no fixed shape`);
  });
}
