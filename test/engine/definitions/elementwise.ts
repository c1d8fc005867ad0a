import type { DType } from '../../../src/backend/backend.ts';
import type { BinaryFunction, UnaryFunction } from '../../../src/backend/kernels.ts';
import { isFloat } from '../../../src/tensor/dtype.ts';
import { broadcastAt, clamp, type Definitions, defined, tabulate } from './definition.ts';
import * as f from './functions.ts';

const unary: Readonly<Record<UnaryFunction, (x: number) => number>> = {
  neg: (x) => -x,
  abs: (x) => (x < 0 ? -x : x),
  exp: f.exp,
  log: f.log,
  log1p: f.log1p,
  sqrt: f.sqrt,
  rsqrt: (x) => 1 / f.sqrt(x),
  square: (x) => x * x,
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0),
  floor: f.floor,
  ceil: f.ceil,
  round: f.round,
  sin: f.sin,
  cos: f.cos,
  tanh: f.tanh,
  sigmoid: f.sigmoid,
  erf: f.erf,
  relu: (x) => Math.max(x, 0),
  softplus: f.softplus,
  logicalNot: (x) => Number(x === 0),
  identity: (x) => x,
};

const binary: Readonly<Record<BinaryFunction, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: f.pow,
  maximum: Math.max,
  minimum: Math.min,
  equal: (a, b) => Number(a === b),
  notEqual: (a, b) => Number(a !== b),
  greater: (a, b) => Number(a > b),
  greaterEqual: (a, b) => Number(a >= b),
  less: (a, b) => Number(a < b),
  lessEqual: (a, b) => Number(a <= b),
  logicalAnd: (a, b) => Number(a !== 0 && b !== 0),
  logicalOr: (a, b) => Number(a !== 0 || b !== 0),
  reluGrad: (dy, y) => (y > 0 ? dy : 0),
  addRelu: (a, b) => Math.max(a + b, 0),
};

const functions: Readonly<Record<UnaryFunction | BinaryFunction, (a: number, b: number) => number>> = {
  ...unary,
  ...binary,
};

/** Of whole numbers, where a float would lose the low bits that an int32 keeps. A power below 1 truncates to 0. */
const whole: Partial<Record<UnaryFunction | BinaryFunction, (a: bigint, b: bigint) => bigint>> = {
  square: (a) => a * a,
  mul: (a, b) => a * b,
  pow: (a, b) => (b >= 0n ? a ** b : a === 1n || a === -1n ? a ** -b : 0n),
};

/** fn of one or two elements. */
function computed(fn: UnaryFunction | BinaryFunction, inFloat: boolean, a: number, b = 0): number {
  const exact = inFloat ? undefined : whole[fn];
  if (exact) return Number(BigInt.asIntN(32, exact(BigInt(a), BigInt(b))));
  return functions[fn](a, b);
}

/** A value as an element of `to`: anything but 0 is true, floats truncate and clamp, integers keep their low bits. */
function stored(value: number, from: DType, to: DType): number {
  if (isFloat(to)) return value;
  if (to === 'bool') return Number(value !== 0);
  if (isFloat(from))
    return to === 'uint8' ? clamp(Math.trunc(value), 0, 255) : clamp(Math.trunc(value), -(2 ** 31), 2 ** 31 - 1);
  return to === 'uint8' ? Number(BigInt.asUintN(8, BigInt(value))) : Number(BigInt.asIntN(32, BigInt(value)));
}

export const elementwise: Definitions<'unary' | 'binary' | 'where' | 'fill'> = {
  // y[i] = fn(x[i])
  unary: defined('itself', ([x], { fn }, y) => {
    const inFloat = [x!, y].some(({ dtype }) => isFloat(dtype));
    return tabulate(y.shape, (...i) => stored(computed(fn, inFloat, broadcastAt(x, i)), x!.dtype, y.dtype));
  }),

  // y[i] = fn(a[i], b[i])
  binary: defined('itself', ([a, b], { fn }, y) => {
    const inFloat = [a!, b!, y].some(({ dtype }) => isFloat(dtype));
    return tabulate(y.shape, (...i) => {
      const value = computed(fn, inFloat, broadcastAt(a, i), broadcastAt(b, i));
      return stored(value, isFloat(y.dtype) ? y.dtype : 'int32', y.dtype);
    });
  }),

  // y[i] = condition[i] ? a[i] : b[i]
  where: defined('nothing', ([condition, a, b], _, y) =>
    tabulate(y.shape, (...i) => broadcastAt(broadcastAt(condition, i) !== 0 ? a : b, i)),
  ),

  // y[i] = value
  fill: defined('nothing', (_, { value }, y) => tabulate(y.shape, () => stored(value, 'float64', y.dtype))),
};
