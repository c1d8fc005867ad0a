import { refuseUnknown, requireFunction } from '../tensor/options.ts';
import type { Callback } from './callback.ts';

// biome-ignore format: a table
const hookNames = [
  'onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onTrainBatchBegin', 'onTrainBatchEnd',
  'onTestBegin', 'onTestEnd', 'onTestBatchBegin', 'onTestBatchEnd',
  'onPredictBegin', 'onPredictEnd', 'onPredictBatchBegin', 'onPredictBatchEnd',
] as const satisfies readonly (keyof Callback)[];

/** Functions by the name of their hook. */
export type Hooks = Pick<Callback, (typeof hookNames)[number]>;

/** A callback of some functions; other than a plain object with hooks it refuses names that are none. */
export function LambdaCallback(hooks: Hooks = {}): Callback {
  refuseUnknown('LambdaCallback', hooks, hookNames);
  for (const [name, hook] of Object.entries(hooks)) requireFunction(`LambdaCallback: ${name}`, hook);
  return { ...hooks };
}
