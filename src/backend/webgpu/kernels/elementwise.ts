import { BackendError } from '../../../errors.ts';
import { wgsl } from '../../../platform/wgsl.ts';
import { bytesOf, isFloat } from '../../../tensor/dtype.ts';
import { broadcastStrides, collapseDims, formatShape, sizeOf } from '../../../tensor/shape.ts';
import type { View } from '../../backend.ts';
import { binaryFunctions, unaryFunctions } from '../../kernels.ts';
import { type DeviceFacts, type Dispatch, groupsFor, type Range, type WebgpuKernels } from '../webgpuKernel.ts';
import { eight, elementType, floatBits, uniform } from './params.ts';

const unaryShader = { name: 'unary', text: wgsl('unary') };
const binaryShader = { name: 'binary', text: wgsl('binary') };
const whereShader = { name: 'where', text: wgsl('where') };
const fillShader = { name: 'fill', text: wgsl('fill') };

export const elementwiseKernels: WebgpuKernels<'unary' | 'binary' | 'where' | 'fill' | 'copy'> = {
  unary: ({ inputs: [x], outputs: [y], attrs }, device) => unary(x!, y!, unaryFunctions.indexOf(attrs.fn), device),
  copy: ({ inputs: [x], outputs: [y] }, device) => unary(x!, y!, unaryFunctions.indexOf('identity'), device),

  binary({ inputs: [a, b], outputs: [y], attrs: { fn } }, device) {
    const { shape, strides, layouts } = lay(y!, [a!, b!]);
    const constants = {
      FUNCTION: binaryFunctions.indexOf(fn),
      A_TYPE: elementType[a!.dtype],
      B_TYPE: elementType[b!.dtype],
      Y_TYPE: elementType[y!.dtype],
      IN_FLOAT: isFloat(a!.dtype) || isFloat(b!.dtype) || fn === 'div',
      A_LAYOUT: layouts[0]!,
      B_LAYOUT: layouts[1]!,
      RANK: shape.length,
    };
    return windows(fn, y!, [a!, b!], layouts, device).map(({ size, views: [partY, partA, partB] }) => ({
      shader: binaryShader,
      constants,
      bindings: {
        params: uniform(size, 0, 0, 0, ...eight(shape), ...eight(strides[0]!), ...eight(strides[1]!)),
        a: partA!,
        b: partB!,
        y: partY!,
      },
      workgroups: groupsFor(threadsFor(y!, size)),
    }));
  },

  where({ inputs: [condition, a, b], outputs: [y] }, device) {
    const { shape, strides } = lay(y!, [condition!, a!, b!]);
    requireOneBinding('where', [y!, a!, b!], device);
    const size = sizeOf(y!.shape);
    return [
      {
        shader: whereShader,
        constants: {
          A_TYPE: elementType[a!.dtype],
          B_TYPE: elementType[b!.dtype],
          Y_TYPE: elementType[y!.dtype],
          RANK: shape.length,
        },
        bindings: {
          params: uniform(size, 0, 0, 0, ...eight(shape), ...strides.flatMap(eight)),
          condition: condition!,
          a: a!,
          b: b!,
          y: y!,
        },
        workgroups: groupsFor(bytesOf(y!.dtype) === 1 ? Math.ceil(size / 4) : size),
      },
    ];
  },

  fill({ outputs: [y], attrs: { value } }, device) {
    return windows('fill', y!, [], [], device).map(({ size, views: [part] }) => {
      const vectors = threadsFor(y!, size);
      return {
        shader: fillShader,
        constants: {},
        bindings: { params: uniform(vectors, fillBits(y!, value)), y: part! },
        workgroups: groupsFor(vectors),
      };
    });
  },
};

function unary(x: View, y: View, FUNCTION: number, device: DeviceFacts): Dispatch[] {
  const constants = { FUNCTION, X_TYPE: elementType[x.dtype], Y_TYPE: elementType[y.dtype] };
  return windows('unary', y, [x], [FLAT], device).map(({ size, views: [partY, partX] }) => ({
    shader: unaryShader,
    constants,
    bindings: { params: uniform(size), x: partX!, y: partY! },
    workgroups: groupsFor(threadsFor(y, size)),
  }));
}

/** One thread writes 16 bytes. */
function threadsFor(y: View, size: number): number {
  return Math.ceil((size * bytesOf(y.dtype)) / 16);
}

/** The word that fills y with `value`: a byte four times. */
export function fillBits(y: View, value: number): number {
  if (isFloat(y.dtype)) return floatBits(value);
  if (y.dtype === 'int32') return value >>> 0;
  return ((y.dtype === 'bool' ? Number(value !== 0) : value) & 0xff) * 0x01010101;
}

const FLAT = 0;
const SINGLE = 1;
const STRIDED = 2;

interface Lay {
  /** Axes left after merging. */
  readonly shape: readonly number[];
  readonly strides: readonly (readonly number[])[];
  /** How each operand lies beside y: flat, a single value, or strided. */
  readonly layouts: readonly number[];
}

function lay(y: View, operands: readonly View[]): Lay {
  const { shape, strides } = collapseDims(
    y.shape,
    operands.map((operand) => broadcastStrides(operand.shape, y.shape)),
  );
  const layouts = operands.map((operand, o) => {
    if (sizeOf(operand.shape) === 1) return SINGLE;
    return shape.length === 1 && strides[o]![0] === 1 ? FLAT : STRIDED;
  });
  return { shape, strides, layouts };
}

interface Window {
  /** Elements. */
  readonly size: number;
  /** The part of y, then of each operand. */
  readonly views: readonly Range[];
}

/** Cuts a flat run over y and its operands into parts that can be bound; single values are bound whole. */
function windows(
  what: string,
  y: View,
  operands: readonly View[],
  layouts: readonly number[],
  device: DeviceFacts,
): Window[] {
  const all = [y, ...operands];
  const flat = [true, ...layouts.map((layout) => layout === FLAT)];
  const size = sizeOf(y.shape);
  const widest = Math.max(...all.filter((_, i) => flat[i]).map((view) => bytesOf(view.dtype)));
  if (all.every((view) => sizeOf(view.shape) * bytesOf(view.dtype) <= device.maxBinding)) {
    return [{ size, views: all.map((view) => range(view, 0, sizeOf(view.shape))) }];
  }
  if (layouts.includes(STRIDED)) requireOneBinding(what, all, device);
  // maxBinding is a multiple of 1024, so every part starts at a multiple of 256 bytes in each operand
  const step = device.maxBinding / widest;
  return Array.from({ length: Math.ceil(size / step) }, (_, i) => {
    const count = Math.min(step, size - i * step);
    return {
      size: count,
      views: all.map((view, v) => (flat[v] ? range(view, i * step, count) : range(view, 0, sizeOf(view.shape)))),
    };
  });
}

function range(view: View, first: number, count: number): Range {
  const bytes = bytesOf(view.dtype);
  return { view, byteOffset: first * bytes, byteLength: count * bytes };
}

/** For kernels that cannot work in parts. */
export function requireOneBinding(what: string, views: readonly View[], device: DeviceFacts): void {
  for (const view of views) {
    const bytes = sizeOf(view.shape) * bytesOf(view.dtype);
    if (bytes > device.maxBinding) {
      throw new BackendError(
        `${what}: a tensor of shape ${formatShape(view.shape)} takes ${bytes} bytes, and a shader of this adapter can reach ${device.maxBinding} at once; use smaller batches`,
      );
    }
  }
}
