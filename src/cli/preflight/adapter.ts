import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Found } from './machine.ts';

const probe = fileURLToPath(new URL('./probe.mjs', import.meta.url));

/**
 * Looks for a WebGPU adapter that makes a device, in a process of its own (see probe.mjs).
 * `env` replaces the environment, so that a test can point VK_ICD_FILENAMES at another driver or at none.
 */
export function findAdapter(env: NodeJS.ProcessEnv = process.env): Found {
  const { stdout, signal, error } = spawnSync(process.execPath, [probe], {
    env,
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (!stdout) {
    return {
      name: null,
      reason: `the graphics driver failed (${error?.message ?? signal ?? 'no answer'})`,
      curable: false,
    };
  }
  const answer: Record<string, unknown> = JSON.parse(stdout);
  if (typeof answer.adapter === 'string') return { name: answer.adapter };
  if (typeof answer.broken === 'string') return { name: null, reason: answer.broken, curable: false };
  const chosen = env.VK_ICD_FILENAMES ?? env.VK_DRIVER_FILES;
  return chosen === undefined
    ? { name: null, reason: String(answer.driver), curable: true }
    : { name: null, reason: `the Vulkan driver chosen by the environment (${chosen}) gives none`, curable: false };
}
