import type { Spec, Storage, Timing, View } from '../backend/backend.ts';
import { type KernelCall, overwritten } from '../backend/kernels.ts';
import type { Program, Step, ValueId } from '../engine/program.ts';
import { currentBackend } from '../engine/runtime.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { fuse } from './fuse.ts';
import { plan } from './plan.ts';

/** A program with its memory and everything a backend needs to run it, made once. */
export interface Executable {
  /** Where the arguments are expected and the results will lie. They are overwritten by every run. */
  readonly inputs: readonly View[];
  readonly outputs: readonly View[];
  /** Kernel calls of one run, and the steps of the program that they compute. */
  readonly calls: readonly KernelCall[];
  readonly steps: readonly Step[];
  readonly values: readonly Spec[];
  /** Buffers of values between steps; bytes of these and of what kernels need themselves; bytes that no plan could do without. */
  readonly buffers: number;
  readonly bytes: number;
  readonly leastBytes: number;
  /** False when a tensor that it refers to has moved or gone since, so that it must be prepared again. */
  isCurrent(): boolean;
  run(): void;
  /** How long each piece of it takes. Whatever it changes in place is put back. */
  time(rounds: number): Promise<Timing>;
  dispose(): void;
}

export async function prepare(traced: Program): Promise<Executable> {
  const backend = currentBackend();
  const program = fuse(traced);
  const { slots, leastBytes, places, steps } = plan(program);
  const storages: Storage[] = [];
  try {
    for (const bytes of slots) storages.push(backend.allocate(bytes));
    const view = (id: ValueId): View => {
      const place = places.get(id);
      if (!place) throw new Error(`value ${id} of the program has no place`);
      const spec = program.values[id]!;
      if ('slot' in place) return { ...spec, storage: storages[place.slot]!, byteOffset: place.byteOffset };
      return { ...program.externals.get(place.external)!.locate(), ...spec };
    };
    const calls = steps.map(({ op, inputs, outputs, attrs }): KernelCall => {
      return { kernel: op.kernel, inputs: inputs.map(view), outputs: outputs.map(view), attrs };
    });
    const replay = await backend.prepare(calls, program.outputs.map(view));
    const externals: [Tensor, View][] = [...program.externals.values()].map((tensor) => [tensor, tensor.locate()]);
    const isCurrent = () =>
      externals.every(([tensor, bound]) => {
        if (tensor.isDisposed) return false;
        const now = tensor.locate();
        return now.storage === bound.storage && now.byteOffset === bound.byteOffset;
      });
    return {
      inputs: program.inputs.map(view),
      outputs: program.outputs.map(view),
      calls,
      steps,
      values: program.values,
      buffers: slots.length,
      leastBytes,
      bytes: storages.reduce((total, { byteLength }) => total + byteLength, replay.bytes),
      isCurrent,
      run() {
        if (!isCurrent()) throw new Error('a recorded step refers to a tensor that has moved');
        replay.run();
      },
      async time(rounds) {
        if (!replay.time) throw new Error(`the ${backend.name} backend keeps no time`);
        const changed = calls.flatMap(({ kernel, inputs }) => (overwritten[kernel] ?? []).map((i) => inputs[i]!));
        const before = await Promise.all(changed.map((view) => backend.read(view)));
        try {
          return await replay.time(rounds);
        } finally {
          changed.forEach((view, i) => {
            backend.write(view, before[i]!);
          });
        }
      },
      dispose() {
        replay.dispose();
        for (const storage of storages) backend.free(storage);
        for (const tensor of program.owned) tensor.dispose();
      },
    };
  } catch (error) {
    for (const storage of storages) backend.free(storage);
    throw error;
  }
}
