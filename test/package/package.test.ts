import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { build as buildWithVite } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeGpu } from '../setup/adapters.ts';
import type { Training } from './trainR1.ts';
import type { FilesOutcome } from './useFiles.ts';
import type { Outcome } from './useMethods.ts';

const tsc = resolve('node_modules/typescript/bin/tsc');

/** An empty project that has the package, as npm packs and installs it, and nothing else. */
let project: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'wgslgrad-package-'));
  run(resolve('.'), 'npm', 'run', 'build');
  run(resolve('.'), 'npm', 'pack', '--ignore-scripts', '--pack-destination', project);
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz')) ?? 'no tarball';
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
  run(project, 'npm', 'install', '--offline', '--no-audit', '--no-fund', join(project, tarball));
  for (const program of programs) copyFileSync(`test/package/${program}.ts`, join(project, `${program}.ts`));
  await build({ entryPoints: sources(), outdir: project, format: 'esm', platform: 'node' });
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const programs = ['trainR1', 'useMethods', 'useFiles'];

function sources(): string[] {
  return programs.map((program) => join(project, `${program}.ts`));
}

/** Runs a program to its end; a failure throws with all that it printed. */
function run(cwd: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 110_000 });
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `status ${status}`}\n${stdout}${stderr}`);
  return stdout;
}

/** Calls an exported function of a module of the project in a Node of its own, until that exits. Returns JSON. */
function call(module: string, name: string, ...args: string[]): string {
  const program = `import { ${name} } from './${module}'; console.log('result ' + JSON.stringify(await ${name}(...${JSON.stringify(args)})));`;
  const output = run(project, process.execPath, '--input-type=module', '-e', program);
  return /^result (.*)$/m.exec(output)?.[1] ?? 'null';
}

function train(module: string, backend: string): Training {
  return JSON.parse(call(module, 'trainR1', backend));
}

/** Bundles the programs for production: minified, and rid of all that they do not reach. */
const bundlers: Record<string, (outdir: string) => Promise<unknown>> = {
  esbuild: (outdir) =>
    build({ entryPoints: sources(), outdir, bundle: true, splitting: true, minify: true, format: 'esm' }),
  vite: (outdir) =>
    buildWithVite({
      root: project,
      configFile: false,
      logLevel: 'error',
      build: {
        outDir: outdir,
        target: 'es2022',
        minify: true,
        // Its helper for preloading needs a document; Node stands in for the browser here.
        modulePreload: false,
        rollupOptions: {
          input: sources(),
          preserveEntrySignatures: 'strict',
          output: { entryFileNames: '[name].js' },
        },
      },
    }),
};

const kerasFile = readFileSync('test/io/fixtures/adam.keras').toString('hex');

function expectFiles({ layers, same, files, refusal }: FilesOutcome): void {
  expect(layers).toEqual(['conv2d_1', 'batch_normalization_1', 'flatten_1', 'dense_2']);
  expect(same).toBe(true);
  expect(files).toEqual(['group1-shard1of1.bin', 'model.json']);
  expect(refusal).toMatch(/^ResourceError: .* npm package "h5wasm", which is not installed.*npm install h5wasm/);
}

function expectLearning({ losses }: Training): void {
  expect(losses).toHaveLength(5);
  // Ten classes told apart by chance: ln 10 = 2.30.
  expect(losses[0]).toBeGreaterThan(1.5);
  expect(losses[0]).toBeLessThan(3.5);
  expect(losses[4]).toBeLessThan(0.9 * (losses[0] ?? 0));
}

describe('the package in an empty project', () => {
  test('brings no other package', () => {
    expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['wgslgrad']);
  });

  test.each(['bundler', 'nodenext'])('has types that need no others, found by moduleResolution %s', (resolution) => {
    const compilerOptions = {
      target: 'es2022',
      // Without "dom", whose newest edition has the types of WebGPU: older ones do not, and those of Node never.
      lib: ['es2022'],
      module: resolution === 'bundler' ? 'esnext' : 'nodenext',
      moduleResolution: resolution,
      types: [],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
    };
    // What the declarations may take for granted, since "dom" and the types of Node both have it.
    writeFileSync(
      join(project, 'everywhere.d.ts'),
      'interface AbortSignal {}\ninterface Blob {}\ninterface File extends Blob {}\n',
    );
    const files = [...programs.map((program) => `${program}.ts`), 'everywhere.d.ts'];
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    run(project, process.execPath, tsc, '-p', '.');
  });

  test('has the version of its package.json', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    const program = "import { version } from 'wgslgrad'; console.log(version);";
    expect(run(project, process.execPath, '--input-type=module', '-e', program).trim()).toBe(version);
  });

  test('trains R1 in Node on the CPU, without the webgpu package, and exits', () => {
    const training = train('trainR1.js', 'cpu');
    expect(training.backend).toBe('cpu');
    expectLearning(training);
  });

  test('reads and writes files, and says which package a format needs', () => {
    expectFiles(JSON.parse(call('useFiles.js', 'useFiles', kerasFile)));
  });

  test('bundles for a browser with no import left but those of packages that some files need', async () => {
    const { metafile } = await build({
      entryPoints: sources(),
      absWorkingDir: project,
      outdir: join(project, 'bundle'),
      bundle: true,
      splitting: true,
      metafile: true,
      write: false,
      format: 'esm',
      platform: 'browser',
    });
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
    const left = imports.filter(({ path, external }) => external || isBuiltin(path));
    // loaded on first use, in a try: whoever has them in the project gets them bundled
    expect(left.map(({ path, kind }) => `${kind} ${path}`).sort()).toEqual([
      'dynamic-import fflate',
      'dynamic-import h5wasm',
    ]);
  });

  // Node stands in for the browser here: what is bundled for one needs nothing that Node lacks. See also test/browser.
  describe.each(Object.keys(bundlers))('in a production build by %s', (bundler) => {
    const folder = `bundled-by-${bundler}`;
    beforeAll(async () => {
      await bundlers[bundler]?.(join(project, folder));
    });

    test('trains R1', () => {
      expectLearning(train(`${folder}/trainR1.js`, 'cpu'));
    });

    test('reads and writes files', () => {
      expectFiles(JSON.parse(call(`${folder}/useFiles.js`, 'useFiles', kerasFile)));
    });

    test('has the methods of tensors and the names of errors', () => {
      const outcome: Outcome = JSON.parse(call(`${folder}/useMethods.js`, 'useMethods'));
      expect(outcome).toEqual({
        values: [
          [8, 11],
          [16, 23],
        ],
        refusal: 'ShapeError',
      });
    });
  });
});

describeGpu('the package in an empty project with webgpu', () => {
  test('trains R1 in Node on WebGPU and exits', () => {
    mkdirSync(join(project, 'node_modules'), { recursive: true });
    symlinkSync(resolve('node_modules/webgpu'), join(project, 'node_modules/webgpu'));
    const training = train('trainR1.js', 'webgpu');
    expect(training.backend).toBe('webgpu');
    expectLearning(training);
  });
});
