// Runs one kernel call on both backends at the level of their contract, with every operand between bands of poison.
import type { Backend, DType, Shape, TypedArray, View } from '../../src/backend/backend.ts';
import { CpuBackend } from '../../src/backend/cpu/cpuBackend.ts';
import { overwritten as inPlace, type KernelAttrs, type KernelName } from '../../src/backend/kernels.ts';
import { openWebgpuBackend, type WebgpuBackend } from '../../src/backend/webgpu/webgpuBackend.ts';
import type { DeviceFacts } from '../../src/backend/webgpu/webgpuKernel.ts';
import { platform } from '../../src/platform/index.ts';
import { bytesOf, makeArray } from '../../src/tensor/dtype.ts';
import { sizeOf, stridesOf } from '../../src/tensor/shape.ts';
import { plainZeros, show } from './values.ts';

export interface Target {
  readonly shape: Shape;
  readonly dtype?: DType;
}

export interface Operand extends Target {
  readonly data: ArrayLike<number>;
}

/** A NaN that no computation makes, and as an integer a number that none of the tests uses. */
const POISON = 0x7fc0dead;
/** Bytes of poison on each side of an operand: whole alignment units, so that views stay legal. */
const BAND = 1024;

/** Kernels whose results may have gaps that hold anything. */
const gapped: ReadonlySet<KernelName> = new Set<KernelName>(['pack']);

export class TwoBackends {
  readonly cpu: Backend = new CpuBackend('float32');
  readonly oracle: Backend = new CpuBackend('float64');
  readonly gpu: WebgpuBackend;

  private constructor(gpu: WebgpuBackend) {
    this.gpu = gpu;
  }

  /** `bindable`: pretend that a shader reaches no more bytes than these at once. */
  static async open(bindable?: number, choose?: DeviceFacts['chosen']): Promise<TwoBackends> {
    const gpu = await platform.requestGpu();
    if (typeof gpu === 'string') throw new Error(gpu);
    const backend = await openWebgpuBackend(
      bindable === undefined ? gpu : withNarrowBindings(gpu, bindable),
      undefined,
      choose,
    );
    if (typeof backend === 'string') throw new Error(backend);
    return new TwoBackends(backend);
  }

  async close(): Promise<void> {
    await this.gpu.close();
    platform.releaseGpu();
  }

  /**
   * The results of both backends: the outputs, then the inputs that the kernel overwrites. Throws when one of them left
   * a word of an output unwritten, wrote outside its results, or changed an input.
   */
  async run<K extends KernelName>(
    kernel: K,
    inputs: readonly Operand[],
    outputs: readonly Target[],
    attrs: KernelAttrs[K],
  ): Promise<{ expected: TypedArray[]; found: TypedArray[] }> {
    const expected = await runOn(this.cpu, kernel, inputs, outputs, attrs);
    const found = await runOn(this.gpu, kernel, inputs, outputs, attrs);
    return { expected, found };
  }

  /** Runs and demands the same bits of both, but for the sign of zeros. Gives the results of the CPU. */
  async agree<K extends KernelName>(
    kernel: K,
    inputs: readonly Operand[],
    outputs: readonly Target[],
    attrs: KernelAttrs[K],
  ): Promise<TypedArray[]> {
    const { expected, found } = await this.run(kernel, inputs, outputs, attrs);
    const wanted = plainZeros(expected);
    for (const [result, values] of plainZeros(found).entries()) {
      const at = values.findIndex((value, i) => !Object.is(value, wanted[result]![i]));
      if (at < 0) continue;
      const place = outputs[result] ? placeOf(at, outputs[result].shape) : at;
      throw new Error(
        `${kernel}: element ${show(place)} of result ${result} is ${values[at]}, the CPU has ${wanted[result]![at]}`,
      );
    }
    return expected;
  }

  /** The results in float64, from the same float32 values. */
  exact<K extends KernelName>(
    kernel: K,
    inputs: readonly Operand[],
    outputs: readonly Target[],
    attrs: KernelAttrs[K],
  ): Promise<TypedArray[]> {
    const widen = <T extends Target>(one: T): T => ({ ...one, dtype: wide(one.dtype) });
    const data = (one: Operand) => ({ ...widen(one), data: narrow(one) });
    return runOn(this.oracle, kernel, inputs.map(data), outputs.map(widen), attrs);
  }
}

