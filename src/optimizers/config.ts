// The settings of an optimizer as Keras writes them into files.
import { ValueError } from '../errors.ts';
import type { Config, Schedule } from '../schedules/schedule.ts';
import { camelCase } from '../tensor/names.ts';
import type { CommonSettings } from './options.ts';

/** `beta1` -> beta_1, `globalClipnorm` -> global_clipnorm. */
const kerasName = (name: string) => name.replace(/[A-Z\d]/g, (sign) => `_${sign.toLowerCase()}`);

export function configOf(who: string, settings: CommonSettings): Config {
  const entries = Object.entries(settings).map(([name, value]) => [
    kerasName(name),
    typeof value === 'function' ? scheduleObject(who, value) : value,
  ]);
  return Object.fromEntries(entries);
}

function scheduleObject(who: string, { className, getConfig }: Schedule): Config {
  if (!className || !getConfig)
    throw new ValueError(
      `${who}: its learning rate is a function without className and getConfig, which cannot be written down`,
    );
  const kind = { module: 'keras.optimizers.schedules', class_name: className, registered_name: null };
  return { ...kind, config: getConfig() };
}

/** What older files of Keras say beside the options. */
const forgotten = new Set(['jit_compile', 'is_legacy_optimizer']);

/** The options that a config stands for; `schedule` makes one of what a file says of it. */
export function optionsOf(config: object, schedule: (given: unknown) => Schedule): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (value === null || forgotten.has(key) || (key === 'decay' && value === 0)) continue;
    options[camelCase(key)] = key === 'learning_rate' && typeof value === 'object' ? schedule(value) : value;
  }
  return options;
}
