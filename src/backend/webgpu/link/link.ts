// A recorded step as dispatches. Between kernels that follow each other some work is only handing over: a batch is copied so
// that the next may read it, parts are summed, counters move on. Where the reader can do that itself, no dispatch is spent.
//
//   gatherBatch -> conv2dMaxPool2d       the convolution finds its images in the data set
//   gatherBatch -> affineResample        so do pictures that are transformed
//   matmul -> classify -> accumulate     one dispatch (shaders/classify_step.wgsl), which also finds its labels
//   ...gradients -> adam                 Adam adds up the parts that a split sum left
//   increment                            done by the classifier or by Adam, where nobody looks in between
//
// What runs, and in which order values are seen, stays that of the calls.
import type { View } from '../../backend.ts';
import type { KernelCall } from '../../kernels.ts';
import type { DeviceFacts, Dispatch } from '../webgpuKernel.ts';
import { linkAdam } from './adam.ts';
import { linkClassifier } from './classifier.ts';
import { asCall, type Draft } from './draft.ts';
import { isLegal } from './legal.ts';
import { linkRows } from './rows.ts';

/** Above those that kernels use between their own dispatches. */
const FIRST_SCRATCH = 100;

/** A dispatch, and the calls that it stands for: none when it only helps another one. */
export interface LinkedDispatch {
  readonly dispatch: Dispatch;
  readonly calls: readonly number[];
}

/** The dispatches of these calls, linked where that is possible; `results` are read when all calls are done. */
export function link(
  calls: readonly KernelCall[],
  results: readonly View[],
  device: DeviceFacts,
  plan: (call: KernelCall) => Dispatch[],
): LinkedDispatch[] {
  const linked = linkAll(calls, results, device, plan);
  // Calls that were planned apart may share a buffer that one reads and the other writes; as one dispatch they must not.
  if (linked.every(({ dispatch }) => isLegal(dispatch))) return linked;
  return calls.flatMap((call, at) => numbered(plan(call), [at]));
}

function linkAll(
  calls: readonly KernelCall[],
  results: readonly View[],
  device: DeviceFacts,
  plan: (call: KernelCall) => Dispatch[],
): LinkedDispatch[] {
  let scratch = FIRST_SCRATCH;
  const draft: Draft = {
    calls,
    results,
    device,
    dispatches: calls.map(plan),
    taken: calls.map(() => []),
    reads: calls.map(({ inputs }) => inputs),
    newScratch: () => scratch++,
  };
  linkRows(draft);
  calls.forEach((call, at) => {
    const classify = asCall(call, 'classify');
    if (classify) linkClassifier(draft, at, classify);
  });
  calls.forEach((call, at) => {
    const adam = asCall(call, 'adam');
    if (adam) linkAdam(draft, at, adam);
  });
  return draft.dispatches.flatMap((dispatches, at) => numbered(dispatches, [at, ...draft.taken[at]!]));
}

/** The last dispatch that does not only add up parts is the one that computes the calls. */
function numbered(dispatches: readonly Dispatch[], calls: readonly number[]): LinkedDispatch[] {
  const main = dispatches.findLastIndex(({ sum }) => !sum);
  const own = calls.toSorted((a, b) => a - b);
  return dispatches.map((dispatch, i) => ({ dispatch, calls: i === main ? own : [] }));
}
