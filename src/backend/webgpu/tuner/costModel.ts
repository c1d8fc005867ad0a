// How long a way should take, from what it does and what the device can do: good enough to tell which ways are worth timing.

import { bytesOf } from '../../../tensor/dtype.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { Roof, View } from '../../backend.ts';
import type { Profile } from '../profile.ts';
import type { Way } from '../variant.ts';

export type { Roof };

/** Above, no cache is taken to hold the operands. */
export const CACHED = 32 * 2 ** 20;

/** A guess, in milliseconds. `operands` are the inputs and outputs of the call. */
export function estimateMs({ work, dispatches }: Way, operands: readonly View[], roof: Roof, profile: Profile): number {
  const { flops, loads, sharedLoads, threads } = work;
  const instructions = flops / 2 + loads * profile.loadCost + sharedLoads * profile.sharedLoadCost;
  const busy = Math.min(1, threads / profile.threads);
  const arithmetic = (2000 * instructions) / (roof.flops * busy);
  // What lies between the dispatches is written and read.
  const memory = memoryMs(bytesOfAll(operands) + 2 * scratchBytes(dispatches), roof);
  return Math.max(arithmetic, memory) + dispatches.length * roof.dispatchMs;
}

/** What no way can go below: `flops` at full speed, or each operand moved once, and one dispatch. */
export function boundMs(flops: number, operands: readonly View[], roof: Roof): number {
  return Math.max((1000 * flops) / roof.flops, memoryMs(bytesOfAll(operands), roof)) + roof.dispatchMs;
}

function memoryMs(bytes: number, roof: Roof): number {
  return (1000 * bytes) / (bytes <= CACHED ? roof.cachedBytes : roof.bytes);
}

function bytesOfAll(views: readonly View[]): number {
  return views.reduce((total, { shape, dtype }) => total + sizeOf(shape) * bytesOf(dtype), 0);
}

function scratchBytes(dispatches: Way['dispatches']): number {
  const sizes = new Map<number, number>();
  for (const resource of dispatches.flatMap(({ bindings }) => Object.values(bindings))) {
    if (!('scratch' in resource)) continue;
    sizes.set(resource.scratch, Math.max(sizes.get(resource.scratch) ?? 0, resource.byteLength));
  }
  return [...sizes.values()].reduce((total, bytes) => total + bytes, 0);
}
