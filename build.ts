// Builds the package: ESM bundles for Node and browsers with the shaders inlined, and type declarations.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type BuildResult, build as esbuild, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const platform = join(root, 'src/platform');

export type Target = 'node' | 'browser';
export type Bundle = BuildResult<{ write: false; metafile: true }>;

export interface BundleOptions {
  /** Name of each entry -> its source. */
  readonly entries?: Record<string, string>;
  /** The folder that `wgsl('name')` reads name.wgsl from. */
  readonly shaders?: string;
  readonly minify?: boolean;
}

/**
 * Bundles in memory. Files of `outputFiles` have paths under `outDir`. The package is built readable, one plain line
 * for one of the source, so it ships no source maps; whoever uses it minifies.
 */
export async function bundle(target: Target, outDir: string, options: BundleOptions = {}): Promise<Bundle> {
  const { entries = { index: join(root, 'src/index.ts') }, shaders = join(root, 'shaders'), minify = false } = options;
  const result = await esbuild({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: outDir,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: target,
    target: 'es2022',
    // Dynamic imports stay files of their own, loaded on first use.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    packages: 'external',
    charset: 'utf8',
    minify,
    // Not the settings of tsconfig.json: its verbatimModuleSyntax would keep the import of wgsl() alive.
    tsconfigRaw: {},
    logLevel: 'silent',
    plugins: [inlineShaders(shaders), ...(target === 'browser' ? [browserPlatform] : [])],
  });
  if (target === 'browser') refuseNode(result);
  return result;
}

/** Replaces each `wgsl('name')` by the text of the shader. Any other use of wgsl() is an error: there is no disk to read from. */
function inlineShaders(folder: string): Plugin {
  const loader = join(platform, 'wgsl.ts');
  return {
    name: 'inline-shaders',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        const contents = text.replace(/\bwgsl\(\s*'([\w/-]+)',?\s*\)/g, (_call, name) =>
          JSON.stringify(stripWgsl(readFileSync(join(folder, `${name}.wgsl`), 'utf8'))),
        );
        return { contents, loader: 'ts' };
      });
      // esbuild drops an import that nothing uses, so it asks for wgsl.ts only when a call was left over.
      build.onResolve({ filter: /\/wgsl\.ts$/ }, ({ path, resolveDir, importer }) =>
        resolve(resolveDir, path) === loader
          ? {
              errors: [
                { text: `wgsl() takes the name of a shader as a literal, for example wgsl('relu'): see ${importer}` },
              ],
            }
          : undefined,
      );
    },
  };
}

const browserPlatform: Plugin = {
  name: 'browser-platform',
  setup(build) {
    build.onResolve({ filter: /\/node\.ts$/ }, ({ path, resolveDir }) =>
      resolve(resolveDir, path) === join(platform, 'node.ts') ? { path: join(platform, 'browser.ts') } : undefined,
    );
  },
};

/** WGSL without comments (block comments nest) and blank lines. WGSL has no string literals that could hold either. */
export function stripWgsl(text: string): string {
  let code = '';
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const two = text.slice(at, at + 2);
    if (two === '/*') {
      depth++;
      at += 2;
    } else if (two === '*/' && depth > 0) {
      depth--;
      at += 2;
      // A comment separates tokens as a blank does.
      if (depth === 0) code += ' ';
    } else if (two === '//' && depth === 0) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else {
      if (depth === 0) code += text[at];
      at++;
    }
  }
  return code
    .replace(/[ \t\r]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trim();
}

function refuseNode({ metafile, outputFiles }: Bundle): void {
  const outputs = Object.values(metafile.outputs);
  const builtins = outputs.flatMap(({ imports }) => imports.map(({ path }) => path).filter(isBuiltin));
  const named = outputFiles.flatMap(({ text }) => text.match(/["'`]node:[\w/]*/g) ?? []);
  const found = [...new Set([...builtins, ...named])];
  if (found.length) throw new Error(`the browser bundle needs Node modules: ${found.join(', ')}`);
}

/**
 * Writes the declarations of src/index.ts, and of what it reaches, to dist/types. Their imports keep the ending .ts,
 * which compilers resolve to the .d.ts beside it (tried with TypeScript 5.9 and 7, bundler and nodenext).
 * They need TypeScript 5.7, the first with Uint8Array<ArrayBuffer>.
 */
function declarations(): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('the type declarations could not be made');
}

async function write(target: Target): Promise<Bundle> {
  const result = await bundle(target, join(root, 'dist', target));
  for (const { path, contents } of result.outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  return result;
}

/** A row a file: a program loads the index, what that shares with the backends, and one backend. */
async function printSizes(plain: Bundle): Promise<void> {
  const folder = join(root, 'dist/browser');
  const { outputFiles } = await bundle('browser', folder, { minify: true });
  const rows = outputFiles.map(({ path, contents }) => ({
    file: relative(folder, path),
    minified: contents.length,
    gzipped: gzipSync(contents, { level: 9 }).length,
  }));
  const bytes = sum(plain.outputFiles.map(({ contents }) => contents.length));
  const minified = sum(rows.map((row) => row.minified));
  const gzipped = sum(rows.map((row) => row.gzipped));
  console.table(rows);
  console.log(
    `browser bundle: ${[bytes, minified, gzipped].map((n) => n.toLocaleString('en')).join(', ')} bytes (as it is, minified, minified and gzipped)`,
  );
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const [browser] = await Promise.all([write('browser'), write('node')]);
  declarations();
  await printSizes(browser);
}
