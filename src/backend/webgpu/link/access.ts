// What the calls of a recorded step read and write, as ranges of memory: who needs a value, and who still has it.
import { bytesOf } from '../../../tensor/dtype.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { View } from '../../backend.ts';
import { type KernelCall, overwritten } from '../../kernels.ts';

/** An input of a call: number `input` of call number `at`. */
export interface Reader {
  readonly at: number;
  readonly input: number;
}

export function bytesIn(view: View): number {
  return sizeOf(view.shape) * bytesOf(view.dtype);
}

export function overlap(a: View, b: View): boolean {
  if (a.storage !== b.storage) return false;
  return a.byteOffset < b.byteOffset + bytesIn(b) && b.byteOffset < a.byteOffset + bytesIn(a);
}

export function covers(whole: View, part: View): boolean {
  const ends = part.byteOffset + bytesIn(part) <= whole.byteOffset + bytesIn(whole);
  return whole.storage === part.storage && whole.byteOffset <= part.byteOffset && ends;
}

/** The same memory, perhaps under another shape. */
export function isSame(a: View, b: View): boolean {
  return covers(a, b) && covers(b, a);
}

export function writesOf({ kernel, inputs, outputs }: KernelCall): View[] {
  return [...outputs, ...(overwritten[kernel] ?? []).map((i) => inputs[i]!)];
}

/** Bytes from `start` to before `end`. */
interface Span {
  readonly start: number;
  readonly end: number;
}

const spanOf = (view: View): Span => ({ start: view.byteOffset, end: view.byteOffset + bytesIn(view) });

/** What is left of spans when one is overwritten. */
function without(spans: readonly Span[], { start, end }: Span): Span[] {
  return spans.flatMap((span) =>
    [
      { start: span.start, end: Math.min(span.end, start) },
      { start: Math.max(span.start, end), end: span.end },
    ].filter((rest) => rest.start < rest.end),
  );
}

/**
 * Everything that reads the value that call number `at` leaves in `view`, or some of it, until it is overwritten. Null when
 * it is among the `results` that are read when all calls are done.
 */
export function readersOf(
  calls: readonly KernelCall[],
  results: readonly View[],
  at: number,
  view: View,
): Reader[] | null {
  const readers: Reader[] = [];
  let alive = [spanOf(view)];
  const isAlive = (other: View) => {
    const { start, end } = spanOf(other);
    return other.storage === view.storage && alive.some((span) => span.start < end && start < span.end);
  };
  for (let later = at + 1; later < calls.length && alive.length > 0; later++) {
    const call = calls[later]!;
    call.inputs.forEach((input, i) => {
      if (isAlive(input)) readers.push({ at: later, input: i });
    });
    for (const target of writesOf(call)) if (isAlive(target)) alive = without(alive, spanOf(target));
  }
  return results.some(isAlive) ? null : readers;
}

/** Whether no call between the two, neither of them included, writes any of the views. */
export function isUnwritten(
  calls: readonly KernelCall[],
  views: readonly View[],
  after: number,
  before: number,
): boolean {
  return calls
    .slice(after + 1, before)
    .every((call) => !writesOf(call).some((target) => views.some((view) => overlap(target, view))));
}

/** The call before `at` that made the value in `view`, or -1 when it is older than the calls, or made in parts. */
export function makerOf(calls: readonly KernelCall[], at: number, view: View): number {
  for (let earlier = at - 1; earlier >= 0; earlier--) {
    const written = writesOf(calls[earlier]!).filter((target) => overlap(target, view));
    if (written.length > 0) return calls[earlier]!.outputs.some((output) => isSame(output, view)) ? earlier : -1;
  }
  return -1;
}
