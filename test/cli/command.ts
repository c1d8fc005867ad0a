import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const main = ['--import', 'tsx', 'src/cli/main.ts'];
/** A program that hangs is killed before the test's own time is over. */
const options = { cwd: root, encoding: 'utf8', timeout: 100_000, killSignal: 'SIGKILL' } as const;

/** A folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wgslgrad-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What became of `program` with these arguments, run in the repository root. */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(program, args, { ...options, env: { ...process.env, ...env } });
  return { status, stdout, stderr };
}

/** What became of `wgslgrad ...args`. */
export function wgslgrad(args: readonly string[], env?: NodeJS.ProcessEnv) {
  return run(process.execPath, [...main, ...args], env);
}

/** `wgslgrad ...args` as it runs. */
export function startWgslgrad(args: readonly string[], env: NodeJS.ProcessEnv): Running {
  return new Running(process.execPath, [...main, ...args], env);
}

/** A program that runs in a process group of its own, as a terminal starts it. */
export class Running {
  output = '';
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  private readonly child: ChildProcess;

  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...env },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.child = child;
    this.ended = new Promise((done) => child.on('close', (code, signal) => done({ code, signal })));
    onTestFinished(() => {
      if (child.exitCode === null && child.signalCode === null) this.signalAll('SIGKILL');
    });
  }

  /** Waits until the program has printed this; throws with its output when it ended before. */
  async untilPrinted(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`ended before it printed ${JSON.stringify(text)}:\n${this.output}`);
      await new Promise((wait) => setTimeout(wait, 20));
    }
  }

  /** Ctrl-C in a terminal: the signal goes to every process of the group. */
  pressCtrlC(): void {
    this.signalAll('SIGINT');
  }

  private signalAll(signal: NodeJS.Signals): void {
    process.kill(-this.child.pid!, signal);
  }
}
