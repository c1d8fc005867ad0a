import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Dawn keeps threads and a process-wide driver: one process a file, never shared between files.
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
  resolve: { alias: { wgslgrad: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
});