function placeOf(element: number, shape: Shape): number[] {
  return stridesOf(shape).map((stride, d) => Math.floor(element / stride) % shape[d]!);
}

function wide(dtype: DType = 'float32'): DType {
  return dtype === 'float32' ? 'float64' : dtype;
}

function narrow({ shape, dtype = 'float32', data }: Operand): TypedArray {
  const values = makeArray(dtype, sizeOf(shape));
  values.set(data);
  return values;
}

async function runOn<K extends KernelName>(
  backend: Backend,
  kernel: K,
  inputs: readonly Operand[],
  outputs: readonly Target[],
  attrs: KernelAttrs[K],
): Promise<TypedArray[]> {
  const overwritten = inPlace[kernel]?.length ?? 0;
  const sources = inputs.map((input) => place(backend, input, narrow(input)));
  const targets = outputs.map((target) => place(backend, target, null));
  try {
    const views = (places: readonly Place[]) => places.map(({ view }) => view);
    backend.run({ kernel, inputs: views(sources), outputs: views(targets), attrs });
    const who = `${kernel} on ${backend.name}`;
    const whole = !gapped.has(kernel);
    for (const target of targets) await check(backend, target, whole, `${who}: output ${targets.indexOf(target)}`);
    for (const source of sources) await check(backend, source, false, `${who}: input ${sources.indexOf(source)}`);
    for (const { view, data } of sources.slice(overwritten)) {
      const now = await backend.read(view);
      if (!bytesOfArray(now).equals(bytesOfArray(data!)))
        throw new Error(`${who}: an input of shape ${show(view.shape)} was changed`);
    }
    const results = [...targets, ...sources.slice(0, overwritten)];
    return await Promise.all(results.map(({ view }) => backend.read(view)));
  } finally {
    for (const { whole } of [...sources, ...targets]) backend.free(whole.storage);
  }
}

function bytesOfArray({ buffer, byteOffset, byteLength }: TypedArray): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

interface Place {
  readonly view: View;
  /** The storage as words, bands included. */
  readonly whole: View;
  readonly data: TypedArray | null;
}

/** Storage full of poison with a tensor in its middle. */
function place(backend: Backend, { shape, dtype = 'float32' }: Target, data: TypedArray | null): Place {
  const padded = Math.ceil((sizeOf(shape) * bytesOf(dtype)) / 256) * 256;
  const words = (padded + 2 * BAND) / 4;
  const storage = backend.allocate(words * 4);
  const whole: View = { shape: [words], dtype: 'int32', storage, byteOffset: 0 };
  const view: View = { shape, dtype, storage, byteOffset: BAND };
  backend.write(whole, new Int32Array(words).fill(POISON));
  if (data && data.length > 0) backend.write(view, data);
  return { view, whole, data };
}

async function check(backend: Backend, { view, whole }: Place, mustBeWritten: boolean, what: string): Promise<void> {
  const bits = await backend.read(whole);
  const bytes = sizeOf(view.shape) * bytesOf(view.dtype);
  const first = BAND / 4;
  const full = first + Math.floor(bytes / 4);
  // up to the next 16 bytes belong to the tensor
  const end = first + Math.ceil(bytes / 16) * 4;
  const at = `of ${view.dtype} ${show(view.shape)}`;
  for (let i = 0; i < bits.length; i++) {
    const isPoison = bits[i] === POISON;
    if ((i < first || i >= end) && !isPoison) throw new Error(`${what} ${at}: word ${i - first} was overwritten`);
    if (mustBeWritten && i >= first && i < full && isPoison)
      throw new Error(`${what} ${at}: word ${i - first} was never written`);
  }
}

/** The same GPU, whose devices say that they can bind no more than `bytes`. */
function withNarrowBindings(gpu: GPU, bytes: number): GPU {
  const requestAdapter: GPU['requestAdapter'] = async (options) => {
    const adapter = await gpu.requestAdapter(options);
    const requestDevice = adapter?.requestDevice.bind(adapter);
    if (!adapter || !requestDevice) return null;
    adapter.requestDevice = async (descriptor) => {
      const device = await requestDevice(descriptor);
      const { maxBufferSize } = device.limits;
      Object.defineProperty(device, 'limits', { value: { maxBufferSize, maxStorageBufferBindingSize: bytes } });
      return device;
    };
    return adapter;
  };
  return { ...gpu, requestAdapter };
}
