// How near a kernel is to what the adapter can do at most, by the roof that the backend measures.
import type { Backend, Roof } from '../src/backend/backend.ts';
import { CACHED } from '../src/backend/webgpu/tuner/costModel.ts';
import { rounded } from './arithmetic.ts';

export interface Cost {
  readonly flops: number;
  readonly bytes: number;
}

/** The least milliseconds that the roof allows for so much work in one dispatch, and which of its sides says so. */
export function leastTime(roof: Roof, { flops, bytes }: Cost): { readonly ms: number; readonly bound: Bound } {
  const arithmetic = (1000 * flops) / roof.flops;
  // What lies between two runs of a bench may well stay in a cache.
  const moving = (1000 * bytes) / (bytes <= CACHED ? roof.cachedBytes : roof.bytes);
  const bound = arithmetic >= moving ? 'arithmetic' : 'bytes';
  return { ms: Math.max(arithmetic, moving) + roof.dispatchMs, bound };
}

type Bound = 'arithmetic' | 'bytes';

/** Throws on a backend without a roof. */
export async function roofOf(backend: Backend): Promise<Roof> {
  const roof = await backend.roof?.();
  if (!roof) throw new Error(`the ${backend.name} backend has no roof`);
  return roof;
}

/** In the units that people compare. */
export function roofText({ flops, cachedBytes, bytes, dispatchMs }: Roof): string {
  const [cached, large] = [cachedBytes, bytes].map((speed) => rounded(speed / 1e9));
  const arithmetic = `${rounded(flops / 1e9)} GFLOP/s`;
  return `${arithmetic}, ${cached} GB/s copied (${large} where no cache holds it), ${rounded(1000 * dispatchMs)} µs a dispatch`;
}
