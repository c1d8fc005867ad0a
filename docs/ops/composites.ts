// The functions that are made of operations, and the tables of them.
import type { OpDefinition } from '../../src/engine/op.ts';
import type { Example } from './examples.ts';
import { madeOf, type PublicFunction } from './facts.ts';
import { code, fileLink, opLink, prose, table } from './markdown.ts';

export interface Composite extends PublicFunction {
  /** Its operations, or what else it gives, in Markdown. */
  readonly parts: string;
  /** The one operation that it runs, perhaps under other shapes. */
  readonly core: OpDefinition | null;
}

export function compositeOf(declared: PublicFunction, example: Example): Composite {
  if (typeof example === 'string') return { ...declared, parts: example, core: null };
  const ops = madeOf(example);
  const running = new Set(ops.filter(({ alias }) => !alias));
  const [core = ops[0] ?? null] = running;
  return { ...declared, parts: formatParts(ops), core: running.size > 1 ? null : core };
}

function formatParts(ops: readonly OpDefinition[]): string {
  if (ops.length === 0) return 'nothing: the values come from the host';
  const uses = new Map<string, number>();
  for (const { name } of ops) uses.set(name, (uses.get(name) ?? 0) + 1);
  return [...uses].map(([name, count]) => (count === 1 ? opLink(name) : `${opLink(name)} × ${count}`)).join(', ');
}

/** One table for each file that declares some. */
export function functionTables(composites: readonly Composite[]): string[] {
  const paths = [...new Set(composites.map(({ path }) => path))];
  return [
    '## Functions made of operations',
    `What they run is read from a trace of one call each, in ${fileLink('docs/ops/examples.ts')}; other options may run others.`,
    ...paths.flatMap((path) => [
      `### ${fileLink(path)}`,
      table(
        ['function', 'meaning', 'made of'],
        composites
          .filter((one) => one.path === path)
          .map(({ name, doc = '', parts }) => [code(name), prose(doc), parts]),
      ),
    ]),
  ];
}
