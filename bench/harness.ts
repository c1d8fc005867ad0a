import Benchmark from 'benchmark';
import { median } from './arithmetic.ts';

/** Something to time: one run does `units` of it (steps, say), and figures are for one unit. */
export interface Row {
  readonly name: string;
  readonly units: number;
  run(): void | Promise<void>;
}

export interface Measured {
  readonly name: string;
  readonly medianMs: number;
  readonly minimumMs: number;
  /** Milliseconds a unit, one sample a round. */
  readonly samplesMs: readonly number[];
}

export interface Rounds {
  readonly counted: number;
  /** Before those that count. */
  readonly warmUp: number;
}

const usual: Rounds = { counted: 12, warmUp: 2 };

/**
 * Times the rows in turns, a sample of each in every round: what disturbs the machine for a while disturbs all of them.
 * Every other round goes backwards, so that none always runs in the wake of the same one.
 */
export async function measure(rows: readonly Row[], { counted, warmUp } = usual): Promise<Measured[]> {
  const samples = new Map(rows.map((row) => [row, [] as number[]]));
  for (let round = -warmUp; round < counted; round++) {
    for (const row of round % 2 === 0 ? rows : rows.toReversed()) {
      const ms = (1000 * (await seconds(row))) / row.units;
      if (round >= 0) samples.get(row)?.push(ms);
    }
  }
  return Array.from(samples, ([{ name }, samplesMs]) => {
    return { name, medianMs: median(samplesMs), minimumMs: Math.min(...samplesMs), samplesMs };
  });
}

/** A sample lasts about this long: shorter ones measure the clock and the wait. */
const SAMPLE_MS = 20;
const MOST_UNITS = 50;

/** How many units a run should do. `run` does so many, and has been run before. */
export async function unitsFor(run: (units: number) => Promise<void>): Promise<number> {
  const begin = performance.now();
  await run(2);
  const ms = (performance.now() - begin) / 2;
  return Math.max(1, Math.min(MOST_UNITS, Math.round(SAMPLE_MS / ms)));
}

/** One run by the clock of `benchmark`, without its own repetitions. */
function seconds(row: Row): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = new Benchmark({
      defer: true,
      async: true,
      delay: 0,
      minSamples: 1,
      // The shortest that is not "choose for me".
      minTime: 1e-9,
      maxTime: 0,
      fn(deferred: { resolve(): void }) {
        Promise.resolve(row.run()).then(() => deferred.resolve(), reject);
      },
      onComplete: () => resolve(timer.stats.mean),
      onError: () => reject(timer.error),
    });
    timer.run();
  });
}

/** Work that none of our code is in: when it changes from one run to another, so did the machine. */
export const control: Row = {
  name: 'control: 10 million multiply-adds in plain JavaScript',
  units: 1,
  run() {
    const values = new Float64Array(1000).fill(1);
    for (let round = 0; round < 10_000; round++) {
      for (let i = 0; i < values.length; i++) values[i] = values[i]! * 0.999 + 0.001;
    }
    // Used, so that no compiler may leave the loop out.
    if (!(Math.abs(values[0]! - 1) < 1e-6)) throw new Error(`the control computes ${values[0]}`);
  },
};
