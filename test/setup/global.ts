import type { TestProject } from 'vitest/node';
import { findAdapter } from '../../src/cli/preflight/adapter.ts';
import { findChromium } from '../../src/cli/preflight/chromium.ts';
import type { Found } from '../../src/cli/preflight/machine.ts';

declare module 'vitest' {
  interface ProvidedContext {
    adapter: Found;
    chromium: Found;
  }
}

/** Looks once for a whole test run, not once a file. */
export default function setup(project: TestProject): void {
  project.provide('adapter', findAdapter());
  project.provide('chromium', findChromium());
}
