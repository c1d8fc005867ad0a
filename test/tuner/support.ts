// A device made of JavaScript: each shader is a function, each run takes as long as the test says.
import type { Storage, TypedArray, View } from '../../src/backend/backend.ts';
import type { KernelCall } from '../../src/backend/kernels.ts';
import { profileNamed } from '../../src/backend/webgpu/profile.ts';
import type { Bench } from '../../src/backend/webgpu/tuner/bench.ts';
import type { Way } from '../../src/backend/webgpu/variant.ts';
import type { DeviceFacts } from '../../src/backend/webgpu/webgpuKernel.ts';
import { BackendError } from '../../src/errors.ts';
import { makeArray } from '../../src/tensor/dtype.ts';

export const facts: DeviceFacts = {
  maxBinding: 2 ** 27,
  workgroupBytes: 32768,
  workgroupThreads: 256,
  subgroupSize: 0,
  profile: profileNamed('unknown'),
};

export interface Behaviour {
  /** Milliseconds of a run. */
  readonly ms: number;
  /** What it computes of an element of the input; null where it writes nothing. */
  readonly f: ((x: number) => number) | null;
  /** Why it does not compile. */
  readonly refused?: string;
}

export interface FakeBench extends Bench {
  readonly runs: string[];
  /** Storages that are not freed. */
  readonly living: Set<Storage>;
}

/** `behaviours` by the names of shaders. */
export function fakeBench(behaviours: Readonly<Record<string, Behaviour>>): FakeBench {
  const memory = new Map<Storage, TypedArray>();
  const living = new Set<Storage>();
  const runs: string[] = [];
  let clock = 0;
  return {
    facts,
    runs,
    living,
    allocate(byteLength) {
      const storage = { byteLength };
      living.add(storage);
      return storage;
    },
    free: (storage) => void living.delete(storage),
    write: ({ storage }: View, data) => void memory.set(storage, data.slice()),
    read: async ({ storage, dtype }: View) => memory.get(storage)?.slice() ?? makeArray(dtype, 0),
    async prepareDispatches(dispatches) {
      for (const { shader } of dispatches) {
        const why = behaviours[shader.name]?.refused;
        if (why) throw new BackendError(`${shader.name}.wgsl does not compile: ${why}`);
      }
      return {
        dispatches: dispatches.length,
        bytes: 0,
        run() {
          for (const { shader, bindings } of dispatches) {
            const { ms, f } = behaviours[shader.name]!;
            runs.push(shader.name);
            clock += ms;
            const [x, y] = [bindings.x, bindings.y] as [View, View];
            if (f) memory.set(y.storage, Float32Array.from(memory.get(x.storage)!, f));
          }
        },
        dispose() {},
      };
    },
    roof: async () => roof,
    async time(record) {
      const before = clock;
      record();
      return clock - before;
    },
  };
}

/** y = f(x) over vectors of 8. */
export const call: KernelCall = {
  kernel: 'copy',
  inputs: [{ shape: [8], dtype: 'float32', storage: { byteLength: 32 }, byteOffset: 0 }],
  outputs: [{ shape: [8], dtype: 'float32', storage: { byteLength: 32 }, byteOffset: 0 }],
  attrs: { shape: [8] },
};

export function wayOf(name: string, like: KernelCall, work: Partial<Way['work']> = {}, text = name): Way {
  return {
    name,
    work: { flops: 1e6, loads: 1e4, sharedLoads: 0, threads: 8192, ...work },
    dispatches: [
      {
        shader: { name, text },
        constants: {},
        bindings: { x: like.inputs[0]!, y: like.outputs[0]! },
        workgroups: 1,
      },
    ],
  };
}

export const roof = { flops: 1e12, cachedBytes: 1e11, bytes: 1e11, dispatchMs: 0.001 };
