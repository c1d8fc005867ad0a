// The state of an optimizer as Keras kept it before 2.11.
import type { Optimizer } from '../optimizers/optimizers.ts';
import type { PlainArray } from './arrays.ts';

/** The optimizers whose first two slots lie side by side now. */
const paired: ReadonlySet<string> = new Set(['Adam', 'AdamW', 'Adamax', 'Nadam']);

/**
 * There one slot of all variables comes after the other, and the learning rate is no part of it: it stands in the configuration. State in
 * today's order is given back as it is.
 */
export function inTodaysOrder(
  arrays: readonly (PlainArray & { readonly name?: string })[],
  optimizer: Optimizer,
  variables: number,
): readonly PlainArray[] {
  const [iteration, ...slots] = arrays;
  const each = slots.length / variables;
  const isOld = iteration !== undefined && /(?:^|\/)iter(?::\d+)?$/.test(iteration.name ?? '');
  if (!isOld || !Number.isInteger(each)) return arrays;
  const rate: PlainArray[] = optimizer.schedule ? [] : [{ shape: [], data: Float32Array.of(optimizer.learningRate) }];
  const together = paired.has(optimizer.className) ? Math.min(2, each) : 0;
  const pairs = Array.from({ length: variables }, (_, i) =>
    Array.from({ length: together }, (_, slot) => slots[slot * variables + i]!),
  );
  return [iteration, ...rate, ...pairs.flat(), ...slots.slice(together * variables)];
}
