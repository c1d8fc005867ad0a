// Functions of single elements, and of pairs with broadcasting. Each states its gradient beside its name;
// what it computes is one line in backend/cpu/elementwise.ts and one case in shaders/unary.wgsl or binary.wgsl.
import type { DType, Spec } from '../backend/backend.ts';
import type { BinaryFunction, UnaryFunction } from '../backend/kernels.ts';
import { applyOne } from '../engine/execute.ts';
import { requireDType } from '../engine/make.ts';
import { defineOp } from '../engine/op.ts';
import { floatDType } from '../engine/runtime.ts';
import { DTypeError } from '../errors.ts';
import { binaryResultDType, isFloat, promote } from '../tensor/dtype.ts';
import { requireTensors } from '../tensor/options.ts';
import { broadcastShapes, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { asTensor, asTensors, type Operand } from './operand.ts';
import { sumTo } from './sumTo.ts';

// --- one operand

type UnaryGradient = (dy: Tensor, x: Tensor, y: Tensor) => Tensor | null;

/** Keeps integers integers, where that makes sense. */
const keepsIntegers: ReadonlySet<UnaryFunction> = new Set<UnaryFunction>([
  'neg',
  'abs',
  'square',
  'sign',
  'floor',
  'ceil',
  'round',
  'relu',
]);

function unaryOp(fn: UnaryFunction, gradient: UnaryGradient | null) {
  return defineOp({
    name: fn,
    kernel: 'unary',
    infer: ([x], { dtype }) => [{ shape: x!.shape, dtype }],
    gradient: gradient ? ({ inputs: [x], outputs: [y], dy: [dy] }) => [gradient(dy, x!, y!)] : 'not differentiable',
    flops: ([x]) => sizeOf(x!.shape),
  });
}

function unaryFunction(fn: UnaryFunction, gradient: UnaryGradient | null): (x: Operand) => Tensor {
  const op = unaryOp(fn, gradient);
  return (operand) => {
    const x = asTensor(fn, operand);
    return applyOne(op, [x], { fn, dtype: unaryResultDType(fn, x.dtype) });
  };
}

function unaryResultDType(fn: UnaryFunction, dtype: DType): DType {
  if (fn === 'logicalNot') return 'bool';
  if (isFloat(dtype)) return dtype;
  if (!keepsIntegers.has(fn)) return floatDType();
  return dtype === 'bool' || fn === 'neg' ? 'int32' : dtype;
}

const none: UnaryGradient = () => null;

/** −x */
export const neg = unaryFunction('neg', (dy) => neg(dy));
/** |x|; gradient 0 at 0. */
export const abs = unaryFunction('abs', (dy, x) => mul(dy, sign(x)));
/** eˣ */
export const exp = unaryFunction('exp', (dy, _, y) => mul(dy, y));
/** ln x */
export const log = unaryFunction('log', (dy, x) => div(dy, x));
/** ln(1 + x), exact near 0. */
export const log1p = unaryFunction('log1p', (dy, x) => div(dy, add(x, 1)));
/** √x */
export const sqrt = unaryFunction('sqrt', (dy, _, y) => div(mul(dy, 0.5), y));
/** 1 / √x */
export const rsqrt = unaryFunction('rsqrt', (dy, x, y) => mul(mul(dy, -0.5), div(y, x)));
/** x² */
export const square = unaryFunction('square', (dy, x) => mul(dy, mul(x, 2)));
/** −1, 0 or 1, and NaN of NaN; gradient 0. */
export const sign = unaryFunction('sign', none);
/** The whole number at or below x; gradient 0. */
export const floor = unaryFunction('floor', none);
/** The whole number at or above x; gradient 0. */
export const ceil = unaryFunction('ceil', none);
/** The nearest whole number, halves to even; gradient 0. */
export const round = unaryFunction('round', none);
/** sin x, x in radians. On a GPU good to 2⁻¹¹ between −π and π; digits are lost beyond, and of 10³⁸ any value may come. */
export const sin = unaryFunction('sin', (dy, x) => mul(dy, cos(x)));
/** cos x, x in radians, as exact as sin. */
export const cos = unaryFunction('cos', (dy, x) => mul(dy, neg(sin(x))));
/** tanh x */
export const tanh = unaryFunction('tanh', (dy, _, y) => mul(dy, sub(1, square(y))));
/** 1 / (1 + e⁻ˣ), stable in both tails. */
export const sigmoid = unaryFunction('sigmoid', (dy, _, y) => mul(dy, mul(y, sub(1, y))));
/** The error function. */
export const erf = unaryFunction('erf', (dy, x) => mul(dy, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))));
/** max(x, 0), NaN of NaN; gradient 0 at 0. */
export const relu = unaryFunction('relu', (dy, _, y) => reluGrad(dy, y));
/** ln(1 + eˣ), stable in both tails. */
export const softplus = unaryFunction('softplus', (dy, x) => mul(dy, sigmoid(x)));
/** true where x is 0 or false; NaN counts as true. */
export const logicalNot = unaryFunction('logicalNot', null);

const castOp = defineOp({
  name: 'cast',
  kernel: 'unary',
  infer: ([x], { dtype }) => [{ shape: x!.shape, dtype }],
  gradient: ({ inputs: [x], dy: [dy] }) => [cast(dy, x!.dtype)],
});

/** x as another dtype: floats truncate towards 0 to integers (clamped to the range; NaN is 0), anything but 0 is true, NaN too. */
export function cast(operand: Operand, dtype: DType): Tensor {
  const x = asTensor('cast', operand);
  requireDType('cast', dtype);
  return x.dtype === dtype ? x : applyOne(castOp, [x], { fn: 'identity', dtype });
}

