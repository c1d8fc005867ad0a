// The names of hooks, and what is refused in their place: a misspelt hook would never be called, and nobody would know.
import { ValueError } from '../errors.ts';
import { camelCase } from '../tensor/names.ts';
import { requireFunction } from '../tensor/options.ts';
import type { Callback } from './callback.ts';

// biome-ignore format: a table
export const hookNames = [
  'onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onTrainBatchBegin', 'onTrainBatchEnd',
  'onTestBegin', 'onTestEnd', 'onTestBatchBegin', 'onTestBatchEnd',
  'onPredictBegin', 'onPredictEnd', 'onPredictBatchBegin', 'onPredictBatchEnd',
] as const satisfies readonly (keyof Callback)[];

const isHook = (name: string) => hookNames.some((hook) => hook === name);

/** Refuses names that look like hooks (`onX`, and Keras' own) and are none, and hooks that are no functions. All others are the callback's own. */
export function checkHooks(who: string, callback: Callback): void {
  for (const name of namesOf(callback)) {
    if (isHook(name)) requireHook(`${who}: ${name}`, Reflect.get(callback, name));
    else if (/^on[A-Z]/.test(name) || isHook(camelCase(name)))
      throw new ValueError(`${who}: there is no hook ${name}; the nearest is ${nearest(name)}`);
  }
}

function requireHook(who: string, hook: unknown): void {
  if (hook !== undefined && hook !== null) requireFunction(who, hook);
}

/** Its own names and those of its classes. */
function namesOf(callback: object): string[] {
  const names: string[] = [];
  for (let one = callback; one !== null && one !== Object.prototype; one = Object.getPrototypeOf(one))
    names.push(...Object.getOwnPropertyNames(one));
  return names;
}

/** The hook with the fewest letters to add and to take away. Training is meant where the name does not say: `onBatchEnd` is one of Keras 2. */
function nearest(name: string): string {
  const distance = (hook: string) => hook.length - 2 * commonLetters(name, hook);
  const changes = hookNames.map((hook) => Math.min(distance(hook), distance(hook.replace('Train', ''))));
  return hookNames[changes.indexOf(Math.min(...changes))]!;
}

/** How many letters two words have in common, in their order. */
function commonLetters(a: string, b: string): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const letter of a) {
    const next = [0];
    for (let i = 0; i < b.length; i++) next.push(b[i] === letter ? row[i]! + 1 : Math.max(next[i]!, row[i + 1]!));
    row = next;
  }
  return row[b.length]!;
}
