// The reference: plain loops over typed arrays, in float32 or, as the oracle, in float64.
import { BackendError } from '../../errors.ts';
import { bytesOf, dtypeOfArray, viewArray } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Backend, BackendMemory, DType, FloatDType, Replay, Storage, TypedArray, View } from '../backend.ts';
import type { KernelCall, KernelName } from '../kernels.ts';
import { affineKernels } from './affine.ts';
import { batchNormKernels } from './batchNorm.ts';
import { convKernels } from './conv2d.ts';
import type { CpuArray, CpuCall, CpuKernels } from './cpuKernel.ts';
import { elementwiseKernels } from './elementwise.ts';
import { fusedKernels } from './fused.ts';
import { indexingKernels } from './indexing.ts';
import { matmulKernels } from './matmul.ts';
import { optimizerKernels } from './optimizers.ts';
import { poolKernels } from './pool2d.ts';
import { reduceKernels } from './reduce.ts';
import { resizeKernels } from './resize2d.ts';
import { shapeKernels } from './shape.ts';
import { softmaxKernels } from './softmax.ts';
import { updateKernels } from './updates.ts';

const kernels: CpuKernels = {
  ...elementwiseKernels,
  ...reduceKernels,
  ...shapeKernels,
  ...indexingKernels,
  ...matmulKernels,
  ...convKernels,
  ...poolKernels,
  ...fusedKernels,
  ...resizeKernels,
  ...affineKernels,
  ...batchNormKernels,
  ...softmaxKernels,
  ...updateKernels,
  ...optimizerKernels,
};

class CpuStorage implements Storage {
  readonly buffer: ArrayBuffer;

  constructor(byteLength: number) {
    this.buffer = new ArrayBuffer(byteLength);
  }

  get byteLength(): number {
    return this.buffer.byteLength;
  }
}

export class CpuBackend implements Backend {
  readonly name = 'cpu';
  readonly adapter: string;
  readonly floatDType: FloatDType;
  private readonly living = new Set<Storage>();
  private bytes = 0;
  private closed = false;

  constructor(floatDType: FloatDType) {
    this.floatDType = floatDType;
    this.adapter = `plain TypeScript, ${floatDType}`;
  }

  /** The kernels that exist, for the test that none is missing. */
  static kernelNames(): string[] {
    return Object.keys(kernels);
  }

  get isClosed(): boolean {
    return this.closed;
  }

  supports(_dtype: DType): boolean {
    return true;
  }

  allocate(byteLength: number): Storage {
    let storage: CpuStorage;
    try {
      storage = new CpuStorage(byteLength);
    } catch (cause) {
      throw new BackendError(`out of memory: ${byteLength} bytes cannot be had; use smaller batches or tensors`, {
        cause,
      });
    }
    this.living.add(storage);
    this.bytes += byteLength;
    return storage;
  }

  free(storage: Storage): void {
    if (this.living.delete(storage)) this.bytes -= storage.byteLength;
  }

  write(target: View, data: TypedArray): void {
    const elements = arrayOf(target);
    if (dtypeOfArray(data) !== dtypeOfArray(elements))
      throw new BackendError(`write: ${target.dtype} elements expected, got ${dtypeOfArray(data)}`);
    elements.set(data);
  }

  async read(source: View): Promise<TypedArray> {
    return this.readSync(source);
  }

  readSync(source: View): TypedArray {
    return arrayOf(source).slice();
  }

  run<K extends KernelName>(call: KernelCall<K>): void {
    const kernel: CpuKernels[K] = kernels[call.kernel];
    kernel(operands(call));
  }

  async prepare(calls: readonly KernelCall[]): Promise<Replay> {
    const prepared = calls.map((call) => ({ kernel: call.kernel, operands: operands(call) }));
    return {
      dispatches: prepared.length,
      bytes: 0,
      run() {
        for (const { kernel, operands } of prepared) kernels[kernel](operands as CpuCall<never>);
      },
      async time(rounds) {
        const samples: number[][] = prepared.map(() => []);
        for (let round = -1; round < rounds; round++) {
          for (const [i, { kernel, operands }] of prepared.entries()) {
            const start = performance.now();
            kernels[kernel](operands as CpuCall<never>);
            if (round >= 0) samples[i]!.push(performance.now() - start);
          }
        }
        const pieces = calls.map(({ kernel, inputs, outputs }, i) => ({
          ...{ shader: kernel, settings: {}, calls: [i], workgroups: 1 },
          bytesBound: [...inputs, ...outputs].reduce((sum, view) => sum + sizeOf(view.shape) * bytesOf(view.dtype), 0),
          milliseconds: samples[i]!.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0,
        }));
        return { clock: 'program', pieces };
      },
      dispose() {},
    };
  }

  flush(): void {}

  async sync(): Promise<void> {}

  memory(): BackendMemory {
    return { bytes: this.bytes, buffers: this.living.size, pooledBytes: 0 };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.living.clear();
    this.bytes = 0;
  }
}

function operands<K extends KernelName>(call: KernelCall<K>): CpuCall<K> {
  return { inputs: call.inputs.map(operand), outputs: call.outputs.map(operand), attrs: call.attrs };
}

function operand(view: View): CpuArray {
  return { shape: view.shape, dtype: view.dtype, data: arrayOf(view) };
}

function arrayOf(view: View): TypedArray {
  if (!(view.storage instanceof CpuStorage)) throw new BackendError('a tensor of another backend reached the CPU');
  return viewArray(view.dtype, view.storage.buffer, view.byteOffset, sizeOf(view.shape));
}
