// Builds the package: ESM bundles for Node and browsers with the shaders inlined, and type declarations.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Bundle, bundle, root, type Target } from './build/bundle.ts';
import { formatSizes, programSizes, r1Sizes, sizes, tensorProgram } from './build/sizes.ts';

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

/** What programs import: `wgslgrad`, `wgslgrad/inspect` and `wgslgrad/io`. */
const entries = {
  index: join(root, 'src/index.ts'),
  inspect: join(root, 'src/inspect/index.ts'),
  io: join(root, 'src/io/index.ts'),
};

async function write(target: Target): Promise<Bundle> {
  const result = await bundle(target, join(root, 'dist', target), { entries });
  for (const { path, contents } of result.outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  return result;
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
const [browser] = await Promise.all([write('browser'), write('node')]);
declarations();
const minified = await bundle('browser', join(root, 'dist/browser'), { minify: true });
const { loaded, others } = await r1Sizes(browser);
console.log('bytes minified, and gzipped');
console.log(formatSizes('the whole browser bundle', sizes(minified.outputFiles)));
console.log(`\n${formatSizes('the program of the README (R1), tree-shaken, on WebGPU', loaded)}`);
console.log(`\n${formatSizes('of R1, what it does not download there', others)}`);
const tensors = await programSizes(browser, tensorProgram);
console.log(`\n${formatSizes('a program of tensors alone, on WebGPU', tensors.loaded)}`);
