import { parseArgs } from 'node:util';
import { Conv2D, close, Dense, Flatten, init, MaxPooling2D, Sequential } from '../index.ts';
import { explain as explainModel } from '../inspect/index.ts';
import { UsageError } from './usageError.ts';

const help = `wgslgrad explain: the dispatches of a training step of the reference CNN (28x28x1, conv 32 3x3, max-pool, dense 10), each
with its shader, what it stands for, its arithmetic, its bytes, its time, and how that compares with a plain loop or copy

  --batch-size N   samples of a step (32)
  --rounds N       how often each dispatch is timed (5)
  --backend NAME   webgpu, cpu or auto (auto)
  --seed N         of the weights (1)
  --json           as JSON
  --help

For a model of your own: import { explain } from 'wgslgrad/inspect'; console.log(String(await explain(model)))`;

/** `wgslgrad explain`. */
export async function explain(args: string[]): Promise<void> {
  const options = parse(args);
  if (options.help) {
    console.log(help);
    return;
  }
  const batchSize = count('batch-size', options['batch-size']);
  const rounds = count('rounds', options.rounds);
  const backend = backendNamed(options.backend);
  try {
    await init({ backend, seed: count('seed', options.seed, 0) });
    const explanation = await explainModel(referenceModel(), { batchSize, rounds });
    console.log(options.json ? JSON.stringify(explanation, null, 2) : String(explanation));
  } finally {
    await close();
  }
}

function referenceModel(): Sequential {
  const model = new Sequential([
    Conv2D(32, [3, 3], { activation: 'relu', inputShape: [28, 28, 1] }),
    MaxPooling2D([2, 2]),
    Flatten(),
    Dense(10, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy'] });
  return model;
}

function parse(args: string[]) {
  const off = { type: 'boolean', default: false } as const;
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const options = {
    ...{ 'batch-size': text('32'), rounds: text('5'), backend: text('auto'), seed: text('1') },
    ...{ json: off, help: off },
  };
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (cause) {
    throw new UsageError(`explain: ${cause instanceof Error ? cause.message : String(cause)} (see --help)`, { cause });
  }
}

function count(name: string, text: string, least = 1): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || text.trim() === '')
    throw new UsageError(`explain: --${name} must be a whole number from ${least} on, got ${JSON.stringify(text)}`);
  return value;
}

function backendNamed(name: string): 'auto' | 'webgpu' | 'cpu' {
  if (name === 'auto' || name === 'webgpu' || name === 'cpu') return name;
  throw new UsageError(`explain: --backend must be auto, webgpu or cpu, got ${JSON.stringify(name)}`);
}
