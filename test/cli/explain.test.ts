import { expect, test } from 'vitest';
import { wgslgrad } from './command.ts';

test('explain prints the dispatches of a training step, as a table and as JSON', () => {
  const args = ['explain', '--backend', 'cpu', '--batch-size', '4', '--rounds', '1'];
  const table = wgslgrad(args);
  expect(table.stderr).toBe('');
  expect(table.stdout).toMatch(/A training step of 4 samples on cpu/);
  expect(table.stdout).toMatch(/conv2dMaxPool2d +conv2dMaxPool2d +\[4,13,13,32\]/);
  const { status, stdout } = wgslgrad([...args, '--json']);
  expect(status).toBe(0);
  const { backend, dispatches } = JSON.parse(stdout) as { backend: string; dispatches: { ops: string[] }[] };
  expect(backend).toBe('cpu');
  expect(dispatches.flatMap(({ ops }) => ops)).toContain('adam');
});

test.each([
  [['--batch-size', '0'], /explain: --batch-size must be a whole number from 1 on, got "0"/],
  [['--rounds', 'many'], /explain: --rounds must be/],
  [['--backend', 'gpu'], /explain: --backend must be auto, webgpu or cpu, got "gpu"/],
  [['--no-such'], /explain: .*no-such.*\(see --help\)/],
])('explain %j is refused in one line', (args, says) => {
  const { status, stderr } = wgslgrad(['explain', ...args]);
  expect(status).toBe(2);
  expect(stderr).toMatch(says);
  expect(stderr.trim()).not.toContain('\n');
});
