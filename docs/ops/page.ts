// docs/ops.md as text: the introduction, the operations by family, the functions made of them.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { allOps } from '../../src/engine/op.ts';
import { loadFamilies } from '../../test/support/families.ts';
import { type Composite, compositeOf, functionTables } from './composites.ts';
import { type Entry, entryTexts } from './entries.ts';
import { examples } from './examples.ts';
import { cpuFiles, publicFunctions } from './facts.ts';
import { gaps, type Sources } from './gaps.ts';
import { anchor, opLink } from './markdown.ts';
import { families } from './texts.ts';

export async function sources(): Promise<Sources> {
  await loadFamilies();
  return { ops: allOps(), families, functions: await publicFunctions(), examples };
}

/** The whole page. Throws with all that is missing. */
export async function opsPage(): Promise<string> {
  const all = await sources();
  const missing = gaps(all);
  if (missing.length > 0) throw new Error(missing.join('\n'));

  const composites = compositesOf(all);
  const entries = entriesOf(all, composites, await cpuFiles());
  const filled = all.families.filter(({ ops }) => Object.keys(ops).length > 0);
  const index = filled.map(({ title, ops }) => {
    const names = Object.keys(ops);
    return `- [${title}](#${anchor(title)}): ${names.map(opLink).join(', ')}`;
  });
  const parts = [
    '<!-- Written by `npm run docs`. Edit docs/ops/ instead, or the code that it reads. -->',
    readFileSync(resolve(import.meta.dirname, 'introduction.md'), 'utf8').trimEnd(),
    '## All operations',
    index.join('\n'),
    ...filled.flatMap(({ title, ops }) => [
      `## ${title}`,
      ...entryTexts(Object.keys(ops).map((name) => entries.get(name)!)),
    ]),
    ...functionTables(composites),
  ];
  return `${parts.join('\n\n')}\n`;
}

function compositesOf({ ops, functions, examples }: Sources): Composite[] {
  return functions
    .filter(({ name }) => !ops.some((op) => op.name === name))
    .map((declared) => compositeOf(declared, examples[declared.name]!));
}

function entriesOf(
  { ops, families, functions }: Sources,
  composites: readonly Composite[],
  cpu: ReadonlyMap<string, string>,
): Map<string, Entry> {
  const texts = new Map(families.flatMap((family) => Object.entries(family.ops)));
  return new Map(
    ops.map((op): [string, Entry] => [
      op.name,
      {
        op,
        text: texts.get(op.name)!,
        doc: functions.find(({ name }) => name === op.name)?.doc,
        users: composites.filter(({ core }) => core === op).map(({ name }) => name),
        cpuFile: cpu.get(op.kernel)!,
      },
    ]),
  );
}
