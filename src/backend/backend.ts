// The contract both backends keep. It names no op: what a kernel computes is stated in kernels.ts, how in the backends.
// Not the business of a backend: shapes of results, gradients, lifetimes, the order of a training step.
import type { KernelCall, KernelName } from './kernels.ts';

/** Element types. `float64` exists on the CPU backend only, where it is the oracle for every float32 kernel. */
export type DType = 'float32' | 'float64' | 'int32' | 'uint8' | 'bool';

/** The dtypes that gradients exist for. */
export type FloatDType = 'float32' | 'float64';

/** Sizes, outermost first. Elements are stored row-major; a scalar has shape []. */
export type Shape = readonly number[];

/** How elements look in JavaScript. `bool` is a Uint8Array of zeros and ones. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** What is known of a tensor before it has values. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A piece of memory that a backend owns; only that backend looks inside. */
export interface Storage {
  readonly byteLength: number;
}

/** A tensor as a backend sees it: elements from `byteOffset` on, padded to a multiple of STORAGE_ALIGNMENT bytes. */
export interface View extends Spec {
  readonly storage: Storage;
  /** A multiple of VIEW_ALIGNMENT. */
  readonly byteOffset: number;
}

/** Storage is a whole number of vec4f, so that a shader may load and store the last elements as a vector. */
export const STORAGE_ALIGNMENT = 16;

/** WebGPU binds ranges at multiples of 256 bytes (minStorageBufferOffsetAlignment of SwiftShader and most GPUs). */
export const VIEW_ALIGNMENT = 256;

/** What lives where. */
export interface BackendMemory {
  /** Bytes of storage handed out and not freed. */
  readonly bytes: number;
  /** Pieces of storage handed out and not freed. */
  readonly buffers: number;
  /** Bytes kept for reuse. */
  readonly pooledBytes: number;
}

/** A fixed list of kernel calls that can be run again and again. */
export interface Replay {
  /** How many pieces of work a run hands to the device; on a CPU, kernels. */
  readonly dispatches: number;
  run(): void;
  dispose(): void;
}

export interface Backend {
  readonly name: 'cpu' | 'webgpu';
  /** The hardware or driver behind it, for people. */
  readonly adapter: string;
  /** The dtype of floats that nobody gave a dtype to. */
  readonly floatDType: FloatDType;
  supports(dtype: DType): boolean;
  /** After `close` nothing of it can be used. */
  readonly isClosed: boolean;

  /** Memory for at least `byteLength` bytes, with unknown contents. Throws a BackendError when it cannot be had. */
  allocate(byteLength: number): Storage;
  /** Gives memory back. Work already asked for may still use it. */
  free(storage: Storage): void;

  write(target: View, data: TypedArray): void;
  /** Rejects with a BackendError when any work before it has failed. */
  read(source: View): Promise<TypedArray>;
  /** The same at once, where the backend can. */
  readSync?(source: View): TypedArray;

  /** Runs a kernel now; outputs need no particular contents before. */
  run<K extends KernelName>(call: KernelCall<K>): void;
  /**
   * Makes everything `calls` need once: compiled pipelines, bind groups, scratch memory. Of what they write, `results` and
   * what changes in place are promised to be there after a run; values that only pass from call to call need never be written.
   */
  prepare(calls: readonly KernelCall[], results: readonly View[]): Promise<Replay>;

  /** Hands pending work to the device without waiting for it. */
  flush(): void;
  /** Resolves when all work so far is done; rejects with a BackendError when any of it has failed. */
  sync(): Promise<void>;
  memory(): BackendMemory;
  close(): Promise<void>;
}
