// The end of a training step's forward pass as one dispatch: classify, with the sum of split logits before it, the labels that
// are gathered for it, and the totals and the counter behind it.
import { wgsl } from '../../../platform/wgsl.ts';
import { bytesOf } from '../../../tensor/dtype.ts';
import type { View } from '../../backend.ts';
import type { KernelCall } from '../../kernels.ts';
import { placeOf } from '../kernels/convPool/images.ts';
import { floatBits, uniform } from '../kernels/params.ts';
import type { Dispatch, Resource } from '../webgpuKernel.ts';
import { isSame, isUnwritten, makerOf, overlap, readersOf } from './access.ts';
import { asCall, type Draft, isQuiet, isTaken, take } from './draft.ts';
import { keepParts, PartsMemory, sumsIn } from './parts.ts';
import { rowsOf } from './rows.ts';

const shader = { name: 'classify_step', text: wgsl('classify_step') };

/** One workgroup does all rows: above so many logits it would take longer than the dispatches that it saves. */
const MOST_LOGITS = 2 ** 15;

interface Total {
  readonly at: number;
  readonly target: View;
  readonly scale: number;
}

export function linkClassifier(draft: Draft, at: number, call: KernelCall<'classify'>): void {
  const { calls, results, device } = draft;
  const [logits, labels] = call.inputs as [View, View];
  const [loss, slope, y, hit] = call.outputs as [View, View, View, View];
  const [rows, classes] = logits.shape as [number, number];
  const gatherAt = makerOf(calls, at, labels);
  const gather = asCall(calls[gatherAt], 'gatherBatch');
  const batch = gather && rowsOf(gather, device);
  if (
    !gather ||
    !batch ||
    labels.dtype !== 'float32' ||
    rows * classes > MOST_LOGITS ||
    !isUnwritten(calls, gather.inputs, gatherAt, at)
  )
    return;
  if (readersOf(calls, results, gatherAt, labels)?.length !== 1) return;
  if (readersOf(calls, results, at, y)?.length !== 0) return;

  const [losses, hits] = [totalOf(draft, at, loss), totalOf(draft, at, hit)];
  if (!losses || hits === null) return;
  const totals = rangeOf(hits ? [losses.target, hits.target] : [losses.target]);
  if (!totals || totals.byteLength > device.maxBinding || overlap(losses.target, slope)) return;

  const parts = takeParts(draft, at, logits);
  const counter = counterAfter(draft, at);
  const dispatch: Dispatch = {
    shader,
    constants: {
      HAS_BIAS: parts.bias !== undefined,
      LOSS_AT: totals.placeOf(losses.target),
      HIT_AT: hits ? totals.placeOf(hits.target) : 0,
      COUNT: counter?.by ?? 0,
    },
    bindings: {
      params: uniform(
        ...placeOf(batch),
        ...[rows, classes, parts.splits],
        ...[call.attrs.scale, losses.scale, hits?.scale ?? 0].map(floatBits),
      ),
      parts: parts.resource,
      bias: parts.bias ?? parts.resource,
      labels: batch.table,
      order: batch.order,
      cursor: batch.cursor,
      slope,
      totals: totals.resource,
      counter: counter?.target ?? { scratch: draft.newScratch(), byteLength: 4 },
    },
    workgroups: 1,
  };
  draft.dispatches[at] = [dispatch];
  draft.reads[at] = [...draft.reads[at]!, ...gather.inputs];
  take(draft, gatherAt, at);
  take(draft, losses.at, at);
  if (hits) take(draft, hits.at, at);
  if (counter) take(draft, counter.at, at);
}

/** The one total that takes in these values; undefined when nobody reads them, null when somebody else does. */
function totalOf(draft: Draft, at: number, values: View): Total | undefined | null {
  const readers = readersOf(draft.calls, draft.results, at, values);
  if (readers?.length === 0) return undefined;
  const reader = readers?.length === 1 ? readers[0]! : null;
  const total = reader && asCall(draft.calls[reader.at], 'accumulate');
  const target = total?.inputs[0];
  if (!reader || !total || !target || reader.input !== 1 || !isSame(total.inputs[1]!, values)) return null;
  return isQuiet(draft, [target], at, reader.at) ? { at: reader.at, target, scale: total.attrs.scale } : null;
}

interface Totals {
  readonly resource: Resource;
  readonly byteLength: number;
  /** In elements. */
  placeOf(target: View): number;
}

/** A range that holds all targets, when they lie in one buffer. */
function rangeOf(targets: readonly View[]): Totals | null {
  const first = targets.reduce((a, b) => (b.byteOffset < a.byteOffset ? b : a));
  const last = targets.reduce((a, b) => (b.byteOffset > a.byteOffset ? b : a));
  if (first.storage !== last.storage) return null;
  const byteLength = last.byteOffset - first.byteOffset + bytesOf(last.dtype);
  return {
    resource: { view: first, byteOffset: 0, byteLength },
    byteLength,
    placeOf: ({ byteOffset, dtype }) => (byteOffset - first.byteOffset) / bytesOf(dtype),
  };
}

interface Logits {
  readonly resource: Resource;
  readonly splits: number;
  readonly bias: View | undefined;
}

/** The parts of a product that nobody else reads, or the logits as they are. */
function takeParts(draft: Draft, at: number, logits: View): Logits {
  const { calls, results, dispatches } = draft;
  const whole = { resource: logits, splits: 1, bias: undefined };
  const maker = makerOf(calls, at, logits);
  if (maker < 0 || readersOf(calls, results, maker, logits)?.length !== 1) return whole;
  const [sum] = sumsIn(dispatches[maker]!);
  if (!sum || sum.relu || !isSame(sum.y, logits)) return whole;
  if (sum.bias && !isUnwritten(calls, [sum.bias], maker, at)) return whole;
  const scratch = draft.newScratch();
  const memory = new PartsMemory(scratch);
  const { dispatches: left } = keepParts(dispatches[maker]!, [sum], memory);
  draft.dispatches[maker] = left;
  return { resource: { scratch, byteLength: memory.byteLength }, splits: sum.splits, bias: sum.bias };
}

interface Counter {
  readonly at: number;
  readonly target: View;
  readonly by: number;
}

/** The counter of Adam's updates, which only Adam reads between here and where it moves on: see adam.ts. */
function counterAfter(draft: Draft, at: number): Counter | null {
  const { calls } = draft;
  for (let later = at + 1; later < calls.length; later++) {
    const adam = asCall(calls[later], 'adam');
    if (!adam) continue;
    const iteration = adam.inputs[4]!;
    const moved = calls.findIndex(
      (call, i) => i > later && call.kernel === 'increment' && isSame(call.inputs[0]!, iteration),
    );
    const increment = asCall(calls[moved], 'increment');
    if (increment?.attrs.by !== 1 || isTaken(draft, moved)) return null;
    const quiet = isQuiet(draft, [iteration], at, later) && isQuiet(draft, [iteration], later, moved);
    return quiet ? { at: moved, target: iteration, by: 1 } : null;
  }
  return null;
}
