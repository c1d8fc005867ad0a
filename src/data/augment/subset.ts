// The part of the samples that a flow takes: the first are for validation, the rest to train on. (`fit` takes its own from the end.)
import type { Shape } from '../../backend/backend.ts';
import { defer } from '../../engine/deferred.ts';
import { ValueError } from '../../errors.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Samples } from './samples.ts';

export type Subset = 'training' | 'validation';

/** The rows of a subset of `count` samples, the end not included; all without one. */
export function rowsOfSubset(
  who: string,
  count: number,
  validationSplit: number,
  subset: Subset | null,
): [first: number, end: number] {
  if (subset === null) return [0, count];
  if (validationSplit === 0)
    throw new ValueError(`${who}: subset '${subset}' needs validationSplit, an option of ImageDataGenerator`);
  const cut = Math.floor(count * validationSplit);
  if (cut === 0 || cut === count)
    throw new ValueError(
      `${who}: validationSplit ${validationSplit} of ${count} samples leaves ${cut} to validate with and ${count - cut} to train on`,
    );
  return subset === 'validation' ? [0, cut] : [cut, count];
}

/**
 * Refuses a cut that leaves the two parts with different classes: at once where the labels can be seen, else when the next one
 * waits, `fit` or the first batch. Strict: as Keras does, which compares all numbers in y, so that any one-hot labels will do.
 */
export function requireSameClasses(who: string, y: Samples, cut: number, strict: boolean): void {
  const check = (values: ArrayLike<number>) => difference(who, values, y.shape, cut, strict);
  if (!y.values) {
    defer(y.whole()!.data().then(check));
    return;
  }
  const wrong = check(y.values);
  if (wrong) throw wrong;
}

function difference(
  who: string,
  values: ArrayLike<number>,
  shape: Shape,
  cut: number,
  strict: boolean,
): ValueError | null {
  const [before, after] = [
    classesIn(values, shape, [0, cut], strict),
    classesIn(values, shape, [cut, shape[0]!], strict),
  ];
  const lacking = (part: Set<number>, other: Set<number>) => [...other].filter((one) => !part.has(one));
  const [unseen, unchecked] = [lacking(after, before), lacking(before, after)];
  if (unseen.length + unchecked.length === 0) return null;
  const [part, missing] = unseen.length > 0 ? ['training', unseen] : ['validation', unchecked];
  return new ValueError(
    `${who}: subset '${part}' has none of class ${missing.slice(0, 5).join(', ')}, which the rest has. Shuffle sorted samples first; with ignoreClassSplit they pass`,
  );
}

/** The classes of some rows: their numbers, or where in each row the largest stands. */
function classesIn(
  values: ArrayLike<number>,
  shape: Shape,
  [first, end]: readonly [number, number],
  strict: boolean,
): Set<number> {
  const size = sizeOf(shape.slice(1));
  const found = new Set<number>();
  if (strict || size === 1) {
    for (let i = first * size; i < end * size; i++) found.add(values[i]!);
    return found;
  }
  for (let row = first; row < end; row++) {
    let best = row * size;
    for (let i = best + 1; i < (row + 1) * size; i++) if (values[i]! > values[best]!) best = i;
    found.add(best - row * size);
  }
  return found;
}
