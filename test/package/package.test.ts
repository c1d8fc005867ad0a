import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeGpu } from '../setup/adapters.ts';
import type { Training } from './trainR1.ts';

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
  copyFileSync('test/package/trainR1.ts', join(project, 'trainR1.ts'));
  await build({ entryPoints: [join(project, 'trainR1.ts')], outdir: project, format: 'esm', platform: 'node' });
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Runs a program to its end; a failure throws with all that it printed. */
function run(cwd: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 110_000 });
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `status ${status}`}\n${stdout}${stderr}`);
  return stdout;
}

/** Runs trainR1 of a module of the project in a Node of its own, until that exits. */
function train(module: string, backend: string): Training {
  const program = `import { trainR1 } from './${module}'; console.log('result ' + JSON.stringify(await trainR1('${backend}')));`;
  const output = run(project, process.execPath, '--input-type=module', '-e', program);
  return JSON.parse(/^result (.*)$/m.exec(output)?.[1] ?? 'null');
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

  test.each(['bundler', 'nodenext'])(
    'has types that moduleResolution %s finds, without @webgpu/types or Node types',
    (resolution) => {
      const compilerOptions = {
        target: 'es2022',
        lib: ['es2022', 'esnext.disposable', 'dom'],
        module: resolution === 'bundler' ? 'esnext' : 'nodenext',
        moduleResolution: resolution,
        types: [],
        strict: true,
        noEmit: true,
        skipLibCheck: false,
      };
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['trainR1.ts'] }));
      run(project, process.execPath, tsc, '-p', '.');
    },
  );

  test('trains R1 in Node on the CPU, without the webgpu package, and exits', () => {
    const training = train('trainR1.js', 'cpu');
    expect(training.backend).toBe('cpu');
    expectLearning(training);
  });

  test('bundles for a browser with no import left and nothing lost', async () => {
    const { metafile } = await build({
      entryPoints: [join(project, 'trainR1.ts')],
      absWorkingDir: project,
      outdir: join(project, 'bundle'),
      bundle: true,
      splitting: true,
      metafile: true,
      format: 'esm',
      platform: 'browser',
    });
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
    expect(imports.filter(({ path, external }) => external || isBuiltin(path))).toEqual([]);
    // Node stands in for the browser here: what is bundled for one needs nothing that Node lacks. See also test/browser.
    expectLearning(train('bundle/trainR1.js', 'cpu'));
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
