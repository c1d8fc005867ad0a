import { ProgressLine } from '../callbacks/progressLine.ts';
import { makeTensor } from '../engine/make.ts';
import { currentBackend } from '../engine/runtime.ts';
import { platform } from '../platform/index.ts';
import { makeArray } from '../tensor/dtype.ts';
import { refuseUnknown } from '../tensor/options.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ArrayLikeData, asInputs, Batches, rowsBetween } from './batches.ts';
import { batchSizeOption, verboseOption } from './checks.ts';
import { Cleanup } from './cleanup.ts';
import type { Model } from './model.ts';
import { now } from './pace.ts';
import { recordBatches } from './runner.ts';
import { predictStep } from './step.ts';

export interface PredictOptions {
  /** Default: 32. */
  readonly batchSize?: number;
  /** 0 silent, 1 (default, also 'auto') with a progress line, 2 one line. */
  readonly verbose?: number | 'auto';
}

export async function predictModel(model: Model, x: ArrayLikeData, options: PredictOptions): Promise<Tensor> {
  refuseUnknown('predict', options, ['batchSize', 'verbose']);
  const batchSize = batchSizeOption('predict', options.batchSize);
  const verbose = verboseOption('predict', options.verbose);
  const owned = new Cleanup();
  const line = new ProgressLine({ verbose, epochs: 1, terminal: platform.terminal, now });
  try {
    const inputs = asInputs(owned, 'predict: x', model, x);
    model.build(inputs.shape);
    const count = inputs.shape[0]!;
    const batches = owned.hold(new Batches([inputs], rowsBetween(0, count), batchSize));
    const [whole, last] = await recordBatches(owned, batches, (rows) => [predictStep(model, batches.gather(rows)[0]!)]);
    const { shape, dtype } = whole.outputs[0]!;
    const sample = shape.slice(1);
    const values = makeArray(dtype, count * sizeOf(sample));
    line.begin(0, batches.steps);
    for (let step = 0; step < batches.steps; step++) {
      const executable = step === batches.steps - 1 ? last : whole;
      executable.run();
      values.set(await currentBackend().read(executable.outputs[0]!), step * batchSize * sizeOf(sample));
      line.update(step + 1, []);
    }
    line.end([]);
    return makeTensor(values, [count, ...sample], dtype);
  } finally {
    line.breakLine();
    owned.dispose();
  }
}
