import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { declarations } from '../../docs/ops/facts.ts';
import { gaps, type Sources } from '../../docs/ops/gaps.ts';
import { anchor } from '../../docs/ops/markdown.ts';
import { opsPage, sources } from '../../docs/ops/page.ts';

const folder = resolve(import.meta.dirname, '../../docs');
const page = readFileSync(resolve(folder, 'ops.md'), 'utf8');

test('every operation and every public function has what the page needs', async () => {
  expect(gaps(await sources())).toEqual([]);
});

test('docs/ops.md is what the code says now: otherwise npm run docs', async () => {
  expect(page).toBe(await opsPage());
});

test('every link of the page leads somewhere', () => {
  const headingsOf = (text: string) => [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading!));
  const headings = headingsOf(page);
  const anchors = [...headings, ...[...page.matchAll(/<a id="(.*?)">/g)].map(([, id]) => id!)];
  const links = [...page.matchAll(/\]\((.*?)\)/g)].map(([, target]) => target!);
  const leads = (target: string) => {
    const [file, place] = target.split('#') as [string, string?];
    if (file === '') return anchors.includes(place!);
    const path = resolve(folder, file);
    return existsSync(path) && (!place || headingsOf(readFileSync(path, 'utf8')).includes(place));
  };
  expect(links.length).toBeGreaterThan(100);
  expect(links.filter((target) => !leads(target))).toEqual([]);
  expect(new Set(anchors).size, 'anchors without doubles').toBe(anchors.length);
});

test('what is missing or too much is said, with the place to mend it', async () => {
  const all = await sources();
  const before = gaps(all);
  const news = (changed: Partial<Sources>) => gaps({ ...all, ...changed }).filter((line) => !before.includes(line));
  const text = { formula: 'y = x', shapes: 'x → y', gradient: 'dx = dy' };
  const relu = all.ops.find(({ name }) => name === 'relu')!;
  const gelu = all.functions.find(({ name }) => name === 'gelu')!;
  const family = (ops: Record<string, typeof text>) => [...all.families, { title: 'More', ops }];
  expect(news({ ops: [...all.ops, { ...relu, name: 'newcomer' }] })).toEqual([
    'op newcomer has no text: add "newcomer: { formula, shapes, gradient }" to a family in docs/ops/texts/, then npm run docs',
  ]);
  expect(news({ families: family({ flop: text }) })).toEqual([
    'the text flop in docs/ops/texts/ names no op of the registry: remove or rename it',
  ]);
  expect(news({ families: family({ relu: text }) })).toEqual(['op relu has two texts in docs/ops/texts/: keep one']);
  const silent = { ...relu, gradient: 'not differentiable' as const };
  expect(news({ ops: all.ops.map((op) => (op === relu ? silent : op)) })).toEqual([
    "op relu is not differentiable: its text in docs/ops/texts/ must begin its gradient with 'not differentiable: ' and say why",
  ]);
  const heap = { ...gelu, name: 'heap', doc: undefined };
  expect(news({ functions: [...all.functions, heap] })).toEqual([
    'function heap is no op: add a call of it, "heap: of((x) => w.heap(x))", to docs/ops/examples.ts, then npm run docs',
    'function heap says nothing of itself: add a /** line */ above it in src/ops/activations.ts',
  ]);
  expect(news({ functions: all.functions.filter((one) => one !== gelu) })).toEqual([
    'the call of gelu in docs/ops/examples.ts is of no public function that needs one: remove it',
  ]);
});

test('a docstring belongs to what stands right below it', () => {
  const code = `/** Of nobody. */

const hidden = 1;
/** One. */
export const one = 1;
export function two() {}
/**
 * Three,
 * on lines.
 */
export function three() {}`;
  expect(declarations(code)).toEqual([
    { name: 'one', doc: 'One.' },
    { name: 'two', doc: undefined },
    { name: 'three', doc: 'Three, on lines.' },
  ]);
});
