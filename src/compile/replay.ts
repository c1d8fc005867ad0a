import type { Spec, Storage, Timing, View } from '../backend/backend.ts';
import { type KernelCall, overwritten } from '../backend/kernels.ts';
import { storageBytes } from '../engine/execute.ts';
import type { Program, Step, ValueId } from '../engine/program.ts';
import { currentBackend } from '../engine/runtime.ts';
import { touch, versionOf } from '../engine/versions.ts';
import { BackendError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { fuse } from './fuse.ts';
import { hoist } from './hoist.ts';
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
  const { before, body, made } = hoist(fuse(traced));
  const owned = {
    dispose() {
      for (const tensor of made) tensor.dispose();
    },
  };
  try {
    if (!before) return await prepareAsIs(body);
    const [first, rest] = await Promise.all([prepareAsIs(before), prepareAsIs(body)]);
    return precededBy(first, storagesRead(before), rest, made, owned);
  } catch (error) {
    owned.dispose();
    throw error;
  }
}

/** `rest`, before which `first` runs whenever something that it reads has changed. */
function precededBy(
  first: Executable,
  read: readonly Storage[],
  rest: Executable,
  made: readonly Tensor[],
  owned: { dispose(): void },
): Executable {
  const keptBytes = made.reduce((total, tensor) => total + storageBytes(tensor), 0);
  let seen: readonly number[] | null = null;
  const refresh = () => {
    const now = read.map(versionOf);
    if (seen?.every((version, i) => version === now[i])) return;
    first.run();
    seen = now;
  };
  return {
    ...rest,
    bytes: rest.bytes + first.bytes + keptBytes,
    leastBytes: rest.leastBytes + first.leastBytes + keptBytes,
    isCurrent: () => first.isCurrent() && rest.isCurrent(),
    run() {
      refresh();
      rest.run();
    },
    time(rounds) {
      refresh();
      return rest.time(rounds);
    },
    dispose() {
      first.dispose();
      rest.dispose();
      owned.dispose();
    },
  };
}

function storagesRead({ steps, externals }: Program): Storage[] {
  const made = new Set(steps.flatMap(({ outputs }) => outputs));
  const read = new Set(steps.flatMap(({ inputs }) => inputs).filter((id) => !made.has(id)));
  return [...new Set([...read].flatMap((id) => externals.get(id)?.locate().storage ?? []))];
}

async function prepareAsIs(program: Program): Promise<Executable> {
  const backend = currentBackend();
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
    const changed = new Set(
      calls.flatMap(({ kernel, inputs }) => (overwritten[kernel] ?? []).map((i) => inputs[i]!.storage)),
    );
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
        if (!isCurrent())
          throw new BackendError('a tensor that a recorded step works with was disposed of, or moved, before its end');
        replay.run();
        changed.forEach(touch);
      },
      async time(rounds) {
        if (!replay.time) throw new Error(`the ${backend.name} backend keeps no time`);
        const targets = calls.flatMap(({ kernel, inputs }) => (overwritten[kernel] ?? []).map((i) => inputs[i]!));
        const before = await Promise.all(targets.map((view) => backend.read(view)));
        try {
          return await replay.time(rounds);
        } finally {
          targets.forEach((view, i) => {
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
