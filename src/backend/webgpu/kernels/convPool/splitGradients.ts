import { sizeOf } from '../../../../tensor/shape.ts';
import type { View } from '../../../backend.ts';
import type { Dispatch, Resource } from '../../webgpuKernel.ts';
import { splitSum } from '../splitSum.ts';

export interface SplitGradients {
  /** What the shader writes: the gradients themselves, or parts of them in scratch memory. */
  readonly partials: Resource;
  readonly bias_partials: Resource;
  /** What adds the parts up; nothing when there is one. */
  readonly sums: Dispatch[];
}

/** The gradients of kernel and bias when so many threads share each sum. */
export function splitGradients(dkernel: View, dbias: View | undefined, SPLITS: number): SplitGradients {
  const K = dkernel.shape[3]!;
  const parts = (scratch: number, size: number) => ({ scratch, byteLength: 4 * SPLITS * size });
  const biasParts = parts(1, K);
  if (SPLITS === 1) return { partials: dkernel, bias_partials: dbias ?? biasParts, sums: [] };
  const kernelParts = parts(0, sizeOf(dkernel.shape));
  const sum = (from: Resource, to: View) =>
    splitSum(from, to, { BATCH: 1, SPLITS, SIZE: sizeOf(to.shape), COLUMNS: K, RELU: false });
  const sums = [sum(kernelParts, dkernel), ...(dbias ? [sum(biasParts, dbias)] : [])];
  return { partials: kernelParts, bias_partials: biasParts, sums };
}
