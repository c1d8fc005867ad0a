import type { Logs } from '../callbacks/callback.ts';
import { ProgressLine } from '../callbacks/progressLine.ts';
import { platform } from '../platform/index.ts';
import { refuseUnknown, truth } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ArrayLikeData, Batches, rowsBetween } from './batches.ts';
import { batchSizeOption, checkedPair, verboseOption } from './checks.ts';
import { Cleanup } from './cleanup.ts';
import type { Model } from './model.ts';
import { now, Pace } from './pace.ts';
import { Runner } from './runner.ts';
import { testStep } from './step.ts';
import { Tally } from './tally.ts';

export interface EvaluateOptions {
  /** Default: 32. */
  readonly batchSize?: number;
  /** 0 silent, 1 (default, also 'auto') with a progress line, 2 one line. */
  readonly verbose?: number | 'auto';
  /** The result as an object instead of a list. */
  readonly returnDict?: boolean;
}

/** A prepared evaluation over fixed data, run once or after every epoch. */
export class Evaluation {
  private readonly batches: Batches;
  private readonly tally: Tally;
  private readonly runner: Runner;

  private constructor(batches: Batches, tally: Tally, runner: Runner) {
    this.batches = batches;
    this.tally = tally;
    this.runner = runner;
  }

  /** What is made belongs to `owned`. */
  static async prepare(
    owned: Cleanup,
    model: Model,
    data: { readonly x: Tensor; readonly y: Tensor; readonly rows: Int32Array },
    batchSize: number,
  ): Promise<Evaluation> {
    const objective = model.objective('evaluate');
    const batches = owned.hold(new Batches([data.x, data.y], data.rows, batchSize));
    const tally = owned.hold(new Tally(['loss', ...objective.metrics.map(({ name }) => name)]));
    const runner = await Runner.record(owned, batches, tally, (x, y) => testStep(model, objective, x!, y!));
    return new Evaluation(batches, tally, runner);
  }

  get steps(): number {
    return this.batches.steps;
  }

  async run(report: (step: number, logs: Logs) => void = () => {}): Promise<Logs> {
    this.batches.rewind();
    this.tally.reset();
    const pace = new Pace<void>();
    let seen = 0;
    for (let step = 0; step < this.steps; step++) {
      seen += this.runner.run(step);
      const [done, samples] = [step + 1, seen];
      await pace.after(step, async () => report(done, await this.tally.read(samples)));
    }
    await pace.rest();
    return this.tally.read(seen);
  }
}

export async function evaluateModel(
  model: Model,
  x: ArrayLikeData,
  y: ArrayLikeData,
  options: EvaluateOptions,
): Promise<number[] | number | Logs> {
  refuseUnknown('evaluate', options, ['batchSize', 'verbose', 'returnDict']);
  const batchSize = batchSizeOption('evaluate', options.batchSize);
  const verbose = verboseOption('evaluate', options.verbose);
  const returnDict = truth('evaluate', 'returnDict', options.returnDict ?? false);
  model.objective('evaluate');
  const owned = new Cleanup();
  const line = new ProgressLine({ verbose, epochs: 1, terminal: platform.terminal, now });
  try {
    const data = await checkedPair(owned, 'evaluate', model, x, y);
    const rows = rowsBetween(0, data.x.shape[0]!);
    const evaluation = await Evaluation.prepare(owned, model, { ...data, rows }, batchSize);
    line.begin(0, evaluation.steps);
    const logs = await evaluation.run((step, found) => line.update(step, Object.entries(found)));
    line.update(evaluation.steps, Object.entries(logs));
    line.end(Object.entries(logs));
    return returnDict ? logs : listOrNumber(Object.values(logs));
  } finally {
    line.breakLine();
    owned.dispose();
  }
}

/** Loss and metrics as a list; the loss alone, without metrics, as a number. */
export function listOrNumber(values: readonly number[]): number[] | number {
  return values.length === 1 ? values[0]! : [...values];
}
