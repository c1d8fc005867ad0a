import type { View } from '../backend.ts';
import type { KernelCall, KernelName } from '../kernels.ts';
import type { Profile } from './profile.ts';
import type { Constants, Shader } from './shaderText.ts';

/** Memory that a kernel needs between its own dispatches, by index: the same index is the same memory. */
export interface Scratch {
  readonly scratch: number;
  /** From where in it; 0 when it is not said. */
  readonly byteOffset?: number;
  readonly byteLength: number;
}

/** A part of a tensor: elements as the shader sees them, at a multiple of VIEW_ALIGNMENT bytes from its start. */
export interface Range {
  readonly view: View;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** What a shader variable is bound to: a tensor, a part of one, scratch memory, or numbers for a uniform block. */
export type Resource = View | Range | Scratch | Uint32Array;

/** One shader run: the host half of a kernel makes a list of these, and no GPU object. */
export interface Dispatch {
  readonly shader: Shader;
  readonly constants: Constants;
  /** By the name of the shader's variable. */
  readonly bindings: Readonly<Record<string, Resource>>;
  /** How many workgroups; the grid is folded when there are more than one dimension holds. */
  readonly workgroups: number;
  /** Set when all that it does is to add up parts: whoever reads the result may do that instead. */
  readonly sum?: PartialSum;
}

/** y = activation(bias + the sum over s of parts[s]), each of the size of y. */
export interface PartialSum {
  readonly parts: Resource;
  readonly splits: number;
  readonly y: View;
  readonly bias: View | undefined;
  readonly relu: boolean;
}

/** A batch that is not gathered: row i is that of order[start + cursor * stride + i] of a table. */
export interface Rows {
  readonly table: View;
  readonly order: View;
  readonly cursor: View;
  readonly start: number;
  readonly stride: number;
}

/** What a kernel must know of the device to choose its dispatches. */
export interface DeviceFacts {
  /** The largest range that can be bound, in bytes: a multiple of 1024, so that its elements as single bytes are one of 256. */
  readonly maxBinding: number;
  /** Bytes of workgroup memory, and threads of a workgroup, that a shader may ask for. */
  readonly workgroupBytes: number;
  readonly workgroupThreads: number;
  /** Threads of a subgroup where shaders may use them and all are of one size, else 0. */
  readonly subgroupSize: number;
  readonly profile: Profile;
  /** The name of the way that the tuner found best for such a call, if it has measured one. */
  chosen?(call: KernelCall): string | undefined;
}

export type WebgpuKernel<K extends KernelName> = (call: KernelCall<K>, device: DeviceFacts) => Dispatch[];

/** A family of kernels. */
export type WebgpuKernels<K extends KernelName = KernelName> = { readonly [N in K]: WebgpuKernel<N> };

/** Threads of a workgroup in the kernels that handle one element or tile a thread. */
export const WORKGROUP_SIZE = 64;

/** Workgroups that give at least `threads` threads. */
export function groupsFor(threads: number): number {
  return Math.ceil(threads / WORKGROUP_SIZE);
}
