import type { Cleanup } from './cleanup.ts';
import type { BatchStep, Feed, Randomness } from './feed.ts';
import { ResidentFeed } from './residentFeed.ts';
import type { Source } from './source.ts';
import type { BatchReader } from './streamedFeed.ts';

export interface FeedOptions {
  /** Passes of that many steps, each taking up where the one before ended; null for the length of the data. */
  readonly stepsPerPass?: number | null;
  readonly randomness?: Randomness | null;
}

/** A source with a step to run on its batches. What is prepared belongs to `owned`. */
export async function openFeed(
  owned: Cleanup,
  source: Source,
  read: BatchReader,
  step: BatchStep,
  options: FeedOptions = {},
): Promise<Feed> {
  if (source.kind === 'resident') return ResidentFeed.record(owned, source, step, options);
  const { StreamedFeed } = await import('./seldom.ts');
  return owned.hold(new StreamedFeed(source, read, step, options));
}
