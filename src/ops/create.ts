import type { DType, Shape } from '../backend/backend.ts';
import { applyOne } from '../engine/execute.ts';
import { makeTensor } from '../engine/make.ts';
import { defineOp } from '../engine/op.ts';
import { floatDType } from '../engine/runtime.ts';
import { keep } from '../engine/scope.ts';
import { keyOf, nextKey } from '../engine/seed.ts';
import { Variable } from '../engine/variable.ts';
import { DTypeError, ValueError } from '../errors.ts';
import { dtypeOfArray, dtypes, isDType } from '../tensor/dtype.ts';
import { flatten, type NestedArray, type TensorData } from '../tensor/nested.ts';
import { normalValues } from '../tensor/random.ts';
import { checkShape, inferReshape, sameShape, sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { add, mul } from './elementwise.ts';

/**
 * A tensor of numbers, nested lists or a typed array. The dtype is that of the typed array, bool for booleans, else float.
 * A shape regroups the elements.
 */
export function tensor(data: TensorData, shape?: Shape, dtype?: DType): Tensor {
  if (dtype !== undefined && !isDType(dtype))
    throw new DTypeError(`tensor: unknown dtype ${JSON.stringify(dtype)}; there are ${dtypes.join(', ')}`);
  if (ArrayBuffer.isView(data)) {
    const target = shape ? checkedShape(data.length, shape) : [data.length];
    return makeTensor(data, target, dtype ?? dtypeOf(data));
  }
  const { values, shape: found, truths } = flatten(data as NestedArray);
  const target = shape ? checkedShape(values.length, shape) : found;
  checkShape('tensor', target);
  return makeTensor(values, target, dtype ?? (truths ? 'bool' : floatDType()));
}

function checkedShape(count: number, shape: Shape): Shape {
  checkShape(
    'tensor',
    shape.map((length) => (length === -1 ? 0 : length)),
  );
  const target = inferReshape('tensor', [count], shape);
  return sameShape(target, shape) ? shape : target;
}

function dtypeOf(data: Exclude<TensorData, NestedArray>): DType {
  if (data instanceof Uint8ClampedArray) return 'uint8';
  if (data instanceof Int8Array || data instanceof Int16Array || data instanceof Uint16Array) return 'int32';
  if (
    data instanceof Float32Array ||
    data instanceof Float64Array ||
    data instanceof Int32Array ||
    data instanceof Uint8Array
  ) {
    const dtype = dtypeOfArray(data);
    return dtype === 'float32' || dtype === 'float64' ? floatDType() : dtype;
  }
  throw new DTypeError(`tensor: ${Object.prototype.toString.call(data).slice(8, -1)} holds no dtype of ours`);
}

const fillOp = defineOp({
  name: 'fill',
  kernel: 'fill',
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
  gradient: () => [],
});

/** A tensor of one value. */
export function full(shape: Shape, value: number, dtype: DType = floatDType()): Tensor {
  checkShape('full', shape);
  return applyOne(fillOp, [], { value, shape, dtype });
}

export function zeros(shape: Shape, dtype?: DType): Tensor {
  return full(shape, 0, dtype);
}

export function ones(shape: Shape, dtype?: DType): Tensor {
  return full(shape, 1, dtype);
}

/** The identity matrix [n, columns]. */
export function eye(n: number, columns = n, dtype: DType = floatDType()): Tensor {
  checkShape('eye', [n, columns]);
  const values = new Float32Array(n * columns);
  for (let i = 0; i < Math.min(n, columns); i++) values[i * columns + i] = 1;
  return makeTensor(values, [n, columns], dtype);
}

/** start, start + step, ... below stop (above, for a negative step); `arange(n)` counts from 0. int32 when all are whole. */
export function arange(start: number, stop?: number, step = 1, dtype?: DType): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (![from, to, step].every(Number.isFinite) || step === 0)
    throw new ValueError(`arange: cannot count from ${from} to ${to} by ${step}`);
  const values = Float64Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step);
  const whole = [from, to, step].every(Number.isInteger);
  return makeTensor(values, [values.length], dtype ?? (whole ? 'int32' : floatDType()));
}

/** `count` values evenly spaced from start to stop, both included. */
export function linspace(start: number, stop: number, count: number, dtype: DType = floatDType()): Tensor {
  checkShape('linspace', [count]);
  const step = count > 1 ? (stop - start) / (count - 1) : 0;
  return makeTensor(
    Float64Array.from({ length: count }, (_, i) => start + i * step),
    [count],
    dtype,
  );
}

const randomUniformOp = defineOp({
  name: 'randomUniform',
  kernel: 'randomUniform',
  infer: (_, { shape }) => [{ shape, dtype: floatDType() }],
  gradient: () => [],
});

/** Uniform values in [low, high): multiples of 2^-24 scaled, the same on every backend for the same seed. */
export function randomUniform(shape: Shape, low = 0, high = 1, options: { seed?: number } = {}): Tensor {
  checkShape('randomUniform', shape);
  const key = options.seed === undefined ? nextKey() : keyOf(options.seed);
  const unit = applyOne(randomUniformOp, [], { key, shape });
  // Two operations, so that no shader may fuse them into one rounding and draw other numbers than the CPU.
  return low === 0 && high === 1 ? unit : add(mul(unit, high - low), low);
}

/** Normal values. Drawn by the host: logarithm and cosine of a GPU differ in the last bits from adapter to adapter. */
export function randomNormal(shape: Shape, mean = 0, deviation = 1, options: { seed?: number } = {}): Tensor {
  checkShape('randomNormal', shape);
  const key = options.seed === undefined ? nextKey() : keyOf(options.seed);
  const values = normalValues(key, sizeOf(shape)).map((value) => mean + deviation * value);
  return makeTensor(values, shape, floatDType());
}

/** A tensor whose values can change, and that `backward` finds the gradient of. */
export function variable(values: Tensor | TensorData, options: { name?: string; trainable?: boolean } = {}): Variable {
  return keep(new Variable(values instanceof Tensor ? clone(values) : tensor(values), options));
}

const cloneOp = defineOp({
  name: 'clone',
  kernel: 'copy',
  infer: ([x]) => [x!],
  gradient: ({ dy: [dy] }) => [dy],
});

/** A copy of x in storage of its own. */
export function clone(x: Tensor): Tensor {
  return applyOne(cloneOp, [x], { shape: x.shape });
}
