// Kernels that matter can be computed in several ways: other shaders, other tiles. A variant lists the ways that a shader
// offers for a call; the first of all is taken unless the tuner has measured a better one.
import type { KernelCall, KernelName } from '../kernels.ts';
import type { DeviceFacts, Dispatch, Rows, WebgpuKernel } from './webgpuKernel.ts';

/** What one way costs, for a first guess at its time: the whole call, all threads together. */
export interface Work {
  readonly flops: number;
  /** Load instructions from storage: a vector counts once, as a scalar does. */
  readonly loads: number;
  /** The same from workgroup memory, or from a neighbour by a subgroup broadcast. */
  readonly sharedLoads: number;
  readonly threads: number;
}

/** One way to compute a call. */
export interface Way {
  /** Shader and settings, as the tuner's table and the bench show them: `matmul TM=8 TN=5`. Unique among the ways of a call. */
  readonly name: string;
  readonly work: Work;
  readonly dispatches: Dispatch[];
}

/**
 * The ways of one shader for a call, likeliest first; none when it cannot do this call on this device. `rows`: the first input
 * is not there, but its rows lie in a table; only kernels that link/rows.ts knows are asked that.
 */
export type Variant<K extends KernelName> = (call: KernelCall<K>, device: DeviceFacts, rows?: Rows) => Iterable<Way>;

/** A variant that lies in code of its own. */
export const laterVariant =
  <K extends KernelName>(load: () => Variant<K>): Variant<K> =>
  (...call) =>
    load()(...call);

/** A kernel with a choice. Called, it takes the way that the tuner found best, or else the first. */
export interface TunableKernel<K extends KernelName> extends WebgpuKernel<K> {
  (call: KernelCall<K>, device: DeviceFacts, rows?: Rows): Dispatch[];
  ways(call: KernelCall<K>, device: DeviceFacts): Iterable<Way>;
}

/** Whether a kernel offers a choice. */
export function isTunable<K extends KernelName>(kernel: WebgpuKernel<K>): kernel is TunableKernel<K> {
  return 'ways' in kernel;
}

/** `inOrder`: the variants, the one to take unmeasured first, with the reason beside each branch. */
export function tunable<K extends KernelName>(
  inOrder: (call: KernelCall<K>, device: DeviceFacts) => readonly Variant<K>[],
): TunableKernel<K> {
  function* ways(call: KernelCall<K>, device: DeviceFacts, rows?: Rows): Iterable<Way> {
    for (const variant of inOrder(call, device)) yield* variant(call, device, rows);
  }
  const kernel = (call: KernelCall<K>, device: DeviceFacts, rows?: Rows): Dispatch[] => {
    const wanted = device.chosen?.(call);
    let first: Way | null = null;
    for (const way of ways(call, device, rows)) {
      if (wanted === undefined || way.name === wanted) return way.dispatches;
      first ??= way;
    }
    if (!first) throw new Error(`${call.kernel}: no way to compute it`);
    return first.dispatches;
  };
  return Object.assign(kernel, { ways });
}

/** `shader A=1 B=2`. */
export function nameOf(shader: string, settings: Readonly<Record<string, number>>): string {
  return [shader, ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)].join(' ');
}
