// Which calls are alike enough to share what was measured. CubeCL's idea: powers of two and divisibility, never the raw sizes.
import type { View } from '../../backend.ts';
import type { KernelCall } from '../../kernels.ts';

/** Kernel, sizes in powers of two, how the last axes divide into vectors, and what kind of call it is. */
export function tuningKey({ kernel, inputs, outputs, attrs }: KernelCall): string {
  const operands = `${inputs.map(operand).join(' ')} -> ${outputs.map(operand).join(' ')}`;
  return `${kernel} ${operands} ${describe(attrs)}`;
}

/** `[32,8,8,16/4]`: the last axis with the widest vector it divides into. */
function operand({ shape, dtype }: View): string {
  const sizes = shape.map((length, d) => {
    return d === shape.length - 1 && length > EXACT ? `${bucket(length)}/${lanes(length)}` : bucket(length);
  });
  return `${dtype === 'float32' ? '' : dtype}[${sizes.join()}]`;
}

/** Up to here numbers stand for themselves: strides, small windows, one or three channels. */
const EXACT = 4;

function bucket(value: number): number {
  return Math.abs(value) <= EXACT ? value : Math.sign(value) * 2 ** Math.ceil(Math.log2(Math.abs(value)));
}

function lanes(length: number): number {
  return length % 4 === 0 ? 4 : length % 2 === 0 ? 2 : 1;
}

/** Attributes by name; what is false is left out. */
function describe(value: unknown): string {
  if (typeof value === 'number') return String(bucket(value));
  if (Array.isArray(value)) return `[${value.map(describe).join()}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const named = Object.entries(value).filter(([, part]) => part !== false && part !== undefined);
  return `{${named
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => (part === true ? name : `${name}=${describe(part)}`))
    .join(' ')}}`;
}
