import type { Logs } from '../callbacks/callback.ts';
import { ProgressLine } from '../callbacks/progressLine.ts';
import { currentBackend } from '../engine/runtime.ts';
import { platform } from '../platform/index.ts';
import { refuseUnknown } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ArrayLikeData, asData, Batches, requireSameLength, rowsBetween } from './batches.ts';
import { batchSizeOption, checkTargets, verboseOption } from './checks.ts';
import type { Model } from './model.ts';
import { Pace } from './pace.ts';
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

  static async prepare(model: Model, x: Tensor, y: Tensor, rows: Int32Array, batchSize: number): Promise<Evaluation> {
    const objective = model.objective('evaluate');
    const batches = new Batches([x, y], rows, batchSize);
    const tally = new Tally(['loss', ...objective.metrics.map(({ name }) => name)]);
    const runner = await Runner.record(batches, tally, (xb, yb) => testStep(model, objective, xb!, yb!));
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

  dispose(): void {
    this.runner.dispose();
    this.tally.dispose();
    this.batches.dispose();
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
  model.objective('evaluate');
  const inputs = asData('evaluate: x', x, model.sampleShape);
  const targets = asData('evaluate: y', y, null);
  requireSameLength(inputs, targets);
  model.build(inputs.shape);
  await checkTargets(model, targets);
  const evaluation = await Evaluation.prepare(model, inputs, targets, rowsBetween(0, inputs.shape[0]!), batchSize);
  try {
    const line = new ProgressLine({
      verbose,
      epochs: 1,
      terminal: platform.terminal,
      now: () => performance.now() / 1000,
    });
    line.begin(0, evaluation.steps);
    const logs = await evaluation.run((step, found) => line.update(step, Object.entries(found)));
    line.update(evaluation.steps, Object.entries(logs));
    line.end(Object.entries(logs));
    if (options.returnDict) return logs;
    const values = Object.values(logs);
    return values.length === 1 ? values[0]! : values;
  } finally {
    currentBackend().flush();
    evaluation.dispose();
  }
}
