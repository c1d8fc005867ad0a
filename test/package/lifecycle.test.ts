import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { describeGpu } from '../setup/adapters.ts';

/** Runs a program of endings.ts until its process ends; a process that hangs is killed, and has a signal for it. */
function run(ending: string): { status: number | null; signal: string | null; output: string } {
  const args = ['--expose-gc', '--import', 'tsx', 'test/package/endings.ts', ending];
  const options = { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' } as const;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, options);
  return { status, signal, output: stdout + stderr };
}

describeGpu('a Node process on WebGPU', () => {
  test.each([
    'closes',
    'closes twice',
    'closes while a result is awaited',
    'opens and closes again and again',
    'opens again before it has closed',
    'closes before it has opened',
    'opens twice at once',
    'never closes',
    'leaves work in flight',
  ])('that %s exits by itself', (ending) => {
    const { status, signal, output } = run(ending);
    expect({ status, signal }, output).toEqual({ status: 0, signal: null });
    expect(output).toContain('end of program');
  });

  test('that calls process.exit with work in flight exits with the status it gave', () => {
    const { status, signal } = run('calls process.exit with work in flight');
    expect({ status, signal }).toEqual({ status: 3, signal: null });
  });

  test('that throws with work in flight exits with the error', () => {
    const { status, signal, output } = run('throws with work in flight');
    expect({ status, signal }).toEqual({ status: 1, signal: null });
    expect(output).toContain('Error: a mistake of the user');
  });
});
