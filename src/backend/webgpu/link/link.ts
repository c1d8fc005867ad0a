// A recorded step as dispatches. Between kernels that follow each other some work is only handing over: a batch is copied so
// that the next may read it, parts are summed, counters move on. Where the reader can do that itself, no dispatch is spent.
//
//   gatherBatch -> conv2dMaxPool2d       the convolution finds its images in the data set
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
import { linkRows } from './rows.ts';

/** A dispatch, and the calls that it stands for: none when it only helps another one. */
export interface LinkedDispatch {
  readonly dispatch: Dispatch;
  readonly calls: readonly number[];
}

export function link(
  calls: readonly KernelCall[],
  results: readonly View[],
  device: DeviceFacts,
  plan: (call: KernelCall) => Dispatch[],
): LinkedDispatch[] {
  const draft: Draft = {
    calls,
    results,
    device,
    dispatches: calls.map(plan),
    taken: calls.map(() => []),
    reads: calls.map(({ inputs }) => inputs),
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
  return draft.dispatches.flatMap((dispatches, at) => {
    const main = dispatches.findLastIndex(({ sum }) => !sum);
    const own = [at, ...draft.taken[at]!].sort((a, b) => a - b);
    return dispatches.map((dispatch, i) => ({ dispatch, calls: i === main ? own : [] }));
  });
}
