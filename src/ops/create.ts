import type { DType, Shape } from '../backend/backend.ts';
import { applyOne } from '../engine/execute.ts';
import { constant, makeTensor, requireDType } from '../engine/make.ts';
import { defineOp } from '../engine/op.ts';
import { currentRecorder, floatDType } from '../engine/runtime.ts';
import { keep } from '../engine/scope.ts';
import { keyOf, nextKey } from '../engine/seed.ts';
import { makeVariable, Variable } from '../engine/variable.ts';
import { DTypeError, ValueError } from '../errors.ts';
import { dtypeOfArray, requireFitting } from '../tensor/dtype.ts';
import { flatten, type NestedArray, type TensorData } from '../tensor/nested.ts';
import { finiteNumber, kindOf, refuseUnknown, requireTensors, truth, wholeNumber } from '../tensor/options.ts';
import { normalValues, type RandomKey } from '../tensor/random.ts';
import { checkShape, inferReshape, sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { add, mul } from './elementwise.ts';
import { drawUniform } from './randomStream.ts';

/**
 * A tensor of numbers, nested lists or a typed array. The dtype is that of the typed array, bool for booleans, else float.
 * A shape regroups the elements. Numbers that an integer dtype does not have are refused; fractions are cut off.
 */
export function tensor(data: TensorData, shape?: Shape, dtype?: DType): Tensor {
  return fromData('tensor', data, shape, dtype);
}

function fromData(who: string, data: TensorData, shape?: Shape, dtype?: DType): Tensor {
  if (dtype !== undefined) requireDType(who, dtype);
  if (ArrayBuffer.isView(data)) {
    const ofArray = dtypeOf(who, data);
    if (dtype !== undefined && dtype !== ofArray) requireFitting(who, data, dtype);
    return makeTensor(data, regrouped(who, [data.length], shape), dtype ?? ofArray);
  }
  const { values, shape: found, truths } = flatten(data, who);
  if (dtype !== undefined) requireFitting(who, values, dtype);
  return makeTensor(values, regrouped(who, found, shape), dtype ?? (truths ? 'bool' : floatDType()));
}

function regrouped(who: string, found: Shape, shape: Shape | undefined): Shape {
  const target = shape === undefined ? found : inferReshape(who, found, shape);
  checkShape(who, target);
  return target;
}

function dtypeOf(who: string, data: Exclude<TensorData, NestedArray>): DType {
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
  throw new DTypeError(`${who}: ${Object.prototype.toString.call(data).slice(8, -1)} holds no dtype of ours`);
}

const fillOp = defineOp({
  name: 'fill',
  kernel: 'fill',
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
  gradient: () => [],
});

/** A tensor of one value. */
export function full(shape: Shape, value: number, dtype: DType = floatDType()): Tensor {
  return filled('full', shape, value, dtype);
}

/** A tensor of zeros. */
export function zeros(shape: Shape, dtype: DType = floatDType()): Tensor {
  return filled('zeros', shape, 0, dtype);
}

/** A tensor of ones. */
export function ones(shape: Shape, dtype: DType = floatDType()): Tensor {
  return filled('ones', shape, 1, dtype);
}

function filled(who: string, shape: Shape, value: number, dtype: DType): Tensor {
  checkShape(who, shape);
  if (typeof value !== 'number') throw new ValueError(`${who}: the value must be a number, got ${kindOf(value)}`);
  requireDType(who, dtype);
  requireFitting(who, [value], dtype);
  return applyOne(fillOp, [], { value, shape, dtype });
}

/** The identity matrix [n, columns]. */
export function eye(n: number, columns = n, dtype: DType = floatDType()): Tensor {
  checkShape('eye', [n, columns]);
  requireDType('eye', dtype);
  const values = new Float32Array(n * columns);
  for (let i = 0; i < Math.min(n, columns); i++) values[i * columns + i] = 1;
  return makeTensor(values, [n, columns], dtype);
}

/** start, start + step, ... below stop (above, for a negative step); `arange(n)` counts from 0. int32 when all are whole. */
export function arange(start: number, stop?: number, step = 1, dtype?: DType): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (![from, to, step].every(Number.isFinite) || step === 0)
    throw new ValueError(`arange: cannot count from ${from} to ${to} by ${step}`);
  const count = Math.max(0, Math.ceil((to - from) / step));
  checkShape('arange', [count]);
  if (dtype !== undefined) requireDType('arange', dtype);
  const values = Float64Array.from({ length: count }, (_, i) => from + i * step);
  const whole = [from, to, step].every(Number.isInteger);
  return makeTensor(values, [values.length], dtype ?? (whole ? 'int32' : floatDType()));
}

