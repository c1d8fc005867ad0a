import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findAdapter } from './adapter.ts';
import { findChromium } from './chromium.ts';

/** What a search found, or why nothing was found and whether installing a package can cure that. */
export type Found = { name: string } | { name: null; reason: string; curable: boolean };

export interface Outcome {
  readonly ok: boolean;
  /** Standard output and error together. */
  readonly output: string;
}

/** All that the preflight knows of the machine and does to it, so that its decisions can be tested on made-up ones. */
export interface Machine {
  readonly root: boolean;
  /** CI=true: what is missing is a failure, not a remark. */
  readonly ci: boolean;
  /** Fields of /etc/os-release; empty where there is none. */
  readonly release: { readonly ID?: string; readonly VERSION_ID?: string; readonly VERSION_CODENAME?: string };
  /** The folder of apt's configuration. */
  readonly aptFolder: string;
  findAdapter(): Found;
  findChromium(): Found;
  /** Runs a command without input, and ends it after `limitSeconds`. */
  run(command: readonly string[], limitSeconds: number): Outcome;
  print(line: string): void;
}

export const thisMachine: Machine = {
  root: process.getuid?.() === 0,
  ci: process.env.CI === 'true' || process.env.CI === '1',
  release: osRelease(),
  aptFolder: '/etc/apt',
  findAdapter: () => findAdapter(),
  findChromium: () => findChromium(),
  run([program = '', ...args], limitSeconds) {
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
      encoding: 'utf8',
      timeout: limitSeconds * 1000,
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 2 ** 20,
    });
    const trouble = error ? `${program}: ${error.message}\n` : '';
    return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}${trouble}` };
  },
  print: (line) => console.log(line),
};

function osRelease(): Machine['release'] {
  if (process.platform !== 'linux') return {};
  try {
    return parseOsRelease(readFileSync('/etc/os-release', 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

/** The fields of an os-release file: `NAME=value` or `NAME="value"` a line. */
export function parseOsRelease(text: string): Record<string, string> {
  const fields = text.matchAll(/^(\w+)=(["']?)(.*)\2$/gm);
  return Object.fromEntries(Array.from(fields, ([, name = '', , value = '']) => [name, value]));
}
