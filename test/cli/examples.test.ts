import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from './command.ts';
import { fewDigits } from './digits.ts';

const example = (name: string, env?: NodeJS.ProcessEnv) => run('npm', ['run', '--silent', 'example', name], env);

test('autograd prints the numbers that its comments promise', () => {
  const { status, stdout } = example('autograd');
  expect(status).toBe(0);
  expect(stdout.trim().split('\n')).toEqual([
    'gradient of the sum of squares: [ 2, 4, 6 ]',
    'value and gradient: 14 [ 2, 4, 6 ]',
    'gradient of the gradient: [ 2, 2, 2 ]',
    'loss and its slope by w: 126 -84',
    'learnt w: 3.000',
    'compiled: 126.0',
  ]);
});

test('r1-mnist, as it stands, learns from a few real digits', async () => {
  const { status, stdout } = example('r1-mnist', await fewDigits(400, 100));
  expect(status, stdout).toBe(0);
  expect(stdout).toContain('Total params: 54,410');
  expect(stdout).toContain('Epoch 10/10');
  const accuracy = Number(/test accuracy (\S+)/.exec(stdout)?.[1]);
  // Ten epochs of ten steps: chance would be 0.1.
  expect(accuracy).toBeGreaterThan(0.6);
});

test('an example that does not exist is refused with the list of those that do', () => {
  const { status, stderr } = example('fly');
  expect(status).toBe(2);
  const names = readdirSync('examples').filter((file) => file !== 'run.ts');
  for (const name of names) expect(stderr).toContain(name.replace('.ts', ''));
});
