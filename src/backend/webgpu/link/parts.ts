// Sums that were split: whoever reads the result can add up the parts as well, and no dispatch is spent on it.
import { bytesOf } from '../../../tensor/dtype.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import { VIEW_ALIGNMENT } from '../../backend.ts';
import type { Dispatch, PartialSum, Resource } from '../webgpuKernel.ts';

/** The sums among these dispatches that only add up parts in scratch memory. */
export function sumsIn(dispatches: readonly Dispatch[]): PartialSum[] {
  return dispatches.flatMap(({ sum }) => (sum && 'scratch' in sum.parts ? [sum] : []));
}

/** Memory for parts that outlives the kernel which makes them: one piece, handed out range by range. */
export class PartsMemory {
  private readonly scratch: number;
  private bytes = 0;

  constructor(scratch: number) {
    this.scratch = scratch;
  }

  get byteLength(): number {
    return this.bytes;
  }

  take(byteLength: number): { scratch: number; byteOffset: number; byteLength: number } {
    const range = { scratch: this.scratch, byteOffset: this.bytes, byteLength };
    this.bytes += Math.ceil(byteLength / VIEW_ALIGNMENT) * VIEW_ALIGNMENT;
    return range;
  }
}

export interface KeptParts {
  readonly sum: PartialSum;
  /** Where they lie from now on, as a range of the memory. */
  readonly byteOffset: number;
}

/** The dispatches without these sums, their parts in other memory; and where each lies. */
export function keepParts(
  dispatches: readonly Dispatch[],
  sums: readonly PartialSum[],
  memory: PartsMemory,
): { dispatches: Dispatch[]; kept: KeptParts[] } {
  const moved = new Map<Resource, Resource>();
  const kept = sums.map((sum) => {
    const { splits, y } = sum;
    const range = memory.take(splits * sizeOf(y.shape) * bytesOf(y.dtype));
    moved.set(sum.parts, range);
    return { sum, byteOffset: range.byteOffset };
  });
  const left = dispatches.filter(({ sum }) => !sum || !sums.includes(sum));
  const rebound = left.map((dispatch) => {
    const bindings = Object.entries(dispatch.bindings).map(([name, resource]) => [
      name,
      moved.get(resource) ?? resource,
    ]);
    return { ...dispatch, bindings: Object.fromEntries(bindings) };
  });
  return { dispatches: rebound, kept };
}
