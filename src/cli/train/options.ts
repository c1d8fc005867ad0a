import { parseArgs } from 'node:util';
import { UsageError } from '../usageError.ts';

export interface TrainOptions {
  readonly epochs: number;
  readonly batchSize: number;
  /** Training samples to use at most. */
  readonly samples: number;
  readonly dataset: 'mnist' | 'fashion_mnist';
  readonly backend: 'auto' | 'webgpu' | 'cpu';
  readonly seed: number;
  /** Folder for weights and pictures. */
  readonly out: string;
  /** File for the results, or null. */
  readonly json: string | null;
}

// Ten epochs over 12,000 samples take about a minute and a half on two cores with a software adapter.
export const trainHelp = `wgslgrad train: trains the reference program R1, a small CNN, and shows how good it got

  --epochs N           passes over the training data (10)
  --batch-size N       samples a step (32)
  --samples N          training samples to use at most (12000)
  --dataset NAME       mnist or fashion_mnist (mnist)
  --backend NAME       auto, webgpu or cpu (auto)
  --seed N             the same seed trains the same weights on the same adapter (42)
  --out FOLDER         where weights and pictures go (out)
  --json FILE          the results as JSON
  --help

Through npm, options come after --: npm start -- --epochs 3
Ctrl-C stops after the current batch and keeps the results so far.`;

const spec = {
  epochs: { type: 'string', default: '10' },
  'batch-size': { type: 'string', default: '32' },
  samples: { type: 'string', default: '12000' },
  dataset: { type: 'string', default: 'mnist' },
  backend: { type: 'string', default: 'auto' },
  seed: { type: 'string', default: '42' },
  out: { type: 'string', default: 'out' },
  json: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** The options, or null when only help was asked for. A UsageError names what is wrong. */
export function parseTrainOptions(args: string[]): TrainOptions | null {
  const values = parse(args);
  if (values.help) return null;
  return {
    epochs: wholeNumber('--epochs', values.epochs, 1, 1e6),
    batchSize: wholeNumber('--batch-size', values['batch-size'], 1, 65536),
    samples: wholeNumber('--samples', values.samples, 1, 1e9),
    dataset: oneOf('--dataset', values.dataset, ['mnist', 'fashion_mnist'] as const),
    backend: oneOf('--backend', values.backend, ['auto', 'webgpu', 'cpu'] as const),
    seed: wholeNumber('--seed', values.seed, 0, 0xffffffff),
    out: nonEmpty('--out', values.out),
    json: values.json === undefined ? null : nonEmpty('--json', values.json),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: spec, strict: true }).values;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replaceAll('\n', ' ') : String(cause);
    throw new UsageError(`train: ${why} (see --help)`, { cause });
  }
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`train: ${option} must be a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`);
}

function oneOf<T extends string>(option: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === text);
  if (found) return found;
  throw new UsageError(`train: ${option} must be one of ${allowed.join(', ')}, got ${JSON.stringify(text)}`);
}

function nonEmpty(option: string, text: string): string {
  if (text.trim() !== '') return text;
  throw new UsageError(`train: ${option} must not be empty`);
}
