// Adam at the end of a training step: it adds up what split sums left of the gradients, and moves on the counter that finds the
// next batch.
import type { View } from '../../backend.ts';
import type { KernelCall } from '../../kernels.ts';
import { adam } from '../kernels/adam.ts';
import type { PartialSum } from '../webgpuKernel.ts';
import { bytesIn, covers, isSame, readersOf } from './access.ts';
import { asCall, type Draft, isQuiet, isTaken, take } from './draft.ts';
import { type KeptParts, keepParts, PartsMemory, sumsIn } from './parts.ts';

/** Bytes of parts that nobody misses. */
const SMALL = 2 ** 18;
/** Adam looks for each of its vectors through all segments. */
const MOST_SEGMENTS = 32;

export function linkAdam(draft: Draft, at: number, call: KernelCall<'adam'>): void {
  const { calls } = draft;
  const [, , , gradient, iteration] = call.inputs as [View, View, View, View, View];
  const scratch = draft.newScratch();
  const memory = new PartsMemory(scratch);
  const kept: KeptParts[] = [];
  for (let maker = 0; maker < at; maker++) {
    const sums = sumsIn(draft.dispatches[maker]!).filter((sum) => isForAdamAlone(draft, maker, at, gradient, sum));
    if (sums.length === 0 || kept.length + sums.length > MOST_SEGMENTS) continue;
    // Parts that wait for Adam cannot share memory: a gradient of many small parts is worth it, a large one has its sum made.
    const bytes = memory.byteLength + sums.reduce((total, { splits, y }) => total + splits * bytesIn(y), 0);
    if (bytes > Math.max(bytesIn(gradient) / 2, SMALL)) continue;
    const left = keepParts(draft.dispatches[maker]!, sums, memory);
    draft.dispatches[maker] = left.dispatches;
    kept.push(...left.kept);
  }
  const counter = counterAfter(draft, at);
  draft.dispatches[at] = adam(call, draft.device, {
    // The classifier may have moved the iteration on before.
    counted: draft.taken.some((taken) =>
      taken.some((i) => i > at && calls[i]!.kernel === 'increment' && isSame(calls[i]!.inputs[0]!, iteration)),
    ),
    counter: counter?.target,
    by: counter?.by ?? 0,
    parts: { scratch, byteLength: memory.byteLength },
    segments: kept.map(({ sum: { y, splits }, byteOffset }) => ({
      first: (y.byteOffset - gradient.byteOffset) / 16,
      vectors: sizeInVectors(y),
      base: byteOffset / 16,
      splits,
    })),
  });
  if (counter) take(draft, counter.at, at);
}

function sizeInVectors({ shape }: View): number {
  return shape.reduce((size, length) => size * length, 1) / 4;
}

/** Whether the result lies in the gradient that Adam reads, is read by nobody else, and each part is whole vectors. */
function isForAdamAlone(
  draft: Draft,
  maker: number,
  at: number,
  gradient: View,
  { y, bias, relu }: PartialSum,
): boolean {
  if (bias || relu || !covers(gradient, y) || !Number.isInteger(sizeInVectors(y))) return false;
  const readers = readersOf(draft.calls, draft.results, maker, y);
  return readers?.length === 1 && readers[0]!.at === at && readers[0]!.input === 3;
}

interface Counter {
  readonly at: number;
  readonly target: View;
  readonly by: number;
}

/** The last counter behind Adam that nobody looks at in between, Adam itself not. */
function counterAfter(draft: Draft, at: number): Counter | null {
  const { calls } = draft;
  for (let later = calls.length - 1; later > at; later--) {
    const increment = asCall(calls[later], 'increment');
    const target = increment?.inputs[0];
    if (!increment || !target || isTaken(draft, later)) continue;
    const ofAdam = calls[at]!.inputs.some((input) => isSame(input, target));
    if (!ofAdam && isQuiet(draft, [target], at, later)) return { at: later, target, by: increment.attrs.by };
  }
  return null;
}
