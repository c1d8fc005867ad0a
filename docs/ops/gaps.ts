// What the page still lacks, in words that say what to add where.
import type { OpDefinition } from '../../src/engine/op.ts';
import type { Example } from './examples.ts';
import type { PublicFunction } from './facts.ts';
import { type Family, NOT_DIFFERENTIABLE, type OpText } from './text.ts';

export interface Sources {
  readonly ops: readonly OpDefinition[];
  readonly families: readonly Family[];
  readonly functions: readonly PublicFunction[];
  readonly examples: Readonly<Record<string, Example>>;
}

export function gaps({ ops, families, functions, examples }: Sources): string[] {
  const texts = families.flatMap((family) => Object.entries(family.ops));
  const written = texts.map(([name]) => name);
  const names = ops.map(({ name }) => name);
  const composites = functions.map(({ name }) => name).filter((name) => !names.includes(name));
  return [
    ...names
      .filter((name) => !written.includes(name))
      .map(
        (name) =>
          `op ${name} has no text: add "${name}: { formula, shapes, gradient }" to a family in docs/ops/texts/, then npm run docs`,
      ),
    ...written
      .filter((name) => !names.includes(name))
      .map((name) => `the text ${name} in docs/ops/texts/ names no op of the registry: remove or rename it`),
    ...written
      .filter((name, i) => written.indexOf(name) !== i)
      .map((name) => `op ${name} has two texts in docs/ops/texts/: keep one`),
    ...texts.flatMap(([name, text]) =>
      contradiction(
        ops.find((op) => op.name === name),
        text,
      ),
    ),
    ...composites
      .filter((name) => !Object.hasOwn(examples, name))
      .map(
        (name) =>
          `function ${name} is no op: add a call of it, "${name}: of((x) => w.${name}(x))", to docs/ops/examples.ts, then npm run docs`,
      ),
    ...Object.keys(examples)
      .filter((name) => !composites.includes(name))
      .map((name) => `the call of ${name} in docs/ops/examples.ts is of no public function that needs one: remove it`),
    ...functions
      .filter(({ doc }) => !doc)
      .map(({ name, path }) => `function ${name} says nothing of itself: add a /** line */ above it in ${path}`),
  ];
}

/** Where text and registry disagree on whether there is a gradient. */
function contradiction(op: OpDefinition | undefined, { gradient }: OpText): string[] {
  if (!op) return [];
  const says = gradient.startsWith(NOT_DIFFERENTIABLE);
  if (says === (op.gradient === NOT_DIFFERENTIABLE)) return [];
  return [
    says
      ? `op ${op.name} has a gradient: its text in docs/ops/texts/ must give it`
      : `op ${op.name} is not differentiable: its text in docs/ops/texts/ must begin its gradient with '${NOT_DIFFERENTIABLE}: ' and say why`,
  ];
}
