// The parts of the other engines that the bench uses. They are not installed with the package, so their own types are not at
// hand when it is checked.

declare module '@jax-js/jax' {
  export interface Array {
    readonly shape: number[];
    readonly ref: Array;
    add(other: Array | number): Array;
    sub(other: Array | number): Array;
    mul(other: Array | number): Array;
    div(other: Array | number): Array;
    reshape(shape: readonly number[]): Array;
    astype(dtype: string): Array;
    data(): Promise<Float32Array<ArrayBuffer>>;
    dispose(): void;
  }
  type Tree = Array | readonly Tree[];
  export function init(device: 'webgpu'): Promise<string[]>;
  export function defaultDevice(device: 'webgpu'): string;
  export function getWebGPUDevice(): GPUDevice;
  export function blockUntilReady(x: Tree): Promise<Tree>;
  export function jit<Args extends readonly Tree[], Result extends Tree>(
    fn: (...args: Args) => Result,
  ): ((...args: Args) => Result) & { dispose(): void };
  export function vjp(
    fn: (x: Array) => Array,
    primals: [Array],
  ): [Array, ((dy: Array) => [Array]) & { dispose(): void }];
  export function valueAndGrad(
    fn: (parameters: Array[]) => [Array, Array],
    options: { hasAux: true },
  ): (parameters: Array[]) => [[Array, Array], Array[]];
  export const lax: {
    convGeneralDilated(
      x: Array,
      kernel: Array,
      strides: number[],
      padding: 'SAME' | 'VALID' | [number, number][],
    ): Array;
    reduceWindow(x: Array, reduce: (window: Array) => Array, size: number[], strides: number[]): Array;
  };
  export const nn: {
    relu(x: Array): Array;
    logSoftmax(x: Array, axis: number): Array;
    oneHot(x: Array, depth: number): Array;
  };
  export const numpy: {
    readonly float32: string;
    array(values: Float32Array | Int32Array | number): Array;
    zeros(shape: readonly number[]): Array;
    matmul(a: Array, b: Array): Array;
    max(x: Array): Array;
    mean(x: Array): Array;
    sum(x: Array, axis: number): Array;
    argmax(x: Array, axis: number): Array;
    equal(a: Array, b: Array): Array;
    sqrt(x: Array): Array;
    exp(x: Array): Array;
    pad(x: Array, width: [number, number][]): Array;
  };
}

declare module '@tensorflow/tfjs' {
  export interface Tensor {
    readonly shape: number[];
    slice(begin: number[], size: number[]): Tensor;
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  interface Layer {
    readonly name: string;
  }
  interface Model {
    add(layer: Layer): void;
    compile(options: { optimizer: 'adam'; loss: 'categoricalCrossentropy'; metrics: ['accuracy'] }): void;
    setWeights(weights: Tensor[]): void;
    trainOnBatch(x: Tensor, y: Tensor): Promise<number | number[]>;
    fit(
      x: Tensor,
      y: Tensor,
      options: { batchSize: number; epochs: number; shuffle: boolean; verbose: 0 },
    ): Promise<{ history: { loss: number[] } }>;
  }
  export function setBackend(name: 'webgpu' | 'cpu'): Promise<boolean>;
  export function backend(): object;
  export function tensor(values: Float32Array, shape: readonly number[]): Tensor;
  export function oneHot(indices: Tensor, depth: number): Tensor;
  export function tensor1d(values: Int32Array, dtype: 'int32'): Tensor;
  export function conv2d(x: Tensor, kernel: Tensor, strides: number, padding: 'valid' | 'same'): Tensor;
  export function matMul(a: Tensor, b: Tensor): Tensor;
  export function add(a: Tensor, b: Tensor): Tensor;
  export function relu(x: Tensor): Tensor;
  export function pad(x: Tensor, paddings: [number, number][]): Tensor;
  export function maxPool(x: Tensor, size: number, strides: number, padding: 'valid'): Tensor;
  export function mean(x: Tensor, axes: number[]): Tensor;
  export function tidy<T>(body: () => T): T;
  export const fused: {
    conv2d(options: {
      x: Tensor;
      filter: Tensor;
      strides: number;
      pad: 'valid' | 'same';
      bias: Tensor;
      activation: 'relu' | 'linear';
    }): Tensor;
  };
  export function engine(): {
    runKernel(name: string, inputs: Record<string, Tensor>, attrs: Record<string, unknown>): Tensor;
  };
  export function sequential(): Model;
  export const layers: {
    conv2d(options: { filters: number; kernelSize: number; activation: 'relu'; inputShape: number[] }): Layer;
    maxPooling2d(options: { poolSize: number }): Layer;
    flatten(): Layer;
    dense(options: { units: number; activation: 'softmax' }): Layer;
  };
}

declare module '@tensorflow/tfjs-backend-webgpu' {
  export class WebGPUBackend {
    readonly device: GPUDevice;
    readonly commandEncoder: GPUCommandEncoder | null;
    endComputePassEncoder(): void;
    submitQueue(): void;
  }
}

declare module 'onnxruntime-web/webgpu' {
  export class Tensor {
    constructor(type: 'float32', values: Float32Array, dims: readonly number[]);
    static fromGpuBuffer(buffer: GPUBuffer, options: { dataType: 'float32'; dims: readonly number[] }): Tensor;
    readonly dims: readonly number[];
    getData(): Promise<Float32Array>;
    dispose(): void;
  }
  export class InferenceSession {
    static create(
      model: Uint8Array,
      options: { executionProviders: ['webgpu']; preferredOutputLocation: 'gpu-buffer' | 'cpu'; logSeverityLevel: 3 },
    ): Promise<InferenceSession>;
    readonly inputNames: readonly string[];
    run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>;
    release(): Promise<void>;
  }
  export const env: { wasm: { numThreads: number }; webgpu: { device: Promise<GPUDevice> } };
}

declare module 'protobufjs/minimal.js' {
  interface Writer {
    uint32(value: number): Writer;
    int64(value: number): Writer;
    string(value: string): Writer;
    bytes(value: Uint8Array): Writer;
    finish(): Uint8Array;
  }
  const protobuf: { Writer: { create(): Writer } };
  export default protobuf;
}
