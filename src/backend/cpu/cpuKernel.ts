import type { Spec, TypedArray } from '../backend.ts';
import type { KernelAttrs, KernelName } from '../kernels.ts';

/** An operand of a CPU kernel: its elements, row-major. */
export interface CpuArray extends Spec {
  readonly data: TypedArray;
}

/** One kernel call with its operands in reach. */
export interface CpuCall<K extends KernelName> {
  readonly inputs: readonly CpuArray[];
  readonly outputs: readonly CpuArray[];
  readonly attrs: KernelAttrs[K];
}

/** Writes every element of its outputs, whatever was in them. */
export type CpuKernel<K extends KernelName> = (call: CpuCall<K>) => void;

/** A family of kernels. */
export type CpuKernels<K extends KernelName = KernelName> = { readonly [N in K]: CpuKernel<N> };
