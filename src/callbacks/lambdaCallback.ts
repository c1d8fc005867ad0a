import { refuseUnknown, requireFunction } from '../tensor/options.ts';
import type { Callback } from './callback.ts';
import { hookNames } from './hooks.ts';

/** Functions by the name of their hook. */
export type Hooks = Pick<Callback, (typeof hookNames)[number]>;

/** A callback of some functions; every name in it must be one of a hook. */
export function LambdaCallback(hooks: Hooks = {}): Callback {
  refuseUnknown('LambdaCallback', hooks, hookNames);
  for (const [name, hook] of Object.entries(hooks)) requireFunction(`LambdaCallback: ${name}`, hook);
  return { ...hooks };
}
