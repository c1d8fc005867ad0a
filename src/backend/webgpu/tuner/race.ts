// Times some ways against each other: in turns, so that what disturbs the machine disturbs all of them.

export interface Runner {
  readonly name: string;
  readonly dispatches: number;
  run(): void;
}

/** Shorter than this is noise, and some clocks are as coarse as a tenth of a millisecond. */
const LONG_MS = 5;
/** Dispatches of one sample: they go in one submit. */
const MOST_DISPATCHES = 200;
const MOST_RUNS = 64;
const ROUNDS = 6;
/** One slow sample may be the machine's fault, so nobody leaves before the third round. */
const FAIR_ROUNDS = 2;
/** Who is slower than the leader by this factor leaves. */
const TOO_SLOW = 1.5;
/** So close to what the device can do nothing is left to win. */
const NEAR = 1.1;

/**
 * Milliseconds of one run of each, in the given order. The first is the yardstick and never leaves. Ends early once the
 * leader is near `boundMs`. A time is eight tenths of the shortest sample and two of the median: luck counts less.
 */
export async function race(
  runners: readonly Runner[],
  time: (record: () => void) => Promise<number>,
  boundMs: number,
): Promise<(readonly [name: string, ms: number])[]> {
  const samples = new Map(runners.map((runner) => [runner, [] as number[]]));
  const best = (runner: Runner) => Math.min(...samples.get(runner)!);
  const leading = () => Math.min(...runners.map(best));
  for (let round = 0; round < ROUNDS; round++) {
    const leader = leading();
    for (const runner of inTurns(runners, round)) {
      if (round >= FAIR_ROUNDS && runner !== runners[0] && best(runner) > TOO_SLOW * leader) continue;
      // Of the first round one run each, to learn how many make a sample.
      const runs = round === 0 ? 1 : runsFor(best(runner), runner.dispatches);
      const ms = await time(() => {
        for (let i = 0; i < runs; i++) runner.run();
      });
      samples.get(runner)!.push(ms / runs);
    }
    if (round >= FAIR_ROUNDS && leading() <= NEAR * boundMs) break;
  }
  return runners.map((runner) => [runner.name, score(samples.get(runner)!)] as const);
}

/** Every other round backwards, so that nobody always follows the same one. */
function inTurns<T>(all: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? all : all.toReversed();
}

function runsFor(ms: number, dispatches: number): number {
  const most = Math.max(1, Math.min(MOST_RUNS, Math.floor(MOST_DISPATCHES / dispatches)));
  return Math.min(most, Math.ceil(LONG_MS / Math.max(ms, 1e-3)));
}

function score(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return 0.8 * sorted[0]! + 0.2 * sorted[Math.floor(sorted.length / 2)]!;
}
