// The arrows of the house: who may import whom. A file that reaches upward, across, or past the seam fails here.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../src');

/** Rooms from the bottom up. A room may import itself and rooms on lower floors, never one on its own floor or above. */
const floors: readonly (readonly string[])[] = [
  ['errors.ts', 'version.ts'],
  ['platform'],
  ['backend'],
  ['tensor'],
  ['engine'],
  ['autograd', 'compile'],
  ['ops'],
  ['initializers', 'regularizers'],
  ['losses', 'callbacks'],
  ['layers', 'optimizers', 'metrics'],
  ['models'],
  ['data', 'io', 'applications'],
  ['index.ts'],
  ['cli', 'inspect'],
];

/** Arrows that the floors do not tell: [file or folder, what it may import besides lower floors or itself, why]. */
const exceptions: readonly (readonly [from: string, to: string, why: string])[] = [
  ['engine/start.ts', 'backend/cpu/cpuBackend.ts', 'the one file of the engine that names the backends'],
  ['engine/start.ts', 'backend/webgpu/webgpuBackend.ts', 'the one file of the engine that names the backends'],
  ['backend/cpu/', 'tensor/', 'backends know shapes and dtypes'],
  ['backend/webgpu/', 'tensor/', 'backends know shapes and dtypes'],
];

interface Import {
  readonly from: string;
  readonly to: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

const files = sourceFiles(root);
const texts = new Map(files.map((file) => [relative(root, file), readFileSync(file, 'utf8')]));

function importsOf(from: string, text: string): Import[] {
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, target]) => target!);
  return found.map((target) => ({
    from,
    to: target.startsWith('.') ? relative(root, resolve(root, dirname(from), target)) : target,
  }));
}

const imports = [...texts].flatMap(([file, text]) => importsOf(file, text));
const room = (file: string) => file.split('/')[0]!;
const floorOf = (file: string) => floors.findIndex((names) => names.includes(room(file)));

function isAllowed({ from, to }: Import): boolean {
  if (room(from) === room(to)) return true;
  if (floorOf(to) >= 0 && floorOf(to) < floorOf(from)) return true;
  return exceptions.some(([left, right]) => from.startsWith(left) && to.startsWith(right));
}

const inside = imports.filter(({ to }) => to.endsWith('.ts'));

test('every room of src has a floor', () => {
  expect([...texts.keys()].filter((file) => floorOf(file) < 0)).toEqual([]);
});

test('no import goes up or across', () => {
  expect(inside.filter((one) => !isAllowed(one)).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

test('the rule sees an arrow that goes up', () => {
  expect(isAllowed({ from: 'tensor/shape.ts', to: 'ops/reduce.ts' })).toBe(false);
  expect(isAllowed({ from: 'losses/losses.ts', to: 'layers/dense.ts' })).toBe(false);
  expect(importsOf('ops/x.ts', "import type { A } from '../models/model.ts';\nawait import('./y.ts');")).toEqual([
    { from: 'ops/x.ts', to: 'models/model.ts' },
    { from: 'ops/x.ts', to: 'ops/y.ts' },
  ]);
});

test('the contract of the backends stands on nothing', () => {
  const contract = inside.filter(({ from }) => /^backend\/[^/]+$/.test(from));
  expect(contract.filter(({ to }) => !/^backend\/[^/]+$/.test(to))).toEqual([]);
});

test('the backends do not know each other', () => {
  const across = inside.filter(
    ({ from, to }) =>
      (from.startsWith('backend/cpu/') && to.startsWith('backend/webgpu/')) ||
      (from.startsWith('backend/webgpu/') && to.startsWith('backend/cpu/')),
  );
  expect(across).toEqual([]);
});

test('only platform and cli know node: or npm packages', () => {
  const outside = imports.filter(({ to }) => !to.endsWith('.ts'));
  expect(
    outside.filter(({ from }) => !['platform', 'cli'].includes(room(from))).map(({ from, to }) => `${from} -> ${to}`),
  ).toEqual([]);
});

test('only platform and cli touch the process or the page', () => {
  const touches = /\b(process\.(?!\.)|document\.|globalThis\.navigator|navigator\.gpu|localStorage)/;
  const found = [...texts].filter(
    ([file, text]) => !['platform', 'cli'].includes(room(file)) && touches.test(withoutComments(text)),
  );
  expect(found.map(([file]) => file)).toEqual([]);
});

test('a file fits in a head: 300 lines', () => {
  const long = [...texts].filter(([, text]) => text.split('\n').length > 300).map(([file]) => file);
  expect(long).toEqual([]);
});

/** Casts that the type checker cannot follow, each for a reason that stands beside it. */
const casts: Readonly<Record<string, number>> = {
  'autograd/grad.ts': 1,
  'compile/compile.ts': 2,
  'engine/op.ts': 1,
  'engine/program.ts': 1,
};

test('casts through unknown are counted', () => {
  const counted = [...texts].map(([file, text]) => [file, text.split('as unknown as').length - 1] as const);
  expect(Object.fromEntries(counted.filter(([, count]) => count > 0))).toEqual(casts);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*/g, '');
}
