import { allocateTensor } from '../engine/execute.ts';
import { currentBackend } from '../engine/runtime.ts';
import { enterScope } from '../engine/scope.ts';
import { ValueError } from '../errors.ts';
import { requireFunction, requireTensorList, requireTensors } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Executable, prepare } from './replay.ts';
import { trace } from './trace.ts';

/** A function that runs compiled: asynchronous, since compiling is. */
export interface Compiled<A extends readonly Tensor[], R extends Tensor | readonly Tensor[]> {
  (...args: A): Promise<R>;
  /** Frees what was prepared for every set of shapes. */
  dispose(): void;
}

interface Recorded {
  readonly executable: Executable;
  /** Whether the function returned a tensor and not a list. */
  readonly single: boolean;
}

/** Sets of shapes that stay prepared, each with memory of its own: pictures of ever new sizes would take more and more. */
const MOST = 16;

/**
 * `fn` traced once for each set of argument shapes and dtypes, then replayed; of many sets the last 16 are kept. It must be made of tensor operations alone:
 * what else it does happens while tracing only, such as a branch by `if (x)`: a tensor is always true. Variables that it reads are read anew at each call.
 */
export function compile<A extends readonly Tensor[], R extends Tensor | readonly Tensor[]>(
  fn: (...args: A) => R,
): Compiled<A, R> {
  requireFunction('compile', fn);
  const recorded = new Map<string, Promise<Recorded>>();
  const running = new Map<string, number>();
  const count = (key: string, by: number) => running.set(key, (running.get(key) ?? 0) + by);
  const find = (key: string, args: A): Promise<Recorded> => {
    const fresh = () => record(fn, args);
    const found = recorded.get(key)?.then((known) => {
      if (known.executable.isCurrent()) return known;
      known.executable.dispose();
      return fresh();
    }, fresh);
    const now = found ?? fresh();
    // the last one used is the last one in the map
    recorded.delete(key);
    recorded.set(key, now);
    return now;
  };
  const run = async (...args: A): Promise<R> => {
    const key = args.map((arg, i) => `${checkTensor(arg, i).dtype}${formatShape(arg.shape)}`).join(' ');
    count(key, 1);
    try {
      const { executable, single } = await find(key, args);
      const results = runOn(executable, args);
      // R is what fn returned: one tensor or a list
      return (single ? results[0]! : results) as unknown as R;
    } finally {
      count(key, -1);
      const idle = [...recorded.keys()].filter((one) => !running.get(one));
      for (const one of idle.slice(0, Math.max(0, recorded.size - MOST))) forget(one);
    }
  };
  const forget = (key: string) => {
    recorded.get(key)?.then(
      ({ executable }) => executable.dispose(),
      () => {},
    );
    recorded.delete(key);
    running.delete(key);
  };
  const dispose = () => {
    for (const key of [...recorded.keys()]) forget(key);
  };
  return Object.assign(run, { dispose });
}

/** Copies the arguments in, runs, and copies the results out: what it was prepared with is overwritten by the next run. */
function runOn(executable: Executable, args: readonly Tensor[]): Tensor[] {
  const backend = currentBackend();
  executable.inputs.forEach((input, i) => {
    backend.run({ kernel: 'copy', inputs: [args[i]!.locate()], outputs: [input], attrs: { shape: input.shape } });
  });
  executable.run();
  return executable.outputs.map((output) => {
    const result = allocateTensor(output);
    backend.run({ kernel: 'copy', inputs: [output], outputs: [result.locate()], attrs: { shape: output.shape } });
    enterScope(result);
    return result;
  });
}

async function record<A extends readonly Tensor[], R extends Tensor | readonly Tensor[]>(
  fn: (...args: A) => R,
  args: A,
): Promise<Recorded> {
  let single = false;
  const program = trace((...inputs) => {
    const result = fn(...(inputs as unknown as A));
    single = result instanceof Tensor;
    return tracedResults('compile', result);
  }, args);
  return { executable: await prepare(program), single };
}

/** What a traced function returned, as a list. */
export function tracedResults(who: string, result: unknown): readonly Tensor[] {
  if (result instanceof Promise) {
    // What it rejects with says less than this.
    result.catch(() => {});
    throw new ValueError(
      `${who}: the function is asynchronous. It is traced once, on shapes: there is no value in it to wait for`,
    );
  }
  if (result instanceof Tensor) return [result];
  requireTensorList(who, 'what the function returns', result);
  // What is no tensor was refused.
  return result as readonly Tensor[];
}

function checkTensor(arg: Tensor, i: number): Tensor {
  requireTensors('compile', { [`argument ${i}`]: arg });
  return arg;
}
