import type { DType, FloatDType, TypedArray } from '../backend/backend.ts';
import type { BinaryFunction } from '../backend/kernels.ts';
import { DTypeError, ResourceError, ValueError } from '../errors.ts';

const bytes: Readonly<Record<DType, number>> = { float64: 8, float32: 4, int32: 4, uint8: 1, bool: 1 };

export const dtypes = Object.keys(bytes) as readonly DType[];

export function bytesOf(dtype: DType): number {
  return bytes[dtype];
}

export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === 'float32' || dtype === 'float64';
}

export function isDType(name: unknown): name is DType {
  return typeof name === 'string' && Object.hasOwn(bytes, name);
}

/** An array of `size` zeros that holds elements of `dtype`. @throws ResourceError when there is no room for it */
export function makeArray(dtype: DType, size: number): TypedArray {
  try {
    return viewArray(dtype, new ArrayBuffer(size * bytes[dtype]), 0, size);
  } catch (cause) {
    throw new ResourceError(`an array of ${size} numbers does not fit into memory`, { cause });
  }
}

/** `size` elements of `dtype` that lie in `buffer` from `byteOffset` on. */
export function viewArray(dtype: DType, buffer: ArrayBuffer, byteOffset: number, size: number): TypedArray {
  switch (dtype) {
    case 'float64':
      return new Float64Array(buffer, byteOffset, size);
    case 'float32':
      return new Float32Array(buffer, byteOffset, size);
    case 'int32':
      return new Int32Array(buffer, byteOffset, size);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer, byteOffset, size);
  }
}

export function dtypeOfArray(data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  return 'uint8';
}

/**
 * The dtype of a result of `a` and `b`: a float beats an integer, float64 beats float32, equal integers stay,
 * different ones give int32. bool counts as an integer.
 */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  if (a === 'float64' || b === 'float64') return 'float64';
  if (a === 'float32' || b === 'float32') return 'float32';
  return 'int32';
}

/** The functions whose result is a truth value. */
// biome-ignore format: a table
const truths: ReadonlySet<BinaryFunction> = new Set<BinaryFunction>([
  'equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual', 'logicalAnd', 'logicalOr',
]);

export function binaryResultDType(fn: BinaryFunction, a: DType, b: DType, float: FloatDType): DType {
  if (truths.has(fn)) return 'bool';
  const promoted = promote(a, b);
  if (fn === 'div' && !isFloat(promoted)) return float;
  // true + true is 2
  return promoted === 'bool' ? 'int32' : promoted;
}

export function requireFloat(op: string, dtype: DType): void {
  if (!isFloat(dtype)) throw new DTypeError(`${op}: needs a float tensor, got ${dtype}; use cast(x, 'float32')`);
}

const ranges: Partial<Record<DType, readonly [least: number, most: number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
};

/** Refuses numbers that an integer dtype does not have: stored they would be others. Fractions are cut off, as by cast. */
export function requireFitting(op: string, values: ArrayLike<number>, dtype: DType): void {
  const range = ranges[dtype];
  if (!range) return;
  const [least, most] = range;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value > least - 1 && value < most + 1))
      throw new ValueError(`${op}: ${value} is no value of ${dtype}, which holds numbers from ${least} to ${most}`);
  }
}
