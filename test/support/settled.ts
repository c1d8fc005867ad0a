// Memory as it is once everything that the program has lost is found: counts of it can be compared for equality.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, vi } from 'vitest';
import { type MemoryInfo, memory } from '../../src/index.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Rounds of collecting in which nothing more may be found: what one frees may be what held the rest, and finalizers run when they like. */
const STILL = 4;

/**
 * Memory after all garbage is gone. A test takes it before and plain `memory()` after what it tests: then only what was
 * freed on time counts as freed.
 */
export async function settledMemory(): Promise<MemoryInfo> {
  let last = memory();
  for (let still = 0; still < STILL; ) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const now = memory();
    const isStill = JSON.stringify(now) === JSON.stringify(last);
    still = isStill ? still + 1 : 0;
    last = now;
  }
  return last;
}

/** The numbers that must come back: `pooledBytes` may grow, up to what the pool keeps. */
export function held({ tensors, buffers, bytes }: MemoryInfo): Pick<MemoryInfo, 'tensors' | 'buffers' | 'bytes'> {
  return { tensors, buffers, bytes };
}

/** Collects garbage until memory is what it was before; fails with what is left if that takes longer than a busy machine needs. */
export async function expectAllBack(before: MemoryInfo): Promise<void> {
  const check = async () => expect(held(await settledMemory())).toEqual(held(before));
  await vi.waitFor(check, { timeout: 30_000, interval: 100 });
}
