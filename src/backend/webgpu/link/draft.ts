import type { View } from '../../backend.ts';
import type { KernelCall, KernelName } from '../../kernels.ts';
import type { DeviceFacts, Dispatch } from '../webgpuKernel.ts';
import { isUnwritten, overlap } from './access.ts';

/** A step while it is linked. */
export interface Draft {
  readonly calls: readonly KernelCall[];
  /** What is read when all calls are done, beside what they change in place. */
  readonly results: readonly View[];
  readonly device: DeviceFacts;
  /** For each call its dispatches, none when others have taken it over. */
  readonly dispatches: Dispatch[][];
  /** For each call those that it has taken over. */
  readonly taken: number[][];
  /** For each call what it reads by now. */
  readonly reads: (readonly View[])[];
  /** Scratch memory that no kernel has for itself, and that is used for one thing in a step. */
  newScratch(): number;
}

/** The call as one of that kernel, if it is one. */
export function asCall<K extends KernelName>(call: KernelCall | undefined, kernel: K): KernelCall<K> | null {
  // The name says which kernel it is, and so which attributes it has.
  return call?.kernel === kernel ? (call as KernelCall<K>) : null;
}

/** Whether a change of the views could as well happen at any time between the two calls. */
export function isQuiet({ calls, reads }: Draft, views: readonly View[], after: number, before: number): boolean {
  const meets = (others: readonly View[]) => others.some((other) => views.some((view) => overlap(other, view)));
  return isUnwritten(calls, views, after, before) && !reads.slice(after + 1, before).some(meets);
}

/** Whether another call does by now what this one did. */
export function isTaken({ taken }: Draft, at: number): boolean {
  return taken.some((calls) => calls.includes(at));
}

/** `by` does from now on what call number `at` did. */
export function take(draft: Draft, at: number, by: number): void {
  draft.dispatches[at] = [];
  draft.taken[by]!.push(at);
}
