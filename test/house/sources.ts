// The files of src/ as code, and what they import.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export interface Import {
  readonly from: string;
  /** A path in src/ that ends in .ts, or the name of a module that is not ours. */
  readonly to: string;
  /** Gone after compilation. */
  readonly typeOnly: boolean;
  /** Loaded on first use, when the files of the program are there. */
  readonly late?: true;
}

const root = resolve(import.meta.dirname, '../../src');

/** Path below src/ -> text with its comments blanked: prose may say what it likes. Lines keep their numbers. */
export const sources: ReadonlyMap<string, string> = new Map(
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => [path, withoutComments(readFileSync(join(root, path), 'utf8'))]),
);

export function withoutComments(text: string): string {
  const blank = (comment: string) => comment.replace(/[^\n]/g, ' ');
  // what stands behind a quote or a colon is an address in a text
  return text.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/(?<![:'"`\\])\/\/.*/g, blank);
}

const statement = /^(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?'([^']+)'/gm;
const call = /\bimport\(\s*'([^']+)'/g;

/** The imports of a file, of whatever form: statement, re-export, for effect, dynamic. */
export function importsOf(from: string, code: string): Import[] {
  const ours = (target: string) => relative(root, resolve(root, dirname(from), target));
  const found = (type: string | undefined, target: string) => ({
    from,
    to: target.startsWith('.') ? ours(target) : target,
    typeOnly: type !== undefined,
  });
  return [
    ...[...code.matchAll(statement)].map(([, type, target]) => found(type, target!)),
    ...[...code.matchAll(call)].map(([, target]) => ({ ...found(undefined, target!), late: true as const })),
  ];
}

export const imports: readonly Import[] = [...sources].flatMap(([path, code]) => importsOf(path, code));

export const formatImport = ({ from, to }: Import) => `${from} -> ${to}`;
