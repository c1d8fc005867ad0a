import { expect, test } from 'vitest';
import { parseTrainOptions } from '../../src/cli/train/options.ts';
import { UsageError } from '../../src/cli/usageError.ts';

test.each([
  [['--epochs', '0'], /--epochs must be a whole number from 1 to 1000000, got "0"/],
  [['--epochs', 'NaN'], /--epochs.*got "NaN"/],
  [['--epochs', ''], /--epochs.*got ""/],
  [['--epochs', '99999999999999999999'], /--epochs.*got "99999999999999999999"/],
  [['--batch-size', '1.5'], /--batch-size/],
  [['--samples=-3'], /--samples.*got "-3"/],
  [['--samples', '-3'], /'--samples' argument is ambiguous/],
  [['--dataset', 'cifar'], /--dataset must be one of mnist, fashion_mnist, got "cifar"/],
  [['--backend', 'gpu'], /--backend must be one of auto, webgpu, cpu/],
  [['--seed', '4294967296'], /--seed/],
  [['--out', ''], /--out must not be empty/],
  [['--json', ''], /--json must not be empty/],
  [['--no-such'], /no-such/],
  [['digits'], /Unexpected argument 'digits'/],
])('train %j is refused in one line', (args, says) => {
  expect(() => parseTrainOptions(args)).toThrow(UsageError);
  expect(() => parseTrainOptions(args)).toThrow(says);
  expect(() => parseTrainOptions(args)).not.toThrow(/\n/);
});

test('options have defaults, and --help asks for nothing else', () => {
  expect(parseTrainOptions([])).toEqual({
    epochs: 10,
    batchSize: 32,
    samples: 12000,
    dataset: 'mnist',
    backend: 'auto',
    seed: 42,
    out: 'out',
    json: null,
  });
  expect(parseTrainOptions(['--help'])).toBeNull();
});

test('every option is read', () => {
  const text = '--epochs 3 --batch-size 8 --samples 64 --dataset fashion_mnist --backend cpu --seed 0 --out a --json b';
  expect(parseTrainOptions(text.split(' '))).toEqual({
    epochs: 3,
    batchSize: 8,
    samples: 64,
    dataset: 'fashion_mnist',
    backend: 'cpu',
    seed: 0,
    out: 'a',
    json: 'b',
  });
});
