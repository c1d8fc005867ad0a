// One pass of a feed, as training and testing have it.
import type { Logs } from '../callbacks/callback.ts';
import { sortedLogs } from '../callbacks/callback.ts';
import { settleDeferred } from '../engine/deferred.ts';
import type { Feed } from './feed.ts';
import { Pace } from './pace.ts';
import type { Tally } from './tally.ts';

export interface Pass {
  readonly feed: Feed;
  readonly tally: Tally;
  /** Where it begins: steps and samples that the tally holds already. Default: none. */
  readonly step?: number;
  readonly samples?: number;
  goesOn(step: number): boolean;
  /** Called after each step with the steps and samples up to it. */
  done?(steps: number, samples: number): void;
  /** What is known after so many steps, now and then. */
  report(steps: number, logs: Logs): void;
  /** Hooks for batches, where anybody has some: then each batch is waited for. */
  readonly watched: boolean;
  begin(batch: number): Promise<void>;
  end(batch: number, logs: Logs): Promise<void>;
}

/** Runs the steps. Resolves to the samples in them, once nothing is under way any more. */
export async function runPass({ feed, tally, watched, ...pass }: Pass): Promise<number> {
  const pace = new Pace<void>();
  let { step = 0, samples = 0 } = pass;
  while (pass.goesOn(step)) {
    if (watched) await pass.begin(step);
    const rows = await feed.next();
    if (rows === 0) break;
    samples += rows;
    const [batch, seen] = [step++, samples];
    pass.done?.(step, seen);
    if (watched) {
      const logs = await tally.read(seen);
      pass.report(batch + 1, logs);
      await pass.end(batch, sortedLogs(logs));
    } else await pace.after(batch, async () => pass.report(batch + 1, await tally.read(seen)));
  }
  await pace.rest();
  await settleDeferred();
  return samples;
}
