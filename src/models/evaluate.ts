import { type Callback, callEach, type Logs, sortedLogs } from '../callbacks/callback.ts';
import { ProgressLine } from '../callbacks/progressLine.ts';
import { ValueError } from '../errors.ts';
import { platform } from '../platform/index.ts';
import { refuseUnknown, truth } from '../tensor/options.ts';
import type { Arrays, SampleWeight } from './arrays.ts';
import {
  batchReader,
  batchSizeOption,
  callbackList,
  checkedData,
  checkedSource,
  refuseBeside,
  stepsOption,
  verboseOption,
} from './checks.ts';
import { Cleanup } from './cleanup.ts';
import type { Feed } from './feed.ts';
import { openFeed } from './feeds.ts';
import { runPass } from './loop.ts';
import type { Model } from './model.ts';
import { now } from './pace.ts';
import type { Source } from './source.ts';
import { arraySource, type Data, isBatchData, sourceOf } from './sources.ts';
import { type StepModel, testStep } from './step.ts';
import { Tally } from './tally.ts';

export interface EvaluateOptions {
  /** Default: 32. Not for data that comes in batches. */
  readonly batchSize?: number;
  /** 0 silent, 1 (default, also 'auto') with a progress line, 2 one line. */
  readonly verbose?: number | 'auto';
  /** How much each sample counts. Not for data that comes in batches, which brings its own. */
  readonly sampleWeight?: SampleWeight;
  /** Ends after so many batches. */
  readonly steps?: number;
  readonly callbacks?: readonly Callback[];
  /** The result as an object instead of a list. */
  readonly returnDict?: boolean;
}

/** A prepared evaluation of a model on some data, run once or after every epoch. */
export class Evaluation {
  private readonly feed: Feed;
  private readonly tally: Tally;
  private readonly limit: number | null;
  private readonly callbacks: readonly Callback[];

  private constructor(feed: Feed, tally: Tally, limit: number | null, callbacks: readonly Callback[]) {
    this.feed = feed;
    this.tally = tally;
    this.limit = limit;
    this.callbacks = callbacks;
  }

  /** At most `limit` batches are used. `tested` computes the results, if not the model itself. What is made belongs to `owned`. */
  static async prepare(
    owned: Cleanup,
    who: string,
    model: Model,
    source: Source,
    {
      limit = null,
      callbacks = [],
      tested = model,
    }: { limit?: number | null; callbacks?: readonly Callback[]; tested?: StepModel } = {},
  ): Promise<Evaluation> {
    const objective = model.objective(who);
    const tally = owned.hold(new Tally(objective.trackers, model.resultShapes));
    const feed = await openFeed(owned, source, batchReader(who, model, true), ({ xs, ys, weights, rows }) => {
      tally.add(testStep(tested, objective, { xs, ys, weights }), rows);
      return [];
    });
    return new Evaluation(feed, tally, limit, callbacks);
  }

  get steps(): number | null {
    const { feed, limit } = this;
    return feed.steps === null || limit === null ? (feed.steps ?? limit) : Math.min(feed.steps, limit);
  }

  /** null where the data had no batch left. */
  async run(report: (step: number, logs: Logs) => void = () => {}): Promise<Logs | null> {
    const { feed, tally, callbacks } = this;
    await callEach(callbacks, (callback) => callback.onTestBegin?.());
    await feed.begin();
    tally.reset();
    const { steps } = this;
    const seen = await runPass({
      ...{ feed, tally, report },
      goesOn: (step) => steps === null || step < steps,
      watched: callbacks.some((callback) => callback.onTestBatchBegin || callback.onTestBatchEnd),
      begin: (batch) => callEach(callbacks, (callback) => callback.onTestBatchBegin?.(batch)),
      end: (batch, logs) => callEach(callbacks, (callback) => callback.onTestBatchEnd?.(batch, logs)),
    });
    if (seen === 0) return null;
    const logs = await tally.read(seen);
    await callEach(callbacks, (callback) => callback.onTestEnd?.(sortedLogs(logs)));
    return logs;
  }
}

export async function evaluateModel(
  model: Model,
  x: Data,
  y: Arrays | undefined,
  options: EvaluateOptions,
): Promise<number[] | number | Logs> {
  refuseUnknown('evaluate', options, ['batchSize', 'verbose', 'sampleWeight', 'steps', 'callbacks', 'returnDict']);
  const verbose = verboseOption('evaluate', options.verbose);
  const returnDict = truth('evaluate', 'returnDict', options.returnDict ?? false);
  const limit = stepsOption('evaluate', 'steps', options.steps);
  const callbacks = callbackList('evaluate', options.callbacks);
  model.objective('evaluate');
  const owned = new Cleanup();
  const line = new ProgressLine({ verbose, epochs: 1, terminal: platform.terminal, now });
  try {
    const source = await testSource(owned, 'evaluate', model, x, y, options);
    const evaluation = await Evaluation.prepare(owned, 'evaluate', model, source, { limit, callbacks });
    for (const callback of callbacks) {
      callback.setParams?.({ verbose, epochs: 1, steps: evaluation.steps });
      callback.setModel?.(model);
    }
    line.begin(0, evaluation.steps);
    let steps = 0;
    const logs = await evaluation.run((step, found) => {
      steps = step;
      line.update(step, Object.entries(found));
    });
    if (!logs) throw new ValueError('evaluate: the data has no batches');
    line.update(evaluation.steps ?? steps, Object.entries(logs));
    line.end(Object.entries(logs));
    return returnDict ? logs : listOrNumber(Object.values(logs));
  } finally {
    line.breakLine();
    owned.dispose();
  }
}

/** Data with targets to test on, in its given order. */
export async function testSource(
  owned: Cleanup,
  who: string,
  model: Model,
  x: Data,
  y: Arrays | undefined,
  { batchSize, sampleWeight }: { readonly batchSize?: number; readonly sampleWeight?: SampleWeight },
): Promise<Source> {
  if (isBatchData(x)) {
    refuseBeside(who, { y, batchSize, sampleWeight });
    return checkedSource(owned, who, model, sourceOf(who, x));
  }
  const size = batchSizeOption(who, batchSize);
  const data = await checkedData(owned, who, model, [x, y, sampleWeight]);
  return arraySource(data, [0, data.x[0]!.shape[0]!], size);
}

/** Loss and metrics as a list; the loss alone, without metrics, as a number. */
export function listOrNumber(values: readonly number[]): number[] | number {
  return values.length === 1 ? values[0]! : [...values];
}
