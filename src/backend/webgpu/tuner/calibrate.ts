// What a device can do at most, measured once: arithmetic, bytes, dispatches. WebGPU runs nothing after an error and does
// not throw, so every time is believed only with the result that the work must have given.
import { BackendError } from '../../../errors.ts';
import { wgsl } from '../../../platform/wgsl.ts';
import { type Storage, type TypedArray, VIEW_ALIGNMENT, type View } from '../../backend.ts';
import { uniform } from '../kernels/params.ts';
import type { Constants } from '../shaderText.ts';
import { type Dispatch, WORKGROUP_SIZE } from '../webgpuKernel.ts';
import type { Bench } from './bench.ts';
import { CACHED, type Roof } from './costModel.ts';

const flopsShader = { name: 'roof_flops', text: wgsl('roof_flops') };
const copyShader = { name: 'roof_copy', text: wgsl('roof_copy') };

/** As the shader declares them. */
const CHAINS = 8;
const STEPS = 4;

/** Shorter times are noise, and clocks may be as coarse as a tenth of a millisecond. */
const LONG_MS = 8;
/** Runs of each; the shortest counts. */
const RUNS = 4;

/** Takes some tenths of a second. Rejects with a BackendError when the device computes nothing, or wrongly. */
export async function calibrate(bench: Bench): Promise<Roof> {
  const owned: Storage[] = [];
  const make = (floats: number, data?: TypedArray): View => {
    const storage = bench.allocate(4 * floats);
    owned.push(storage);
    const view = { storage, byteOffset: 0, shape: [floats], dtype: 'float32' } as const;
    if (data) bench.write(view, data);
    return view;
  };
  try {
    const scalar = await flopsOf(bench, make, { Vector: 'f32' }, 1);
    const vector = await flopsOf(bench, make, { Vector: 'vec4f' }, 4);
    return {
      flops: Math.max(scalar.perSecond, vector.perSecond),
      cachedBytes: await copySpeed(bench, make, CACHED / 16),
      bytes: await copySpeed(bench, make, Math.min(2 * CACHED, bench.facts.maxBinding)),
      dispatchMs: scalar.dispatchMs,
    };
  } finally {
    for (const storage of owned) bench.free(storage);
  }
}

type Make = (floats: number, data?: TypedArray) => View;

/** Threads that fill any device, and no more than keep a small one busy for a blink. */
const THREADS = 32 * 1024;
const EMPTY_DISPATCHES = 100;
const MOST_ROUNDS = 2 ** 18;

async function flopsOf(bench: Bench, make: Make, constants: Constants, lanes: number) {
  const y = make(THREADS * lanes);
  const numbers = make(2, Float32Array.of(1, 1));
  const dispatch = (rounds: number, threads: number): Dispatch => ({
    shader: flopsShader,
    constants,
    bindings: { params: uniform(rounds), numbers, y },
    workgroups: threads / WORKGROUP_SIZE,
  });
  // Longer until it is long enough. Sums stay below 2^24, where floats count.
  let rounds = 16;
  let ms = await timeOf(bench, [dispatch(rounds, THREADS)], 1);
  while (ms < LONG_MS && rounds < MOST_ROUNDS) {
    rounds = Math.min(MOST_ROUNDS, rounds * Math.max(2, Math.ceil(LONG_MS / Math.max(ms, 0.1))));
    ms = await timeOf(bench, [dispatch(rounds, THREADS)], 1);
  }
  ms = Math.min(ms, await timeOf(bench, [dispatch(rounds, THREADS)]));
  const expected = CHAINS * STEPS * rounds + (CHAINS * (CHAINS - 1)) / 2;
  const wrong = (await bench.read(y)).find((value) => value !== expected);
  if (wrong !== undefined)
    throw new BackendError(`the device counts wrongly: ${wrong} where ${expected} multiply-adds were asked for`);
  const empty = await timeOf(
    bench,
    Array.from({ length: EMPTY_DISPATCHES }, () => dispatch(0, WORKGROUP_SIZE)),
  );
  return {
    perSecond: (1000 * 2 * CHAINS * STEPS * rounds * THREADS * lanes) / ms,
    dispatchMs: empty / EMPTY_DISPATCHES,
  };
}

/** Bytes a second that are read and written by copies of so many bytes. */
async function copySpeed(bench: Bench, make: Make, bytes: number): Promise<number> {
  const floats = Math.floor(bytes / 16) * 4;
  const [x, y] = [make(floats), make(floats)];
  const places = evenPlaces(x);
  places.forEach((place, i) => {
    bench.write(at(x, place), new Float32Array(MARK).fill(i + 1));
    bench.write(at(y, place), new Float32Array(MARK));
  });
  const dispatch: Dispatch = {
    shader: copyShader,
    constants: { VECTORS: floats / 4 },
    bindings: { x, y },
    workgroups: Math.ceil(floats / 4 / WORKGROUP_SIZE),
  };
  const once = await timeOf(bench, [dispatch]);
  const times = Math.min(100, Math.max(1, Math.ceil(LONG_MS / Math.max(once, 0.05))));
  const ms =
    times === 1
      ? once
      : (await timeOf(
          bench,
          Array.from({ length: times }, () => dispatch),
        )) / times;
  for (const [i, place] of places.entries()) {
    if ((await bench.read(at(y, place))).every((value) => value === i + 1)) continue;
    throw new BackendError(`the device copies wrongly: what lies at ${place} of ${bytes} bytes did not arrive`);
  }
  return (1000 * 2 * 4 * floats) / ms;
}

/** Floats at each place of a copy that tell whether it happened there. */
const MARK = VIEW_ALIGNMENT / 4;

/** Offsets in bytes, from the first to the last that there is room at. */
function evenPlaces({ shape: [floats = 0] }: View): number[] {
  const last = Math.floor(floats / MARK) - 1;
  return [0, 0.2, 0.4, 0.6, 0.8, 1].map((part) => Math.floor(part * last) * VIEW_ALIGNMENT);
}

function at(view: View, byteOffset: number): View {
  return { ...view, byteOffset, shape: [MARK] };
}

/** The shortest of some runs: the first also waits for memory. */
async function timeOf(bench: Bench, dispatches: readonly Dispatch[], runs = RUNS): Promise<number> {
  const replay = await bench.prepareDispatches(dispatches);
  try {
    let shortest = Infinity;
    for (let run = 0; run < runs; run++) shortest = Math.min(shortest, await bench.time(() => replay.run()));
    return shortest;
  } finally {
    replay.dispose();
  }
}
