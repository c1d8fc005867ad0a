import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { describeGpu, gpuDescription, hasGpu, swiftShaderIcd } from './adapters.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const nothing = { VK_ICD_FILENAMES: '/no/such/driver.json', CHROME_BIN: '/no/such/browser' };

/** Runs the suites of example/needy.ts in a vitest of their own. */
function runNeedy(env: Record<string, string>): { status: number | null; output: string } {
  const { status, stdout } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', 'test/setup/example/vitest.config.ts'],
    { cwd: root, encoding: 'utf8', env: { ...process.env, CI: '', NO_COLOR: '1', ...env }, timeout: 60_000 },
  );
  return { status, output: stdout };
}

describe('suites that need an adapter or a browser', () => {
  test('are listed as not run, with the reason, on a machine that has neither', () => {
    const { status, output } = runNeedy(nothing);
    expect(status).toBe(0);
    expect(output).toContain('2 suites did not run');
    expect(output).toMatch(/needy\.ts > a suite for the GPU NOT RUN without a WebGPU adapter: .*driver\.json/);
    expect(output).toMatch(/needy\.ts > a suite for the browser NOT RUN without Chromium: .*\/no\/such\/browser/);
    expect(output).toMatch(/Tests +2 skipped/);
  });

  test('fail on such a machine under CI=true', () => {
    const { status, output } = runNeedy({ ...nothing, CI: 'true' });
    expect(status).toBe(1);
    expect(output).toMatch(/Tests +2 failed/);
  });
});

describeGpu('the adapter that the helpers tell of', () => {
  test('is the one that Dawn gives to this process', async () => {
    const webgpu = await import('webgpu');
    const gpu = webgpu.create([]);
    const adapter = await gpu.requestAdapter();
    expect(hasGpu).toBe(true);
    expect(gpuDescription).toBe(adapter?.info.description);
    expect(gpu).toBeDefined();
  });

  test('is SwiftShader in a run that swiftShaderIcd() chooses', async ({ skip }) => {
    const icd = swiftShaderIcd();
    if (icd === null) return skip('no Chromium with SwiftShader here');
    const { findAdapter } = await import('../../src/cli/preflight/adapter.ts');
    expect(findAdapter({ ...process.env, VK_ICD_FILENAMES: icd }).name).toMatch(/SwiftShader/);
  });
});
