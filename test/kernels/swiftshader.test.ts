// The proofs of the kernels once more on a second software adapter, with other limits and narrower subgroups. A driver is
// chosen when a process starts, so this is a run of its own.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { swiftShaderIcd } from '../setup/adapters.ts';

const icd = process.env.WGSLGRAD_SECOND_ADAPTER ? null : swiftShaderIcd();
const root = resolve(import.meta.dirname, '../..');

test.skipIf(!icd)(
  'the kernels and every operation are right on SwiftShader too',
  () => {
    const args = [
      'vitest',
      'run',
      'test/kernels',
      'test/engine/backends.test.ts',
      'test/models/r1.test.ts',
      '--reporter=json',
    ];
    const env = { ...process.env, VK_ICD_FILENAMES: icd!, WGSLGRAD_SECOND_ADAPTER: 'swiftshader' };
    const { stdout } = spawnSync('npx', args, {
      cwd: root,
      env,
      encoding: 'utf8',
      timeout: 600_000,
      maxBuffer: 2 ** 27,
    });
    const report = JSON.parse(stdout.slice(stdout.indexOf('{"'))) as {
      numPassedTests: number;
      testResults: { assertionResults: { status: string; fullName: string; failureMessages: string[] }[] }[];
    };
    const failed = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'failed'),
    );
    expect(failed.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]}`)).toEqual([]);
    expect(report.numPassedTests).toBeGreaterThan(200);
    console.log(`${report.numPassedTests} tests passed on SwiftShader`);
  },
  600_000,
);