/** `count` values evenly spaced from start to stop, both included. */
export function linspace(start: number, stop: number, count: number, dtype: DType = floatDType()): Tensor {
  checkShape('linspace', [count]);
  requireDType('linspace', dtype);
  finiteNumber('linspace', 'start', start);
  finiteNumber('linspace', 'stop', stop);
  const step = count > 1 ? (stop - start) / (count - 1) : 0;
  return makeTensor(
    Float64Array.from({ length: count }, (_, i) => start + i * step),
    [count],
    dtype,
  );
}

/**
 * Uniform values in [low, high): multiples of 2^-24 scaled, the same on every backend for the same seed. Inside a compiled
 * function each run draws anew, unless a seed is given.
 */
export function randomUniform(shape: Shape, low = 0, high = 1, options: { seed?: number } = {}): Tensor {
  checkShape('randomUniform', shape);
  finiteNumber('randomUniform', 'low', low);
  finiteNumber('randomUniform', 'high', high);
  const key = keyFor('randomUniform', options);
  const unit = drawUniform(shape, key, drawOf(options));
  // Two operations, so that no shader may fuse them into one rounding and draw other numbers than the CPU.
  return low === 0 && high === 1 ? unit : add(mul(unit, high - low), low);
}

/**
 * Normal values. Drawn by the host: logarithm and cosine of a GPU differ in the last bits from adapter to adapter. So a
 * compiled function, which runs without the host, takes them with a seed only: the same at each run.
 */
export function randomNormal(shape: Shape, mean = 0, deviation = 1, options: { seed?: number } = {}): Tensor {
  checkShape('randomNormal', shape);
  finiteNumber('randomNormal', 'mean', mean);
  finiteNumber('randomNormal', 'deviation', deviation, 0);
  const key = keyFor('randomNormal', options);
  if (currentRecorder() && options.seed === undefined)
    throw new ValueError(
      'randomNormal: a compiled function cannot draw new normal values at each run; give them as an argument, or a seed',
    );
  const values = normalValues(key, sizeOf(shape)).map((value) => mean + deviation * value);
  return makeTensor(values, shape, floatDType());
}

/** Which draw of the stream is meant: the first, but the next one at each run of what is recorded now. */
function drawOf({ seed }: { seed?: number }): Tensor {
  const recorder = currentRecorder();
  if (!recorder || seed !== undefined) return constant(0, 'int32');
  return recorder.countRuns(() => makeVariable(new Int32Array(1), [], 'int32'));
}

/** The stream of a seed, or the next one of the program. */
function keyFor(who: string, options: { seed?: number }): RandomKey {
  refuseUnknown(who, options, ['seed']);
  return options.seed === undefined ? nextKey() : keyOf(wholeNumber(who, 'seed', options.seed, 0));
}

/** A tensor whose values can change, and that `backward` finds the gradient of. */
export function variable(values: Tensor | TensorData, options: { name?: string; trainable?: boolean } = {}): Variable {
  refuseUnknown('variable', options, ['name', 'trainable']);
  if (options.trainable !== undefined) truth('variable', 'trainable', options.trainable);
  return keep(new Variable(values instanceof Tensor ? clone(values) : fromData('variable', values), options));
}

const cloneOp = defineOp({
  name: 'clone',
  kernel: 'copy',
  infer: ([x]) => [x!],
  gradient: ({ dy: [dy] }) => [dy],
});

/** A copy of x in storage of its own. */
export function clone(x: Tensor): Tensor {
  requireTensors('clone', { x });
  return applyOne(cloneOp, [x], { shape: x.shape });
}
