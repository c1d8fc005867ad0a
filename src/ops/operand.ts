import type { DType } from '../backend/backend.ts';
import { constant } from '../engine/make.ts';
import { floatDType } from '../engine/runtime.ts';
import { ValueError } from '../errors.ts';
import { isFloat } from '../tensor/dtype.ts';
import { kindOf } from '../tensor/options.ts';
import { Tensor } from '../tensor/tensor.ts';

/** A number stands wherever a tensor may. */
export type Operand = Tensor | number;

/**
 * Both operands as tensors. A number takes the dtype of a float tensor beside it; beside integers a whole number is
 * int32 and a fractional one a float.
 */
export function asTensors(op: string, a: Operand, b: Operand): [Tensor, Tensor] {
  if (a instanceof Tensor) return [a, b instanceof Tensor ? b : constant(number(op, b), dtypeBeside(a.dtype, b))];
  if (b instanceof Tensor) return [constant(number(op, a), dtypeBeside(b.dtype, a)), b];
  return [constant(number(op, a), floatDType()), constant(number(op, b), floatDType())];
}

export function asTensor(op: string, x: Operand): Tensor {
  return x instanceof Tensor ? x : constant(number(op, x), floatDType());
}

function dtypeBeside(dtype: DType, value: number): DType {
  if (isFloat(dtype)) return dtype;
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 'int32' : floatDType();
}

function number(op: string, value: unknown): number {
  if (typeof value === 'number') return value;
  throw new ValueError(`${op}: expected a tensor or a number, got ${kindOf(value)}`);
}
