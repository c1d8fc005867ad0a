import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import NotRun from './test/setup/notRun.ts';
import OpsTable from './test/setup/opsTable.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/setup/global.ts',
    reporters: ['default', new OpsTable(), new NotRun()],
    // What a test computes must not hang on what was measured on this machine.
    env: { WGSLGRAD_TUNER: 'off' },
    // Dawn keeps threads and a process-wide driver: one process a file, never shared between files.
    pool: 'forks',
    // A software adapter takes a core for itself, and some hundred MB: more at once would only wait for each other.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
  resolve: { alias: { wgslgrad: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
});
