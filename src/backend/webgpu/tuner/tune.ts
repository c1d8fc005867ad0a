// Finds the best way of a call: guesses which are worth it, checks their results, times them.
import { BackendError } from '../../../errors.ts';
import { bytesOf } from '../../../tensor/dtype.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { Replay, TypedArray, View } from '../../backend.ts';
import type { KernelCall } from '../../kernels.ts';
import { whenLoaded } from '../later.ts';
import type { Way } from '../variant.ts';
import type { Bench } from './bench.ts';
import { boundMs, estimateMs, type Roof } from './costModel.ts';
import { shadersHash } from './hash.ts';
import { firstDifference, poison, spanFor, wholeNumbers } from './inputs.ts';
import { race } from './race.ts';
import type { Entry } from './table.ts';

/** Ways that are timed beside the first. */
const MOST_CANDIDATES = 8;
/** A way must be faster than the first by this much to take its place: less is noise. */
const GAIN = 0.97;

/**
 * Measures the ways of a call like `like`. Rejects with a BackendError when the first, the one that is taken unmeasured, does
 * not work.
 */
export async function tuneCall(
  key: string,
  like: KernelCall,
  waysOf: (call: KernelCall) => Iterable<Way>,
  bench: Bench,
  roof: Roof,
): Promise<Entry> {
  const owned: { dispose(): void }[] = [];
  try {
    const call = ownOperands(like, bench, owned);
    const ways = await whenLoaded(() => [...waysOf(call)]);
    const first = ways[0];
    if (!first) throw new BackendError(`${key}: there is no way to compute it`);
    fill(call, first.work.flops, bench);
    const operands = [...call.inputs, ...call.outputs];
    const guess = new Map(ways.map((way) => [way, estimateMs(way, operands, roof, bench.facts.profile)]));
    const likeliest = ways.slice(1).sort((a, b) => guess.get(a)! - guess.get(b)!);
    const candidates = [first, ...likeliest.slice(0, MOST_CANDIDATES)];

    const { right, rejected } = await check(candidates, call, bench, owned);
    const bound = boundMs(first.work.flops, operands, roof);
    const runners = right.map(({ way, replay }) => ({
      name: way.name,
      dispatches: way.dispatches.length,
      run: () => replay.run(),
    }));
    const timings = await race(runners, (record) => bench.time(record), bound);
    const firstMs = timings[0]![1];
    const [name, ms] = timings.reduce((best, one) => (one[1] < best[1] ? one : best));
    const wins = ms < GAIN * firstMs;
    const way = wins ? right.find((one) => one.way.name === name)!.way : first;
    return {
      key,
      way: way.name,
      ms: wins ? ms : firstMs,
      first: first.name,
      firstMs,
      boundMs: bound,
      timings,
      rejected,
      shaders: shadersHash(way),
    };
  } finally {
    for (const one of owned) one.dispose();
  }
}

interface Right {
  readonly way: Way;
  readonly replay: Replay;
}

/** Those that compile and give what the first gives, which is the way that the tests hold against the CPU. */
async function check(ways: readonly Way[], call: KernelCall, bench: Bench, owned: { dispose(): void }[]) {
  const right: Right[] = [];
  const rejected: [name: string, why: string][] = [];
  let expected: TypedArray[] | null = null;
  for (const [i, way] of ways.entries()) {
    try {
      // One by one: what the device refuses is reported at the next read, and must be laid at the right door.
      const replay = await bench.prepareDispatches(way.dispatches);
      owned.push(replay);
      const found = await resultsOf(replay, call, bench);
      expected ??= requireWritten(found, call);
      requireEqual(found, expected);
      right.push({ way, replay });
    } catch (error) {
      // Without the first there is nothing to compare with; a mistake of ours is no fault of the way.
      if (i === 0 || !(error instanceof BackendError)) throw error;
      rejected.push([way.name, error.message]);
    }
  }
  return { right, rejected };
}

async function resultsOf(replay: Replay, { outputs }: KernelCall, bench: Bench): Promise<TypedArray[]> {
  for (const output of outputs) bench.write(output, poison(output));
  replay.run();
  const found: TypedArray[] = [];
  for (const output of outputs) found.push(await bench.read(output));
  return found;
}

/** A first way that leaves gaps would excuse others that do. */
function requireWritten(found: TypedArray[], { kernel, outputs }: KernelCall): TypedArray[] {
  for (const [i, values] of found.entries()) {
    const nothing = poison({ ...outputs[i]!, shape: [1] })[0];
    const gap = values.findIndex((value) => Object.is(value, nothing));
    if (gap >= 0) throw new BackendError(`${kernel} leaves element ${gap} of result ${i} unwritten`);
  }
  return found;
}

function requireEqual(found: readonly TypedArray[], expected: readonly TypedArray[]): void {
  for (const [i, values] of found.entries()) {
    const at = firstDifference(values, expected[i]!);
    if (at < 0) continue;
    throw new BackendError(`a wrong result: element ${at} is ${values[at]}, not ${expected[i]![at]}`);
  }
}

/** Operands of the tuner's own: the caller's stay as they are. */
function ownOperands(like: KernelCall, bench: Bench, owned: { dispose(): void }[]): KernelCall {
  const own = (view: View): View => {
    const storage = bench.allocate(sizeOf(view.shape) * bytesOf(view.dtype));
    owned.push({ dispose: () => bench.free(storage) });
    return { ...view, storage, byteOffset: 0 };
  };
  return { ...like, inputs: like.inputs.map(own), outputs: like.outputs.map(own) };
}

function fill({ inputs, outputs }: KernelCall, flops: number, bench: Bench): void {
  const span = spanFor(flops / 2 / sizeOf(outputs[0]!.shape));
  for (const [i, input] of inputs.entries()) bench.write(input, wholeNumbers(input, i, span));
}
