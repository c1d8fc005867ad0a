import type { DType, Shape, TypedArray } from '../backend/backend.ts';
import { BackendError, DTypeError, ShapeError } from '../errors.ts';
import { callSite } from '../tensor/callSite.ts';
import { dtypeOfArray, isFloat, makeArray } from '../tensor/dtype.ts';
import type { SharedStorage } from '../tensor/memory.ts';
import { kindOf } from '../tensor/options.ts';
import { formatShape, sameShape, sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { apply } from './execute.ts';
import { makeTensor } from './make.ts';
import { defineOp, elementBytes } from './op.ts';
import { currentBackend, currentRecorder } from './runtime.ts';
import { keep } from './scope.ts';
import { touch } from './versions.ts';

/** A tensor that keeps its identity while its values change in place: weights, optimizer slots, counters. */
export class Variable extends Tensor {
  readonly name: string;
  /** The gradient that `backward` found last. */
  grad: Tensor | null = null;

  /** Takes the storage of `values` over: that tensor is disposed of. */
  constructor(values: Tensor, options: { name?: string; trainable?: boolean } = {}) {
    const { memory, byteOffset } = values.share();
    super(values.shape, values.dtype, memory.retain(), byteOffset);
    this.name = options.name ?? 'variable';
    this.requiresGrad = (options.trainable ?? true) && isFloat(values.dtype);
    values.dispose();
  }

  /** Overwrites the values: with a tensor as an operation like any other, with an array by an upload. */
  assign(value: Tensor | TypedArray): this {
    if (value instanceof Tensor) {
      apply(assign, [this, value], {});
      return this;
    }
    const expected = dtypeOfArray(makeArray(this.dtype, 0));
    if (!ArrayBuffer.isView(value) || dtypeOfArray(value) !== expected) {
      const got = ArrayBuffer.isView(value) ? Object.prototype.toString.call(value).slice(8, -1) : kindOf(value);
      throw new DTypeError(`assign: ${this.name} takes a tensor or an array of ${expected} elements, got ${got}`);
    }
    if (currentRecorder()) {
      throw new BackendError(
        `assign: ${this.name} would get these numbers now and never again, since the function around it is being traced${callSite()}; assign a tensor`,
      );
    }
    if (value.length !== this.size) {
      throw new ShapeError(
        `assign: ${this.name} has shape ${formatShape(this.shape)} (${this.size} values), got ${value.length}`,
      );
    }
    currentBackend().write(this.locate(), value);
    touch(this.locate().storage);
    return this;
  }

  /** Moves the values into a range of other storage, so that many variables can be updated by one dispatch. */
  moveTo(memory: SharedStorage, byteOffset: number): void {
    const source = this.locate();
    const target = { ...source, storage: memory.storage, byteOffset };
    currentBackend().run({ kernel: 'copy', inputs: [source], outputs: [target], attrs: { shape: this.shape } });
    this.adopt(memory.retain(), byteOffset);
    touch(memory.storage);
  }
}

/** A variable with these first values. */
export function makeVariable(
  data: TypedArray,
  shape: Shape,
  dtype: DType,
  options: { name?: string; trainable?: boolean } = {},
): Variable {
  return keep(new Variable(makeTensor(data, shape, dtype), options));
}

function inferInPlace(op: string) {
  return ([target, value]: readonly { shape: Shape; dtype: DType }[]) => {
    if (!sameShape(target!.shape, value!.shape)) {
      throw new ShapeError(
        `${op}: the variable has shape ${formatShape(target!.shape)}, the value ${formatShape(value!.shape)}`,
      );
    }
    if (target!.dtype !== value!.dtype)
      throw new DTypeError(`${op}: the variable is ${target!.dtype}, the value ${value!.dtype}`);
    return [];
  };
}

export const assign = defineOp({
  name: 'assign',
  kernel: 'assign',
  mutates: [0],
  infer: inferInPlace('assign'),
  gradient: 'not differentiable',
});

const assignAddOp = defineOp({
  name: 'assignAdd',
  kernel: 'assignAdd',
  mutates: [0],
  infer: inferInPlace('assignAdd'),
  gradient: 'not differentiable',
  flops: ([target]) => sizeOf(target!.shape),
  bytes: ([target]) => 3 * elementBytes(target!),
});

const incrementOp = defineOp({
  name: 'increment',
  kernel: 'increment',
  mutates: [0],
  infer: ([target]) => {
    if (target!.dtype !== 'int32' || sizeOf(target!.shape) !== 1)
      throw new ShapeError(`increment: a counter is one int32, got ${target!.dtype} ${formatShape(target!.shape)}`);
    return [];
  },
  gradient: 'not differentiable',
});

/** counter += by, in place: an int32 of shape [1]. */
export function increment(counter: Variable, by = 1): void {
  apply(incrementOp, [counter], { by });
}

/** target += value, in place. */
export function assignAdd(target: Variable, value: Tensor): void {
  apply(assignAddOp, [target, value], {});
}
