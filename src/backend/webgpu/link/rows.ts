// A batch that is gathered only to be read once or twice: the readers find its rows in the data set.
import type { View } from '../../backend.ts';
import type { KernelCall } from '../../kernels.ts';
import { pictures } from '../kernels/chunks.ts';
import { convPoolKernels } from '../kernels/convPool/index.ts';
import type { DeviceFacts, Dispatch, Rows } from '../webgpuKernel.ts';
import { bytesIn, isSame, isUnwritten, readersOf } from './access.ts';
import { asCall, type Draft, take } from './draft.ts';

/** The call again, with the rows of a table as its first input; null when its kernel cannot. */
function withRows(call: KernelCall, device: DeviceFacts, rows: Rows): Dispatch[] | null {
  const pool = asCall(call, 'conv2dMaxPool2d');
  if (pool) return convPoolKernels.conv2dMaxPool2d(pool, device, rows);
  const grad = asCall(call, 'conv2dMaxPool2dGradKernel');
  if (grad) return convPoolKernels.conv2dMaxPool2dGradKernel(grad, device, rows);
  const resample = asCall(call, 'affineResample');
  return resample && pictures().affineResample(resample, device, rows);
}

/** The rows that a gatherBatch would copy, when they can be read where they are. */
export function rowsOf(call: KernelCall<'gatherBatch'>, { maxBinding }: DeviceFacts): Rows | null {
  const [table, order, cursor] = call.inputs as [View, View, View];
  if (bytesIn(table) > maxBinding) return null;
  return { table, order, cursor, start: call.attrs.start, stride: call.attrs.stride };
}

export function linkRows(draft: Draft): void {
  const { calls, results, device } = draft;
  calls.forEach((call, at) => {
    const gather = asCall(call, 'gatherBatch');
    const rows = gather && rowsOf(gather, device);
    const batch = gather?.outputs[0];
    const readers = batch && readersOf(calls, results, at, batch);
    if (!rows || !readers || readers.length === 0) return;
    const planned = readers.map(({ at: reader, input }) => {
      const call = calls[reader]!;
      const isBatch = input === 0 && isSame(call.inputs[0]!, batch);
      return isBatch && isUnwritten(calls, gather.inputs, at, reader) ? withRows(call, device, rows) : null;
    });
    if (planned.includes(null)) return;
    for (const [i, { at: reader }] of readers.entries()) {
      draft.dispatches[reader] = planned[i]!;
      draft.reads[reader] = [...draft.reads[reader]!, ...gather.inputs];
    }
    take(draft, at, readers[0]!.at);
  });
}
