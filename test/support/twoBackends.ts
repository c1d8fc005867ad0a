// Runs one kernel call on both backends at the level of their contract, with everything around the results poisoned.

import type { Backend, DType, Shape, TypedArray, View } from '../../src/backend/backend.ts';
import { CpuBackend } from '../../src/backend/cpu/cpuBackend.ts';
import type { KernelAttrs, KernelName } from '../../src/backend/kernels.ts';
import { openWebgpuBackend } from '../../src/backend/webgpu/webgpuBackend.ts';
import { platform } from '../../src/platform/index.ts';
import { bytesOf, makeArray } from '../../src/tensor/dtype.ts';
import { threefry } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';

export interface Operand {
  readonly shape: Shape;
  readonly dtype?: DType;
  readonly data: ArrayLike<number>;
}

export interface Target {
  readonly shape: Shape;
  readonly dtype?: DType;
}

/** A NaN that no computation makes, and as an integer a number that none of the tests uses. */
const POISON = 0x7fc0dead;
/** Bytes of poison on each side of a result: a whole alignment unit, so that views stay legal. */
const BAND = 1024;

export class TwoBackends {
  readonly cpu: Backend = new CpuBackend('float32');
  readonly gpu: Backend;

  private constructor(gpu: Backend) {
    this.gpu = gpu;
  }

  static async open(): Promise<TwoBackends> {
    const gpu = await platform.requestGpu();
    if (typeof gpu === 'string') throw new Error(gpu);
    const backend = await openWebgpuBackend(gpu, undefined);
    if (typeof backend === 'string') throw new Error(backend);
    return new TwoBackends(backend);
  }

  async close(): Promise<void> {
    await this.gpu.close();
    platform.releaseGpu();
  }

  /** The results of both backends. Throws when the GPU left an element unwritten or wrote outside its result. */
  async run<K extends KernelName>(
    kernel: K,
    inputs: readonly Operand[],
    outputs: readonly Target[],
    attrs: KernelAttrs[K],
  ) {
    const expected = await runOn(this.cpu, kernel, inputs, outputs, attrs);
    const found = await runOn(this.gpu, kernel, inputs, outputs, attrs);
    return { expected, found };
  }
}

async function runOn<K extends KernelName>(
  backend: Backend,
  kernel: K,
  inputs: readonly Operand[],
  outputs: readonly Target[],
  attrs: KernelAttrs[K],
): Promise<TypedArray[]> {
  const sources = inputs.map((input) => filled(backend, input));
  const targets = outputs.map((target) => poisoned(backend, target));
  backend.run({ kernel, inputs: sources, outputs: targets.map(({ view }) => view), attrs });
  const results: TypedArray[] = [];
  for (const { view, whole } of targets) {
    const bits = (await backend.read(whole)) as Int32Array;
    checkPoison(kernel, backend.name, bits, view);
    results.push(await backend.read(view));
  }
  for (const { storage } of [...sources, ...targets.map(({ whole }) => whole)]) backend.free(storage);
  return results;
}

function filled(backend: Backend, { shape, dtype = 'float32', data }: Operand): View {
  const bytes = Math.max(16, Math.ceil((sizeOf(shape) * bytesOf(dtype)) / 16) * 16);
  const view = { shape, dtype, storage: backend.allocate(bytes), byteOffset: 0 };
  const values = makeArray(dtype, sizeOf(shape));
  values.set(data);
  if (values.length > 0) backend.write(view, values);
  return view;
}

function poisoned(backend: Backend, { shape, dtype = 'float32' }: Target): { view: View; whole: View } {
  const padded = Math.ceil((sizeOf(shape) * bytesOf(dtype)) / 256) * 256;
  const words = (padded + 2 * BAND) / 4;
  const storage = backend.allocate(words * 4);
  const whole: View = { shape: [words], dtype: 'int32', storage, byteOffset: 0 };
  backend.write(whole, new Int32Array(words).fill(POISON));
  return { view: { shape, dtype, storage, byteOffset: BAND }, whole };
}

function checkPoison(kernel: string, backend: string, bits: Int32Array, view: View): void {
  const bytes = sizeOf(view.shape) * bytesOf(view.dtype);
  const first = BAND / 4;
  const end = first + Math.ceil(bytes / 16) * 4;
  const written = first + Math.floor(bytes / 4);
  bits.forEach((word, i) => {
    const inside = i >= first && i < written;
    if (inside && word === POISON)
      throw new Error(`${kernel} on ${backend}: word ${i - first} of ${JSON.stringify(view.shape)} was never written`);
    // up to the next 16 bytes belong to the tensor
    const outside = i < first || i >= end;
    if (outside && word !== POISON)
      throw new Error(
        `${kernel} on ${backend}: wrote outside its result, at word ${i - first} of ${JSON.stringify(view.shape)}`,
      );
  });
}

/** Small whole numbers: products and sums of them are exact in float32 whatever the order. */
export function integers(size: number, seed: number, span = 4): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => (threefry([seed, 5], [i, 0])[0] % (2 * span + 1)) - span);
}

/** A generator of choices that a failing test can be repeated from. */
export function chooser(seed: number): <T>(options: readonly T[]) => T {
  let drawn = 0;
  return (options) => options[threefry([seed, 17], [drawn++, 0])[0] % options.length]!;
}
