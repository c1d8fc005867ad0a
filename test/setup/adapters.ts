import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, inject, test } from 'vitest';
import { type Found, thisMachine } from '../../src/cli/preflight/machine.ts';
import { notRunMark } from './notRun.ts';

const adapter = inject('adapter');
const chromium = inject('chromium');

/** True when this machine has a WebGPU adapter (in Node). */
export const hasGpu: boolean = adapter.name !== null;

/** The adapter's name, or why there is none. */
export const gpuDescription: string = adapter.name ?? `no adapter: ${adapter.reason}`;

/** The path of Chromium; the empty string without one. For use inside describeBrowser. */
export const chromiumPath: string = chromium.name ?? '';

/** `describe` where there is a WebGPU adapter; elsewhere a suite that is listed as not run, and fails under CI=true. */
export function describeGpu(name: string, body: () => void): void {
  describeWith('a WebGPU adapter', adapter, name, body);
}

/** `describe` where there is a Chromium; elsewhere a suite that is listed as not run, and fails under CI=true. */
export function describeBrowser(name: string, body: () => void): void {
  describeWith('Chromium', chromium, name, body);
}

/**
 * The Vulkan driver description of the SwiftShader that Chromium brings, or null: a second software adapter, with
 * other limits than Mesa's. A process started with VK_ICD_FILENAMES set to it has SwiftShader as its adapter.
 */
export function swiftShaderIcd(): string | null {
  const beside = chromium.name === null ? [] : [dirname(realpathSync(chromium.name))];
  const paths = ['/usr/lib/chromium', ...beside].map((folder) => join(folder, 'vk_swiftshader_icd.json'));
  return paths.find((path) => existsSync(path)) ?? null;
}

function describeWith(what: string, found: Found, name: string, body: () => void): void {
  if (found.name !== null) {
    describe(name, body);
  } else if (thisMachine.ci) {
    describe(name, () => {
      test(`there is ${what} to run on`, () => {
        throw new Error(`CI=true needs ${what}: ${found.reason}`);
      });
    });
  } else {
    describe.skip(`${name} ${notRunMark}${what}: ${found.reason}`, body);
  }
}
