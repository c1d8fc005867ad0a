// Bundles of the package in memory: its shaders inlined, its platform that of the target.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildResult, build as esbuild, type OutputFile, type Plugin } from 'esbuild';
import { minifyWgsl } from './minifyWgsl.ts';
import { pureDefinitions } from './pureDefinitions.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));
const platform = join(root, 'src/platform');
const operations = join(root, 'src/ops/');
const webgpu = join(root, 'src/backend/webgpu/webgpuBackend.ts');

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
    plugins: [oneCore(entries), sources(shaders), ...(target === 'browser' ? [browserFiles] : [])],
  });
  if (target === 'browser') refuseNode(result);
  return { ...result, outputFiles: result.outputFiles.map(droppableNamespaces) };
}

/**
 * esbuild fills a namespace (`export * as losses`) by a call that stands alone: whoever bundles the package must keep it, and with it every
 * function that it names. As a value that is made by a pure call it goes where nothing uses it.
 */
function droppableNamespaces(file: OutputFile): OutputFile {
  const text = file.text.replace(
    /^var (\w+_exports) = \{\};\n__export\(\1, (\{\n[\s\S]*?\n\})\);$/gm,
    'var $1 = /* @__PURE__ */ ((all, names = {}) => (__export(names, all), names))($2);',
  );
  return { ...file, text, contents: new TextEncoder().encode(text) };
}

/** Our own modules, shaders inlined and definitions marked. Those of the operations are kept: operations find each other by name. */
function sources(folder: string): Plugin {
  const loader = join(platform, 'wgsl.ts');
  const shaders = minifyWgsl(readShaders(folder));
  return {
    name: 'sources',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path, pluginData }) => {
        const text = inlineShaders(readFileSync(path, 'utf8'), shaders, folder);
        const registers = path.startsWith(operations) || /\bdefineOp\b/.test(text);
        const imports = (pluginData as Later | undefined)?.imports ?? [];
        const head = imports.map((core) => `import ${JSON.stringify(core)};\n`).join('');
        return { contents: head + (registers ? text : pureDefinitions(path, text)), loader: 'ts' };
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

/** Replaces each `wgsl('name')` by the text of the shader, made short. Any other use of wgsl() is an error: there is no disk to read from. */
function inlineShaders(text: string, shaders: ReadonlyMap<string, string>, folder: string): string {
  return text.replace(/\bwgsl\(\s*'([\w/-]+)',?\s*\)/g, (_call, name: string) => {
    const shader = shaders.get(name);
    if (shader === undefined) throw new Error(`there is no ${join(folder, `${name}.wgsl`)}`);
    return JSON.stringify(shader);
  });
}

interface Later {
  readonly imports: readonly string[];
}

/**
 * What is loaded on first use shares modules with the rest, each with other ones: esbuild would make a file of a few hundred bytes of every
 * such combination, each with its lists of imports. Importing what is there anyway, all of them share one file, and so do further entries.
 */
function oneCore({ index }: Record<string, string>): Plugin {
  const importsOf = (file: string): Later => {
    return { imports: file.startsWith(dirname(webgpu)) && file !== webgpu ? [index!, webgpu] : [index!] };
  };
  return {
    name: 'one-core',
    setup(build) {
      if (index !== join(root, 'src/index.ts')) return;
      build.onResolve({ filter: /\.ts$/ }, ({ path, resolveDir, kind }) => {
        const file = resolve(resolveDir, path);
        const isApart = kind === 'dynamic-import' || (kind === 'entry-point' && file !== index);
        return isApart ? { path: file, pluginData: importsOf(file) } : undefined;
      });
    },
  };
}

/** Name, as wgsl() takes it, -> text. */
function readShaders(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.wgsl'));
  return new Map(paths.map((path) => [path.slice(0, -'.wgsl'.length), readFileSync(join(folder, path), 'utf8')]));
}

/** Where a file node.ts has a browser.ts beside it that keeps the same contract, the bundle has that one. */
const browserFiles: Plugin = {
  name: 'browser-files',
  setup(build) {
    build.onResolve({ filter: /\/node\.ts$/ }, ({ path, resolveDir }) => {
      const browser = join(resolve(resolveDir, path), '../browser.ts');
      return existsSync(browser) ? { path: browser } : undefined;
    });
  },
};

function refuseNode({ metafile, outputFiles }: Bundle): void {
  const outputs = Object.values(metafile.outputs);
  const builtins = outputs.flatMap(({ imports }) => imports.map(({ path }) => path).filter(isBuiltin));
  const named = outputFiles.flatMap(({ text }) => text.match(/["'`]node:[\w/]*/g) ?? []);
  const found = [...new Set([...builtins, ...named])];
  if (found.length) throw new Error(`the browser bundle needs Node modules: ${found.join(', ')}`);
}
