import type { Backend, DType, Shape, TypedArray } from '../backend/backend.ts';
import { DTypeError } from '../errors.ts';
import { dtypes, isDType, makeArray } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { allocateTensor } from './execute.ts';
import { currentBackend, currentRecorder } from './runtime.ts';
import { enterScope, keep } from './scope.ts';

/** Refuses what is no dtype, or none of the backend in use. */
export function requireDType(who: string, dtype: DType): void {
  if (!isDType(dtype))
    throw new DTypeError(`${who}: unknown dtype ${JSON.stringify(dtype)}; there are ${dtypes.join(', ')}`);
  const { name } = currentBackend();
  if (!currentBackend().supports(dtype))
    throw new DTypeError(`${who}: the ${name} backend has no ${dtype}; it exists on the CPU backend`);
}

/** A tensor with these elements, row-major. `data` is converted when it does not hold elements of `dtype`. */
export function makeTensor(data: ArrayLike<number>, shape: Shape, dtype: DType): Tensor {
  const backend = currentBackend();
  requireDType('tensor', dtype);
  const tensor = allocateTensor({ shape, dtype });
  if (tensor.size > 0) backend.write(tensor.locate(), convert(data, dtype));
  // Values that a trace refers to belong to its program, which outlives every scope inside it.
  if (!currentRecorder()) enterScope(tensor);
  return tensor;
}

function convert(data: ArrayLike<number>, dtype: DType): TypedArray {
  const target = makeArray(dtype, 0);
  if (data.constructor === target.constructor && dtype !== 'bool') return data as TypedArray;
  const converted = makeArray(dtype, data.length);
  if (dtype === 'bool') for (let i = 0; i < data.length; i++) converted[i] = data[i] === 0 ? 0 : 1;
  else converted.set(data);
  return converted;
}

const MOST_CONSTANTS = 256;
const constants = new WeakMap<Backend, Map<string, Tensor>>();

const values = new WeakMap<Tensor, number>();

/** The value of a scalar that `constant` made; undefined of any other tensor. */
export function constantValue(x: Tensor): number | undefined {
  return values.get(x);
}

/** A scalar that is uploaded once: the 2 of `mul(x, 2)`. */
export function constant(value: number, dtype: DType): Tensor {
  const backend = currentBackend();
  const ofBackend = constants.get(backend) ?? new Map<string, Tensor>();
  constants.set(backend, ofBackend);
  const key = `${dtype} ${Object.is(value, -0) ? '-0' : value}`;
  const known = ofBackend.get(key);
  if (known) return known;
  // The oldest goes; whoever still uses it holds it.
  if (ofBackend.size >= MOST_CONSTANTS) ofBackend.delete(ofBackend.keys().next().value!);
  const made = keep(makeTensor([value], [], dtype));
  ofBackend.set(key, made);
  values.set(made, value);
  return made;
}
