import { prepare } from '../compile/replay.ts';
import { trace } from '../compile/trace.ts';
import { constant, makeTensor } from '../engine/make.ts';
import { currentBackend } from '../engine/runtime.ts';
import { assignAdd } from '../engine/variable.ts';
import { reshape } from '../ops/shape.ts';
import { makeArray } from '../tensor/dtype.ts';
import { refuseUnknown } from '../tensor/options.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ArrayLikeData, asData, Batches, rowsBetween } from './batches.ts';
import { batchSizeOption } from './checks.ts';
import type { Model } from './model.ts';
import { predictStep } from './step.ts';

export interface PredictOptions {
  /** Default: 32. */
  readonly batchSize?: number;
}

export async function predictModel(model: Model, x: ArrayLikeData, options: PredictOptions): Promise<Tensor> {
  refuseUnknown('predict', options, ['batchSize']);
  const inputs = asData('predict: x', x, model.sampleShape);
  model.build(inputs.shape);
  const count = inputs.shape[0]!;
  const batchSize = Math.min(batchSizeOption('predict', options.batchSize), count);
  const batches = new Batches([inputs], rowsBetween(0, count), batchSize);
  const record = (rows: number) =>
    prepare(
      trace(() => {
        const y = predictStep(model, batches.gather(rows)[0]!);
        assignAdd(batches.position, reshape(constant(1, 'int32'), [1]));
        return [y];
      }, []),
    );
  const whole = await record(batchSize);
  const last = batches.lastSize === batchSize ? whole : await record(batches.lastSize);
  try {
    const backend = currentBackend();
    const view = whole.outputs[0]!;
    const sample = view.shape.slice(1);
    const values = makeArray(view.dtype, count * sizeOf(sample));
    for (let step = 0; step < batches.steps; step++) {
      const executable = step === batches.steps - 1 ? last : whole;
      executable.run();
      values.set(await backend.read(executable.outputs[0]!), step * batchSize * sizeOf(sample));
    }
    return makeTensor(values, [count, ...sample], view.dtype);
  } finally {
    currentBackend().flush();
    whole.dispose();
    if (last !== whole) last.dispose();
    batches.dispose();
  }
}
