// The sections of `npm run bench`, by name, in the order they run.
import type { Section } from './section.ts';
import { accuracy } from './sections/accuracy.ts';
import { augment } from './sections/augment.ts';
import { cpu } from './sections/cpu.ts';
import { kernels } from './sections/kernels.ts';
import { memorySection } from './sections/memory.ts';
import { predict } from './sections/predict.ts';
import { scale } from './sections/scale.ts';
import { start } from './sections/start.ts';
import { steps } from './sections/steps.ts';
import { transfer } from './sections/transfer.ts';
import { ways } from './sections/ways.ts';

const sections: ReadonlyMap<string, Section> = new Map([
  ['steps', steps],
  ['augment', augment],
  ['predict', predict],
  ['transfer', transfer],
  ['kernels', kernels],
  ['start', start],
  ['memory', memorySection],
  ['cpu', cpu],
  ['scale', scale],
  ['ways', ways],
  ['accuracy', accuracy],
]);

/** Compiling every way of every cell takes minutes, and so does training: only who names it wants that. */
const onlyNamed: ReadonlySet<string> = new Set(['ways', 'accuracy']);

/** The usual ones, or those that are named. Throws at a name that is none. */
export function chooseSections(names: readonly string[]): ReadonlyMap<string, Section> {
  const unknown = names.filter((name) => !sections.has(name));
  if (unknown.length > 0)
    throw new Error(`no section ${unknown.join(', ')}; there are ${[...sections.keys()].join(', ')}`);
  return new Map([...sections].filter(([name]) => (names.length === 0 ? !onlyNamed.has(name) : names.includes(name))));
}
