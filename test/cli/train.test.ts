import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeSafetensors } from '../../src/io/safetensors.ts';
import { temporaryFolder, wgslgrad } from './command.ts';
import { fewDigits } from './digits.ts';

test.each([
  [['fly'], 'wgslgrad: there is no command "fly"; there are explain, info, train'],
  [['constructor'], 'wgslgrad: there is no command "constructor"; there are explain, info, train'],
  [['train', '--epochs', 'x'], 'wgslgrad: train: --epochs must be a whole number from 1 to 1000000, got "x"'],
  [['info', '--no-such'], "wgslgrad: info: Unknown option '--no-such' (see --help)"],
])('wgslgrad %j is refused with exit code 2 and one line', (args, says) => {
  expect(wgslgrad(args)).toEqual({ status: 2, stdout: '', stderr: `${says}\n` });
});

test.each([[[]], [['--help']], [['train', '--help']], [['info', '--help']]])('wgslgrad %j explains itself', (args) => {
  const { status, stdout, stderr } = wgslgrad(args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^wgslgrad /);
  expect(stdout).toContain('--help');
});

test('wgslgrad info names backend, adapter and reason', () => {
  const { status, stdout } = wgslgrad(['info', '--json'], { WGSLGRAD_BACKEND: 'cpu' });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ backend: 'cpu', reason: expect.stringContaining('WGSLGRAD_BACKEND') });
});

test('folders that cannot be made, and a folder where a file belongs, are refused before anything is loaded', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'file');
  writeFileSync(file, '');
  for (const [args, says] of [
    [['--out', join(file, 'out')], /^wgslgrad: train: --out needs a folder that can be written to: .*\n$/],
    [['--out', file], /--out needs a folder/],
    [['--out', folder, '--json', join(file, 'r1.json')], /--json needs a folder/],
    [['--out', folder, '--json', folder], /--json must be a file/],
  ] as const) {
    const { status, stdout, stderr } = wgslgrad(['train', ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(says);
  }
});

test('what goes wrong is one line and exit code 1, and with WGSLGRAD_DEBUG the place in the code', async () => {
  const data = await temporaryFolder();
  mkdirSync(join(data, 'mnist'));
  for (const part of ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'])
    writeFileSync(join(data, 'mnist', `${part}-ubyte`), 'no digits');
  const args = ['train', '--backend', 'cpu', '--out', join(data, 'out')];
  const short = wgslgrad(args, { WGSLGRAD_DATA: data, WGSLGRAD_DEBUG: '' });
  expect(short.status).toBe(1);
  expect(short.stderr).toMatch(/^wgslgrad: .*ubyte.*\n$/);
  const long = wgslgrad(args, { WGSLGRAD_DATA: data, WGSLGRAD_DEBUG: '1' });
  expect(long.status).toBe(1);
  expect(long.stderr).toMatch(/FormatError: .*ubyte.*\n +at /);
});

test('training ends with a test, weights, pictures and numbers', async () => {
  const folder = await temporaryFolder();
  const [out, json] = [join(folder, 'out'), join(folder, 'results/r1.json')];
  const args = ['--epochs', '1', '--samples', '640', '--backend', 'cpu', '--out', out, '--json', json];
  const { status, stdout, stderr } = wgslgrad(['train', ...args], await fewDigits(800, 200));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/on cpu: plain TypeScript.*seed 42/);
  expect(stdout).toContain('640 training and 200 test images');
  const results = JSON.parse(readFileSync(json, 'utf8'));
  expect(results).toMatchObject({
    version: expect.any(String),
    node: process.version,
    backend: 'cpu',
    adapter: expect.any(String),
    reason: expect.any(String),
    data: expect.any(String),
    options: { epochs: 1, samples: 640, seed: 42, out, json },
    trainingSamples: 640,
    testSamples: 200,
    stopped: false,
    seconds: expect.any(Number),
  });
  expect(results.history.loss).toHaveLength(1);
  expect(results.test.accuracy).toBeGreaterThan(0.3);
  const right = results.confusion.reduce((sum: number, row: number[], label: number) => sum + row[label]!, 0);
  expect(right / results.testSamples).toBeCloseTo(results.test.accuracy, 6);
  const names = ['weights.safetensors', 'curves.svg', 'confusion.svg', 'filters.png', 'feature_maps.png'];
  expect(results.files).toEqual(names.map((name) => join(out, name)));
  for (const file of [...results.files, json]) {
    expect(existsSync(file)).toBe(true);
    expect(stdout).toContain(`wrote ${file}\n`);
  }
  const { arrays: weights } = decodeSafetensors(readFileSync(join(out, 'weights.safetensors')));
  expect(weights.map(({ name, shape }) => [name, shape])).toEqual([
    ['conv2d/kernel', [3, 3, 1, 32]],
    ['conv2d/bias', [32]],
    ['dense/kernel', [5408, 10]],
    ['dense/bias', [10]],
  ]);
});
