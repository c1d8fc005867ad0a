// Where the time of a replay goes: each dispatch alone, by the stopwatch.
import { bytesOf } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Timing } from '../backend.ts';
import type { LinkedDispatch } from './link/link.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { Resource } from './webgpuKernel.ts';

/** `runs` record the dispatches, one each. The first round only wakes the device. */
export async function timePieces(
  linked: readonly LinkedDispatch[],
  runs: readonly (() => void)[],
  rounds: number,
  stopwatch: Stopwatch,
): Promise<Timing> {
  const samples: number[][] = runs.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (const [i, run] of runs.entries()) {
      const ms = await stopwatch.time(run);
      if (round >= 0) samples[i]!.push(ms);
    }
  }
  const pieces = linked.map(({ dispatch: { shader, constants, bindings, workgroups }, calls }, i) => ({
    shader: shader.name,
    settings: constants,
    calls,
    workgroups,
    bytesBound: Object.values(bindings).reduce((total, resource) => total + bytesIn(resource), 0),
    milliseconds: median(samples[i]!),
  }));
  return { clock: stopwatch.clock, pieces };
}

function bytesIn(resource: Resource): number {
  return 'byteLength' in resource ? resource.byteLength : sizeOf(resource.shape) * bytesOf(resource.dtype);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
