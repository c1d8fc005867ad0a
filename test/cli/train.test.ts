import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseTrainOptions } from '../../src/cli/train/options.ts';
import { confusionCounts } from '../../src/cli/train/results.ts';
import { UsageError } from '../../src/cli/usageError.ts';
import { decodeSafetensors } from '../../src/io/safetensors.ts';

const root = resolve(import.meta.dirname, '../..');
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgslgrad-train-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = (...args: string[]) => ['--import', 'tsx', 'src/cli/main.ts', ...args];

test.each([
  [['--epochs', '0'], /--epochs must be a whole number from 1 to 1000000, got "0"/],
  [['--epochs', 'NaN'], /--epochs.*got "NaN"/],
  [['--batch-size', '1.5'], /--batch-size/],
  [['--samples', '-3'], /--samples|ambiguous/],
  [['--dataset', 'cifar'], /--dataset must be one of mnist, fashion_mnist, got "cifar"/],
  [['--backend', 'gpu'], /--backend must be one of auto, webgpu, cpu/],
  [['--seed', '4294967296'], /--seed/],
  [['--out', ''], /--out must not be empty/],
  [['--no-such'], /no-such/],
])('options %j are refused', (args, says) => {
  expect(() => parseTrainOptions(args)).toThrow(UsageError);
  expect(() => parseTrainOptions(args)).toThrow(says);
});

test('options have defaults, and --help asks for nothing else', () => {
  expect(parseTrainOptions([])).toMatchObject({
    epochs: 10,
    batchSize: 32,
    dataset: 'mnist',
    backend: 'auto',
    json: null,
  });
  expect(parseTrainOptions(['--help'])).toBeNull();
});

test('the confusion matrix counts labels down and predictions across', () => {
  expect(confusionCounts([0, 1, 1], [0, 0, 1], 2)).toEqual([
    [1, 0],
    [1, 1],
  ]);
});

describe('the command', () => {
  test('refuses what it does not know with exit code 2 and one line', () => {
    const { status, stderr } = spawnSync(process.execPath, command('fly'), { cwd: root, encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr.trim()).toBe('wgslgrad: there is no command "fly"; there are info, train');
  });

  test('trains, tests, and writes weights, pictures and numbers', () => {
    const json = join(folder, 'results/r1.json');
    const options = [
      '--epochs',
      '1',
      '--samples',
      '640',
      '--backend',
      'cpu',
      '--out',
      join(folder, 'out'),
      '--json',
      json,
    ];
    const { status, stdout, stderr } = spawnSync(process.execPath, command('train', ...options), {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/on cpu: plain TypeScript/);
    const results = JSON.parse(readFileSync(json, 'utf8'));
    expect(results.history.loss).toHaveLength(1);
    expect(results.test.accuracy).toBeGreaterThan(0.3);
    expect(results.confusion.flat().reduce((a: number, b: number) => a + b, 0)).toBe(results.testSamples);
    for (const file of results.files) expect(existsSync(file)).toBe(true);
    expect(results.files.map((file: string) => file.split('/').at(-1))).toEqual([
      'weights.safetensors',
      'curves.svg',
      'confusion.svg',
      'filters.png',
      'feature_maps.png',
    ]);
    const weights = decodeSafetensors(readFileSync(results.files[0]));
    expect(weights.map(({ name, shape }) => [name, shape])).toEqual([
      ['conv2d/kernel', [3, 3, 1, 32]],
      ['conv2d/bias', [32]],
      ['dense/kernel', [5408, 10]],
      ['dense/bias', [10]],
    ]);
  });

  test('Ctrl-C stops after the current batch and keeps the results so far', async () => {
    const out = join(folder, 'stopped');
    const args = command('train', '--epochs', '500', '--backend', 'cpu', '--out', out);
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    const ended = new Promise<number | null>((done) => {
      child.on('exit', done);
    });
    while (!stdout.includes('Epoch 1/500') && child.exitCode === null)
      await new Promise((wait) => setTimeout(wait, 50));
    await new Promise((wait) => setTimeout(wait, 1000));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(stdout).toContain('stopping after this batch');
    expect(stdout).toMatch(/test accuracy 0\.\d+/);
    expect(existsSync(join(out, 'weights.safetensors'))).toBe(true);
  });
});
