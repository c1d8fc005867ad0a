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

/** How long the pieces of a replay take, in their order. */
export interface Timing {
  /** Whose clock it was: the device's around the work alone, or the program's, waiting for the result included. */
  readonly clock: 'device' | 'program';
  readonly pieces: readonly TimedPiece[];
}

export interface TimedPiece {
  /** The file in shaders/; on a CPU the kernel. */
  readonly shader: string;
  /** What the shader was given as constants. */
  readonly settings: Readonly<Record<string, number | boolean | string>>;
  /** The calls that it computes, by number: none when it only helps another, as a sum of parts does. */
  readonly calls: readonly number[];
  readonly workgroups: number;
  /** Bytes of memory that it was given access to. */
  readonly bytesBound: number;
  /** The median over the rounds. */
  readonly milliseconds: number;
}

/** What a device can do at most, as it was measured. */
export interface Roof {
  /** Floating point operations a second; a multiply-add is two. */
  readonly flops: number;
  /** Bytes a second, read and written together: of a small copy, which caches may hold, and of a large one. */
  readonly cachedBytes: number;
  readonly bytes: number;
  /** Milliseconds that a dispatch takes which does nothing. */
  readonly dispatchMs: number;
}

/** A fixed list of kernel calls that can be run again and again. */
export interface Replay {
  /** How many pieces of work a run hands to the device; on a CPU, kernels. */
  readonly dispatches: number;
  /** Memory that it holds beside the operands of its calls. */
  readonly bytes: number;
  run(): void;
  /** Runs piece by piece, so many times over, and says how long each takes. */
  time?(rounds: number): Promise<Timing>;
  dispose(): void;
}

/** Keeps small texts from one run to the next. */
export interface TextStore {
  /** The text kept under a name, or null when there is none. */
  read(name: string): Promise<string | null>;
  /** Keeps a text: whoever reads sees the old one or the new one. */
  write(name: string, text: string): Promise<void>;
}

/** What was measured of the ways to compute one kind of kernel call. */
export interface Tuned {
  /** The kernel with the sizes and attributes that calls of this kind share. */
  readonly key: string;
  /** The way that is taken from now on, and its milliseconds. */
  readonly way: string;
  readonly ms: number;
  /** The way that is taken unmeasured. */
  readonly first: string;
  readonly firstMs: number;
  /** What the device cannot go below, by its measured arithmetic, bytes and cost of a dispatch. */
  readonly boundMs: number;
  /** All ways that were timed. */
  readonly timings: readonly (readonly [way: string, ms: number])[];
  /** Ways that do not compile here or give wrong results, and why: they are never taken. */
  readonly rejected: readonly (readonly [way: string, why: string])[];
}

/** Chooses among the ways that a backend has for its kernels, by measuring. */
export interface Tuner {
  /** Measures the kinds of calls that are not known yet. Resolves to all that is known of these calls. */
  tune(calls: readonly KernelCall[]): Promise<readonly Tuned[]>;
  report(): readonly Tuned[];
  /** What is known, as JSON. */
  export(): string;
  /** Adds what another run has exported. Rejects with a FormatError when it is damaged or of another device. */
  import(text: string): Promise<void>;
  clear(): Promise<void>;
}

export interface Backend {
  /** Absent where every kernel is computed in one way, or the choice is fixed. */
  readonly tuner?: Tuner | undefined;
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
  /** Measures what the device can do, once. Absent where nothing is worth measuring. */
  roof?(): Promise<Roof>;
  close(): Promise<void>;
}
