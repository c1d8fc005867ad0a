import { allocateTensor } from '../engine/execute.ts';
import { currentBackend } from '../engine/runtime.ts';
import { enterScope } from '../engine/scope.ts';
import { ValueError } from '../errors.ts';
import { requireFunction, requireTensorList, requireTensors } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Recording, Recordings } from './recordings.ts';
import { type Executable, prepare } from './replay.ts';
import { trace } from './trace.ts';

/** A function that runs compiled: asynchronous, since compiling is. */
export interface Compiled<A extends readonly Tensor[], R extends Tensor | readonly Tensor[]> {
  (...args: A): Promise<R>;
  /** Frees what was prepared for every set of shapes. */
  dispose(): void;
}

interface Recorded extends Recording {
  /** Whether the function returned a tensor and not a list. */
  readonly single: boolean;
}

/**
 * `fn` traced once for each set of argument shapes and dtypes, then replayed. It must be made of tensor operations alone:
 * what else it does happens while tracing only, such as a branch by `if (x)`: a tensor is always true. Variables that it reads are read anew at each call.
 */
export function compile<A extends readonly Tensor[], R extends Tensor | readonly Tensor[]>(
  fn: (...args: A) => R,
): Compiled<A, R> {
  requireFunction('compile', fn);
  return compileWithin(Number.POSITIVE_INFINITY, fn);
}

/** The same; what was prepared for the shapes used last is kept up to so many bytes, and no more of it than for the very last where that takes more. */
export function compileWithin<A extends readonly Tensor[], R extends Tensor | readonly Tensor[]>(
  mostBytes: number,
  fn: (...args: A) => R,
): Compiled<A, R> {
  const recordings = new Recordings<Recorded>(mostBytes);
  const run = async (...args: A): Promise<R> => {
    const key = args.map((arg, i) => `${checkTensor(arg, i).dtype}${formatShape(arg.shape)}`).join(' ');
    const results = ({ executable, single }: Recorded) => {
      const found = runOn(executable, args);
      // R is what fn returned: one tensor or a list
      return (single ? found[0]! : found) as unknown as R;
    };
    return recordings.use(key, () => record(fn, args), results);
  };
  const compiled = Object.assign(run, { dispose: () => recordings.dispose() });
  recordings.disposeWith(compiled);
  return compiled;
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
