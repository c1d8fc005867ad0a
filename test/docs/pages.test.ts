// The README and the guides: every piece of TypeScript passes the type checker, as a reader would paste it, and every link leads somewhere.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import * as wgslgrad from 'wgslgrad';
import { anchor } from '../../docs/ops/markdown.ts';

const root = resolve(import.meta.dirname, '../..');
const pages = ['README.md', ...readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'))].map((file) =>
  file === 'README.md' ? file : `docs/${file}`,
);

interface Block {
  /** Page and line. */
  readonly place: string;
  readonly code: string;
}

function blocksOf(page: string, text: string): Block[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(({ 1: code, index }) => ({
    place: `${page}:${text.slice(0, index).split('\n').length}`,
    code: code!,
  }));
}

/** What a block that imports nothing takes for granted: the package's names, data, and a model. */
const around = (code: string) => `import { ${Object.keys(wgslgrad).join(', ')} } from 'wgslgrad';
declare const x: Tensor, y: Tensor, xt: Tensor, yt: Tensor, k: Tensor, model: Sequential;
export async function block() {
${code}
}`;

/** What the type checker says of each block, by its place; nothing where it is content. */
function complaints(blocks: readonly Block[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'wgslgrad-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  blocks.forEach(({ code }, i) => {
    writeFileSync(join(folder, `block${i}.ts`), /^import /m.test(code) ? code : around(code));
  });
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const config = {
    compilerOptions: {
      ...compilerOptions,
      paths: { wgslgrad: [join(root, 'src/index.ts')], 'wgslgrad/io': [join(root, 'src/io/index.ts')] },
      typeRoots: [join(root, 'node_modules/@types'), join(root, 'node_modules')],
    },
    files: blocks.map((_, i) => `block${i}.ts`),
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { cwd: folder, encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^block(\d+)\.ts/, (_, i) => blocks[Number(i)]!.place));
}

test('every block of TypeScript is one', () => {
  const blocks = pages.flatMap((page) => blocksOf(page, readFileSync(join(root, page), 'utf8')));
  const found = (page: string) => blocks.filter(({ place }) => place.startsWith(`${page}:`)).length;
  expect(found('README.md')).toBeGreaterThan(0);
  expect(found('docs/coming-from-keras.md')).toBeGreaterThan(2);
  expect(complaints(blocks)).toEqual([]);
});

test('a block that is none is named with its page and line', () => {
  const page =
    "# Title\n\n```ts\nawait model.fit(x, y, { batch_size: 32 });\n```\n\n```ts\nimport { Danse } from 'wgslgrad';\n```\n";
  const [first, second, ...others] = complaints(blocksOf('page.md', page));
  expect(first).toMatch(/^page\.md:3.*batch_size/);
  expect(second).toMatch(/^page\.md:7.*Danse/);
  expect(others).toEqual([]);
});

test('every link leads somewhere', () => {
  const textOf = (page: string) => readFileSync(join(root, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  const anchorsOf = (page: string) => [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading!));
  const leads = (page: string, target: string) => {
    const [file, place] = target.split('#') as [string, string?];
    const path = file === '' ? page : join(dirname(page), file);
    return existsSync(join(root, path)) && (!place || !path.endsWith('.md') || anchorsOf(path).includes(place));
  };
  const links = pages
    .filter((page) => page !== 'docs/ops.md') // which has a test of its own
    .flatMap((page) =>
      [...textOf(page).matchAll(/\]\((?!https?:)(.*?)\)/g)].map(([, target]) => [page, target!] as const),
    );
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter(([page, target]) => !leads(page, target))).toEqual([]);
});
