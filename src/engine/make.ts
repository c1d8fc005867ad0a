import type { Backend, DType, Shape, TypedArray } from '../backend/backend.ts';
import { DTypeError } from '../errors.ts';
import { makeArray } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { allocateTensor } from './execute.ts';
import { currentBackend } from './runtime.ts';
import { enterScope, keep } from './scope.ts';

/** A tensor with these elements, row-major. `data` is converted when it does not hold elements of `dtype`. */
export function makeTensor(data: ArrayLike<number>, shape: Shape, dtype: DType): Tensor {
  const backend = currentBackend();
  if (!backend.supports(dtype))
    throw new DTypeError(`the ${backend.name} backend has no ${dtype}; it exists on the CPU backend`);
  const tensor = allocateTensor({ shape, dtype });
  if (tensor.size > 0) backend.write(tensor.locate(), convert(data, dtype));
  enterScope(tensor);
  return tensor;
}

function convert(data: ArrayLike<number>, dtype: DType): TypedArray {
  const target = makeArray(dtype, 0);
  if (data.constructor === target.constructor && dtype !== 'bool') return data as TypedArray;
  const converted = makeArray(dtype, data.length);
  if (dtype === 'bool') for (let i = 0; i < data.length; i++) converted[i] = data[i] ? 1 : 0;
  else converted.set(data);
  return converted;
}

const MOST_CONSTANTS = 256;
const constants = new WeakMap<Backend, Map<string, Tensor>>();

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
  return made;
}