// --- two operands

type BinaryGradient = (
  dy: Tensor,
  a: Tensor,
  b: Tensor,
  y: Tensor,
) => readonly [() => Tensor | null, () => Tensor | null];

function binaryFunction(fn: BinaryFunction, gradient: BinaryGradient | null): (a: Operand, b: Operand) => Tensor {
  const op = defineOp({
    name: fn,
    kernel: 'binary',
    infer: (inputs) => [inferBinary(fn, inputs[0]!, inputs[1]!)],
    gradient: gradient
      ? ({ inputs: [a, b], outputs: [y], dy: [dy], needs }) => {
          const [byA, byB] = gradient(dy, a!, b!, y!);
          return [needs[0] ? stretchBack(byA(), a!) : null, needs[1] ? stretchBack(byB(), b!) : null];
        }
      : 'not differentiable',
    flops: (_, [y]) => sizeOf(y!.shape),
  });
  return (a, b) => applyOne(op, asTensors(fn, a, b), { fn });
}

function inferBinary(fn: BinaryFunction, a: Spec, b: Spec): Spec {
  return { shape: broadcastShapes(fn, a.shape, b.shape), dtype: binaryResultDType(fn, a.dtype, b.dtype, floatDType()) };
}

/** The gradient of a stretched operand is the sum over what it was stretched to, in its own dtype. */
function stretchBack(gradient: Tensor | null, operand: Tensor): Tensor | null {
  return gradient && cast(sumTo(gradient, operand.shape), operand.dtype);
}

/** a + b */
export const add = binaryFunction('add', (dy) => [() => dy, () => dy]);
/** a − b */
export const sub = binaryFunction('sub', (dy) => [() => dy, () => neg(dy)]);
/** a · b */
export const mul = binaryFunction('mul', (dy, a, b) => [() => mul(dy, b), () => mul(dy, a)]);
/** a / b, always a float. On a GPU good for |b| between 2⁻¹²⁶ and 2¹²⁶, 0 and ∞. */
export const div = binaryFunction('div', (dy, _, b, y) => [() => div(dy, b), () => neg(div(mul(dy, y), b))]);
/**
 * aᵇ as IEEE 754 has it: a⁰ and 1ᵇ are 1, of NaN too. The gradient by b is 0 where a is not positive. A GPU computes
 * 2^(b log₂ a), so that the last digits are lost in proportion to the size of b log₂ a.
 */
export const pow = binaryFunction('pow', (dy, a, b, y) => [
  // 0 where b is 0, also at a = 0: the power of 1 keeps infinity times 0 away
  () => mul(dy, mul(b, pow(a, where(equal(b, 0), 1, sub(b, 1))))),
  () => mul(dy, where(greater(a, 0), mul(y, log(a)), 0)),
]);
/** The larger, NaN if either is; the gradient goes to a unless a < b. */
export const maximum = binaryFunction('maximum', (dy, a, b) => [
  () => where(less(a, b), 0, dy),
  () => where(less(a, b), dy, 0),
]);
/** The smaller, NaN if either is; the gradient goes to a unless a > b. */
export const minimum = binaryFunction('minimum', (dy, a, b) => [
  () => where(greater(a, b), 0, dy),
  () => where(greater(a, b), dy, 0),
]);
/** dy where y > 0, else 0 (of NaN too): how relu passes a gradient back, from its own result. */
export const reluGrad = binaryFunction('reluGrad', (ddy, _, y) => [() => reluGrad(ddy, y), () => null]);
/** max(a + b, 0), NaN of NaN: what ends a residual block, in one pass. */
export const addRelu = binaryFunction('addRelu', (dy, _a, _b, y) => [() => reluGrad(dy, y), () => reluGrad(dy, y)]);

/** a = b; NaN equals nothing. */
export const equal = binaryFunction('equal', null);
/** a ≠ b; true beside NaN. */
export const notEqual = binaryFunction('notEqual', null);
/** a > b; false beside NaN, as are the other three. */
export const greater = binaryFunction('greater', null);
/** true where a ≥ b. */
export const greaterEqual = binaryFunction('greaterEqual', null);
/** true where a < b. */
export const less = binaryFunction('less', null);
/** true where a ≤ b. */
export const lessEqual = binaryFunction('lessEqual', null);
/** Whether both are true or not 0; NaN counts as true. */
export const logicalAnd = binaryFunction('logicalAnd', null);
/** Whether one is true or not 0; NaN counts as true. */
export const logicalOr = binaryFunction('logicalOr', null);

// --- a choice

const whereOp = defineOp({
  name: 'where',
  kernel: 'where',
  infer: ([condition, a, b]) => {
    if (condition!.dtype !== 'bool') throw new DTypeError(`where: the condition must be bool, got ${condition!.dtype}`);
    const shape = broadcastShapes('where', condition!.shape, broadcastShapes('where', a!.shape, b!.shape));
    return [{ shape, dtype: promote(a!.dtype, b!.dtype) }];
  },
  gradient: ({ inputs: [condition, a, b], dy: [dy], needs }) => [
    null,
    needs[1] ? stretchBack(where(condition!, dy, 0), a!) : null,
    needs[2] ? stretchBack(where(condition!, 0, dy), b!) : null,
  ],
});

/** a where the condition (bool) holds, else b; all three broadcast. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  requireTensors('where', { condition });
  return applyOne(whereOp, [condition, ...asTensors('where', a, b)], {});
}
