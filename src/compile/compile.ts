import { allocateTensor } from '../engine/execute.ts';
import { currentBackend } from '../engine/runtime.ts';
import { enterScope } from '../engine/scope.ts';
import { ValueError } from '../errors.ts';
import { formatShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Executable, prepare } from './replay.ts';
import { trace } from './trace.ts';

/** A function that runs compiled: asynchronous, since compiling is. */
export type Compiled<A extends readonly Tensor[], R extends Tensor | readonly Tensor[]> = (...args: A) => Promise<R>;

/**
 * `fn` traced once for each set of argument shapes and dtypes, then replayed. It must be made of tensor operations alone:
 * what else it does happens while tracing only. Variables that it reads are read anew at each call.
 */
export function compile<A extends readonly Tensor[], R extends Tensor | readonly Tensor[]>(
  fn: (...args: A) => R,
): Compiled<A, R> {
  const executables = new Map<string, Promise<{ executable: Executable; single: boolean }>>();
  return async (...args) => {
    const key = args.map((arg, i) => `${checkTensor(arg, i).dtype}${formatShape(arg.shape)}`).join(' ');
    const known = executables.get(key) ?? build(fn, args);
    executables.set(key, known);
    known.catch(() => executables.delete(key));
    const { executable, single } = await known;
    const backend = currentBackend();
    executable.inputs.forEach((target, i) => {
      backend.run({ kernel: 'copy', inputs: [args[i]!.locate()], outputs: [target], attrs: { shape: target.shape } });
    });
    executable.run();
    const results = executable.outputs.map((source) => {
      const result = allocateTensor(source);
      backend.run({ kernel: 'copy', inputs: [source], outputs: [result.locate()], attrs: { shape: source.shape } });
      enterScope(result);
      return result;
    });
    return (single ? results[0]! : results) as unknown as R;
  };
}

async function build<A extends readonly Tensor[], R extends Tensor | readonly Tensor[]>(
  fn: (...args: A) => R,
  args: A,
) {
  let single = false;
  const program = trace((...inputs) => {
    const result = fn(...(inputs as unknown as A));
    single = result instanceof Tensor;
    return single ? [result as Tensor] : (result as readonly Tensor[]);
  }, args);
  return { executable: await prepare(program), single };
}

function checkTensor(arg: Tensor, i: number): Tensor {
  if (!(arg instanceof Tensor)) throw new ValueError(`compile: argument ${i} must be a tensor, got ${typeof arg}`);
  return arg;
}
