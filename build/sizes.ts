// What a browser downloads, in bytes: minified, and gzipped as servers send it.
import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build as esbuild, type Metafile, type OutputFile, type Plugin } from 'esbuild';
import { type Bundle, root } from './bundle.ts';

export interface FileSize {
  /** Without folder. */
  readonly file: string;
  readonly minified: number;
  readonly gzipped: number;
}

export function sizes(files: readonly OutputFile[]): FileSize[] {
  return files.map(({ path, contents }) => ({
    file: basename(path),
    minified: contents.length,
    gzipped: gzipSync(contents, { level: 9 }).length,
  }));
}

export const gzippedTotal = (rows: readonly FileSize[]) => rows.reduce((sum, { gzipped }) => sum + gzipped, 0);

/** What `wgslgrad` costs without layers. */
export const tensorProgram = `import { init, tensor } from 'wgslgrad';
await init();
console.log(await tensor([1, 2]).mul(3).array());`;

interface ProgramSizes {
  readonly loaded: FileSize[];
  readonly others: FileSize[];
}

export function r1Sizes(packaged: Bundle): Promise<ProgramSizes> {
  return programSizes(packaged, readmeProgram());
}

/** A program bundled from our package as an application would be: what it downloads at once on WebGPU, and what only when it needs it. */
export async function programSizes(packaged: Bundle, text: string): Promise<ProgramSizes> {
  const { outputFiles, metafile } = await esbuild({
    entryPoints: { r1: 'r1' },
    outdir: join(root, 'dist/r1'),
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    absWorkingDir: root,
    format: 'esm',
    target: 'es2022',
    plugins: [program(text), ourPackage(packaged)],
  });
  const rows = sizes(outputFiles);
  const asked = askedFor(metafile, /^(?:r1\.js|webgpuBackend-)/);
  return { loaded: rows.filter(({ file }) => asked.has(file)), others: rows.filter(({ file }) => !asked.has(file)) };
}

/** Names of the files that begin so, and of all that those import at once. */
function askedFor({ outputs }: Metafile, first: RegExp): Set<string> {
  const open = Object.keys(outputs).filter((path) => first.test(basename(path)));
  const found = new Set(open);
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const { path: next, kind } of outputs[path]!.imports) {
      if (kind !== 'import-statement' || found.has(next) || !outputs[next]) continue;
      found.add(next);
      open.push(next);
    }
  }
  return new Set([...found].map((path) => basename(path)));
}

function readmeProgram(): string {
  const program = /^```ts\n(.*?)^```/ms.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1];
  if (!program?.includes("from 'wgslgrad'")) throw new Error('README.md shows no program');
  return program;
}

/** The entry point: a program that is in no file. */
function program(contents: string): Plugin {
  return {
    name: 'program',
    setup(build) {
      build.onResolve({ filter: /^r1$/ }, () => ({ path: 'r1', namespace: 'program' }));
      build.onLoad({ filter: /.*/, namespace: 'program' }, () => ({ contents, loader: 'ts' }));
    },
  };
}

/** Resolves 'wgslgrad' and its chunks to files of a bundle in memory. */
function ourPackage({ outputFiles }: Bundle): Plugin {
  const texts = new Map(outputFiles.map(({ path, text }) => [path, text]));
  const index = [...texts.keys()].find((path) => basename(path) === 'index.js') ?? 'no index.js';
  return {
    name: 'our-package',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, importer }) => {
        if (path === 'wgslgrad') return { path: index, namespace: 'package' };
        // a package that is loaded on first use, if it is installed
        if (!path.startsWith('.')) return { path, external: true };
        return { path: resolve(dirname(importer), path), namespace: 'package' };
      });
      build.onLoad({ filter: /.*/, namespace: 'package' }, ({ path }) =>
        texts.has(path) ? { contents: texts.get(path)! } : null,
      );
    },
  };
}

/** A row a file, and the sum. */
export function formatSizes(what: string, rows: readonly FileSize[]): string {
  const number = (bytes: number) => bytes.toLocaleString('en').padStart(9);
  const minified = rows.reduce((sum, row) => sum + row.minified, 0);
  const lines = [...rows, { file: what, minified, gzipped: gzippedTotal(rows) }];
  return lines.map((row) => `${number(row.minified)} ${number(row.gzipped)}  ${row.file}`).join('\n');
}
