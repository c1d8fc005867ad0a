// Losses from what a model file says of them.
import { ValueError } from '../errors.ts';
import { optionsFrom } from '../tensor/described.ts';
import { entryNamed } from '../tensor/names.ts';
import { kindOf } from '../tensor/options.ts';
import type { Loss } from './define.ts';
import * as makers from './makers.ts';
import { resolveLoss } from './resolve.ts';

const classes: Readonly<Record<string, (options: object) => Loss>> = makers;

/** A loss by its name, or from `{ class_name, config }`. A function of somebody else's program is refused by its name. */
export function lossFromConfig(given: unknown): Loss {
  if (typeof given !== 'object' || given === null || !('class_name' in given)) return resolveLoss(given);
  const { class_name: name, config }: { class_name: unknown; config?: unknown } = given;
  if (name === 'function') return resolveLoss(config);
  const make = typeof name === 'string' ? entryNamed(classes, name) : null;
  if (make) return make(withoutFunction(optionsFrom(config)));
  throw new ValueError(`unknown loss ${kindOf(name)}; there are ${Object.keys(classes).join(', ')}`);
}

/** Keras 2 writes the function of a class as well, which is that of its name. */
function withoutFunction({ fn, ...options }: Record<string, unknown>): object {
  return options;
}
