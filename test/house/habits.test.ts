// Habits that keep the code easy to follow, for every file of src/. What must break one stands here with its reason.
import { expect, test } from 'vitest';
import { sources, withoutComments } from './sources.ts';

/** "path: code" of every line that matches. */
function lines(pattern: RegExp, files: Iterable<readonly [string, string]> = sources): string[] {
  return [...files].flatMap(([path, code]) =>
    code
      .split('\n')
      .filter((line) => pattern.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  );
}

/** Every line but those on the list; and every entry of the list that no line needs any more. */
function unexpected(found: readonly string[], list: Readonly<Record<string, string>>): string[] {
  const isListed = (line: string, entry: string) => line.startsWith(entry);
  const entries = Object.keys(list);
  return [
    ...found.filter((line) => !entries.some((entry) => isListed(line, entry))),
    ...entries.filter((entry) => !found.some((line) => isListed(line, entry))).map((entry) => `not needed: ${entry}`),
  ];
}

const MOST_LINES = 300;

/** Longer files, and why they are one job. */
const longFiles: Readonly<Record<string, string>> = {};

test('a file fits in a head: 300 lines', () => {
  const long = [...sources].filter(([, code]) => code.trimEnd().split('\n').length > MOST_LINES).map(([path]) => path);
  expect(unexpected(long, longFiles)).toEqual([]);
});

const anyType = /(?:[:<|&,(=]|\bas|\bextends)\s*any\b(?!\s*[:(=])|\bany\[\]/;

/** Uses of `any`. */
const anyTypes: Readonly<Record<string, string>> = {
  'ops/methods.ts: type Bound<F>': 'the pattern of a parameter list needs it; no value ever has that type',
};

test('no any', () => {
  expect(unexpected(lines(anyType), anyTypes)).toEqual([]);
});

const blindCast = /\bas unknown as\b/;

/** Casts that the type checker cannot follow. */
const blindCasts: Readonly<Record<string, string>> = {
  'autograd/grad.ts: return args.map(f)': 'a tuple mapped element by element keeps its length',
  'compile/compile.ts: return (single': 'R is what the function returned when it was traced: one tensor or a list',
  'compile/compile.ts: const result = fn(': 'the trace hands out one placeholder for each argument',
  'models/functional.ts: export const Model =': 'a function that is called with new, which has no other type',
  'engine/op.ts: registry.set(': 'the rules of an operation only ever see its own attributes',
  'engine/op.ts: return found as': 'an operation of that kernel has its attributes',
  'engine/program.ts: return step as': 'the rules of an operation only ever see its own attributes',
  'engine/program.ts: return step.op.name': 'the name says which operation it is, and so which attributes it has',
};

test('no blind cast', () => {
  expect(unexpected(lines(blindCast), blindCasts)).toEqual([]);
});

const placeNames = ['process', 'Buffer', 'document', 'window', 'navigator', 'location', 'localStorage', 'alert'];
const ofAPlace = new RegExp(
  String.raw`(?:(?<![\w.'"$/])|\bglobalThis\.)(?:${placeNames.join('|')})\s*\??\.[a-zA-Z]` +
    String.raw`|\b(?:require|createRequire)\(|\b__(?:dirname|filename)\b|\b(?:HTML\w*Element|XMLHttpRequest)\b`,
);

test('only platform and cli know the process or the page', () => {
  expect(lines(ofAPlace).filter((line) => !/^(platform|cli)\//.test(line))).toEqual([]);
});

test('no error is swallowed', () => {
  const files = [...sources].map(([path, code]) => [path, code.replace(/\s+/g, ' ')] as const);
  const swallowed = files.filter(([, code]) => /catch(?: \([^)]*\))? \{ \}/.test(code)).map(([path]) => path);
  expect(swallowed).toEqual([]);
});

test('the rules see what they look for, and prose does not trip them', () => {
  const found = (pattern: RegExp, code: string) => lines(pattern, [['x.ts', withoutComments(code)]]).length > 0;
  for (const code of ['x: any', 'Array<any>', 'y as any', 'any[]', 'f(a: any, b)'])
    expect(found(anyType, code)).toBe(true);
  for (const code of ['// x: any', "'on any adapter'", 'const many = 1', '/* as any */']) {
    expect(found(anyType, code)).toBe(false);
  }
  for (const code of ['process.env', 'globalThis.navigator?.gpu', 'f(document.body)', 'window.alert', "require('x')"]) {
    expect(found(ofAPlace, code)).toBe(true);
  }
  for (const code of [
    'at.window.length',
    "'navigator.gpu is missing'",
    "'./window.ts'",
    'window[d]',
    '// process.env',
  ]) {
    expect(found(ofAPlace, code)).toBe(false);
  }
  expect(unexpected(['a.ts: x as any', 'b.ts'], { 'a.ts: x': '', 'c.ts': '' })).toEqual(['b.ts', 'not needed: c.ts']);
});
