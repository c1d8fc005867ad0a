// Random operands for a cell, the cell as a call of our kernels, and its result as the CPU reference has it.
import type { Backend, View } from '../src/backend/backend.ts';
import { CpuBackend } from '../src/backend/cpu/cpuBackend.ts';
import type { KernelCall } from '../src/backend/kernels.ts';
import { relativeError } from './arithmetic.ts';
import { type Cell, geometryOf, nameOf, product, shapesOf } from './cells.ts';

export interface Operands {
  readonly a: Float32Array<ArrayBuffer>;
  readonly b: Float32Array<ArrayBuffer>;
}

/**
 * What sums in another order may differ by, as ‖difference‖ / ‖result‖. Rounding of float32 gives 10⁻⁶ at the lengths here;
 * half precision gives 10⁻³, and so does one wrong element of the largest result.
 */
const RELATIVE_ERROR = 1e-5;

/** The same numbers in [-1, 1) for the same seed (a linear congruential generator; Numerical Recipes' constants). */
export function randomNumbers(count: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export function operandsOf(cell: Cell): Operands {
  const { a, b } = shapesOf(cell);
  return { a: randomNumbers(product(a), 1), b: randomNumbers(product(b), 2) };
}

/** The cell's result by the CPU backend. */
export async function reference(cell: Cell, operands: Operands): Promise<Float32Array> {
  const backend = new CpuBackend('float32');
  const { call, result } = callOn(backend, cell, operands);
  backend.run(call);
  const values = floats(await backend.read(result));
  await backend.close();
  return values;
}

/** Throws unless `found` is `expected` but for rounding. */
export function requireEqual(who: string, cell: Cell, found: Float32Array, expected: Float32Array): void {
  const error = relativeError(found, expected);
  if (!(error <= RELATIVE_ERROR)) {
    throw new Error(`${who} computes ${nameOf(cell)} wrong: off by ${error} of the result of our CPU reference`);
  }
}

/** The cell as a call on memory of `backend` that holds the operands; `free` gives the memory back. */
export function callOn(backend: Backend, cell: Cell, operands: Operands) {
  const shapes = shapesOf(cell);
  const view = (shape: readonly number[]): View => ({
    ...{ shape, dtype: 'float32', byteOffset: 0 },
    storage: backend.allocate(Math.ceil((4 * product(shape)) / 16) * 16),
  });
  const [a, b, result] = [view(shapes.a), view(shapes.b), view(shapes.y)];
  backend.write(a, operands.a);
  backend.write(b, operands.b);
  const free = () => {
    for (const { storage } of [a, b, result]) backend.free(storage);
  };
  return { call: { inputs: [a, b], outputs: [result], ...kernelOf(cell) } satisfies KernelCall, result, free };
}

function kernelOf(cell: Cell): Pick<KernelCall, 'kernel' | 'attrs'> {
  if (cell.kernel === 'matmul') {
    const { m, k, n, transposeA, transposeB } = cell;
    const attrs = { batch: 1, m, n, k, transposeA, transposeB, broadcastA: false, broadcastB: false } as const;
    return { kernel: 'matmul', attrs: { ...attrs, activation: 'linear' } };
  }
  const attrs = { ...geometryOf(cell), groups: 1 };
  if (cell.kernel === 'conv2d') return { kernel: 'conv2d', attrs: { ...attrs, activation: 'linear' } };
  return { kernel: cell.kernel, attrs: { ...attrs, shape: shapesOf(cell).y } };
}

export function floats(values: ArrayLike<number>): Float32Array {
  if (values instanceof Float32Array) return values;
  throw new Error('expected float32 values');
}
