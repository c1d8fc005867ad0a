import { type Callback, callEach } from '../callbacks/callback.ts';
import { ProgressLine } from '../callbacks/progressLine.ts';
import { platform } from '../platform/index.ts';
import { refuseUnknown } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { asInputs } from './arrays.ts';
import {
  batchReader,
  batchSizeOption,
  callbackList,
  checkedSource,
  refuseBeside,
  stepsOption,
  verboseOption,
} from './checks.ts';
import { Cleanup } from './cleanup.ts';
import { collect, type SinglePass } from './collect.ts';
import { openFeed } from './feeds.ts';
import type { Model } from './model.ts';
import { now } from './pace.ts';
import { Slices } from './slices.ts';
import { type Data, isBatchData, sourceOf } from './sources.ts';
import { predictStep } from './step.ts';

export interface PredictOptions {
  /** Default: 32. Not for data that comes in batches. */
  readonly batchSize?: number;
  /** 0 silent, 1 (default, also 'auto') with a progress line, 2 one line. */
  readonly verbose?: number | 'auto';
  /** Ends after so many batches. */
  readonly steps?: number;
  readonly callbacks?: readonly Callback[];
}

/** One tensor for each output of the model. */
export async function predictModel(model: Model, x: Data, options: PredictOptions): Promise<Tensor[]> {
  refuseUnknown('predict', options, ['batchSize', 'verbose', 'steps', 'callbacks']);
  const verbose = verboseOption('predict', options.verbose);
  const limit = stepsOption('predict', 'steps', options.steps);
  const callbacks = callbackList('predict', options.callbacks);
  const owned = new Cleanup();
  const line = new ProgressLine({ verbose, epochs: 1, terminal: platform.terminal, now });
  try {
    const pass = await passOver(owned, model, x, options.batchSize);
    for (const callback of callbacks) {
      callback.setParams?.({ verbose, epochs: 1, steps: pass.steps });
      callback.setModel?.(model);
    }
    await callEach(callbacks, (callback) => callback.onPredictBegin?.());
    line.begin(0, limit ?? pass.steps);
    const results = await collect('predict', pass, limit, {
      before: (step) => callEach(callbacks, (callback) => callback.onPredictBatchBegin?.(step)),
      after: (step) => {
        line.update(step + 1, []);
        return callEach(callbacks, (callback) => callback.onPredictBatchEnd?.(step));
      },
    });
    line.end([]);
    await callEach(callbacks, (callback) => callback.onPredictEnd?.());
    return results;
  } finally {
    line.breakLine();
    owned.dispose();
  }
}

async function passOver(owned: Cleanup, model: Model, x: Data, batchSize: number | undefined): Promise<SinglePass> {
  if (isBatchData(x)) {
    refuseBeside('predict', { batchSize });
    const source = await checkedSource(owned, 'predict', model, sourceOf('predict', x), false);
    return openFeed(owned, source, batchReader('predict', model, false), ({ xs }) => predictStep(model, xs));
  }
  const size = batchSizeOption('predict', batchSize);
  const inputs = asInputs(owned, 'predict: x', model, x);
  model.buildOn(inputs);
  return owned.hold(new Slices(inputs, size, await model.predictStep()));
}
