import type { Spec } from '../backend/backend.ts';
import { floatDType } from '../engine/runtime.ts';
import { ShapeError } from '../errors.ts';
import type { PartialShape } from '../layers/layer.ts';
import type { Model } from './model.ts';

/**
 * What a training step of the model takes for a batch of that size: its images and its targets. The model is built for it.
 *
 * @throws ShapeError that begins with `who` when the model does not know the shape of its samples
 * @throws ValueError when it is not compiled
 */
export function stepSpecs(who: string, model: Model, batchSize: number): { readonly x: Spec; readonly y: Spec } {
  const { loss } = model.objective(who);
  const input = [batchSize, ...known(who, model, model.sampleShape)];
  model.build(input);
  const output = known(who, model, model.outputShape?.slice(1) ?? null);
  const { classes } = loss;
  const axis = classes && (classes.axis < 0 ? classes.axis + output.length + 1 : classes.axis);
  return {
    x: { shape: input, dtype: floatDType() },
    y: {
      shape: [batchSize, ...output].filter((_, d) => d !== axis),
      dtype: classes ? 'int32' : floatDType(),
    },
  };
}

/** The shape of one sample, without gaps. */
function known(who: string, model: Model, sample: PartialShape | null): number[] {
  if (sample === null) throw new ShapeError(`${who}: ${model.name} is not built; give its first layer an inputShape`);
  return sample.map((length) => {
    if (length !== null) return length;
    throw new ShapeError(`${who}: ${model.name} has samples of no fixed shape`);
  });
}
