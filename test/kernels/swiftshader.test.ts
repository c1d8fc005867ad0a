// The proofs of the kernels once more on a second software adapter, with other limits and narrower subgroups. A driver is
// chosen when a process starts, so this is a run of its own.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { gpuDescription, swiftShaderIcd } from '../setup/adapters.ts';

const root = resolve(import.meta.dirname, '../..');
const proofs = [
  'test/kernels',
  'test/ops/replay.test.ts',
  'test/engine/backends.test.ts',
  'test/engine/specials.test.ts',
  'test/models/r1.test.ts',
];

interface Report {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly testResults: {
    readonly assertionResults: {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: string[];
    }[];
  }[];
}

function runAgain(icd: string): Report {
  // It compiles in a fraction of llvmpipe's time, so it is where properties are checked on many cases.
  const { WGSLGRAD_RUNS = '60' } = process.env;
  // CI=true: a suite that finds no adapter fails
  const second = { VK_ICD_FILENAMES: icd, WGSLGRAD_SECOND_ADAPTER: 'swiftshader', WGSLGRAD_RUNS, CI: 'true' };
  const env = { ...process.env, ...second };
  const { stdout } = spawnSync('npx', ['vitest', 'run', ...proofs, '--reporter=json'], {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: 600_000,
    maxBuffer: 2 ** 27,
  });
  return JSON.parse(stdout.slice(stdout.indexOf('{"'))) as Report;
}

if (process.env.WGSLGRAD_SECOND_ADAPTER) {
  test('this run is on SwiftShader', () => {
    expect(gpuDescription).toMatch(/SwiftShader/);
  });
} else {
  const icd = swiftShaderIcd();
  // CI has one: without, this fails there
  test.skipIf(!icd && !process.env.CI)(
    'the kernels and every operation are right on SwiftShader too',
    () => {
      const report = runAgain(icd!);
      const failed = report.testResults.flatMap(({ assertionResults }) =>
        assertionResults.filter(({ status }) => status === 'failed'),
      );
      expect(failed.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]}`)).toEqual([]);
      expect(report.numPendingTests, 'tests left out').toBe(0);
      expect(report.numPassedTests).toBeGreaterThan(1400);
      console.log(`${report.numPassedTests} tests passed on SwiftShader`);
    },
    600_000,
  );
}
