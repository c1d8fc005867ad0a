import { wgsl } from '../../../platform/wgsl.ts';
import { bytesOf } from '../../../tensor/dtype.ts';
import { broadcastStrides, collapseDims, offsetOf, sizeOf, stridesOf } from '../../../tensor/shape.ts';
import { VIEW_ALIGNMENT, type View } from '../../backend.ts';
import { type DeviceFacts, type Dispatch, groupsFor, type Range, type WebgpuKernels } from '../webgpuKernel.ts';
import { elementwiseKernels, fillBits, requireOneBinding } from './elementwise.ts';
import { eight, uniform } from './params.ts';

const stridedCopyShader = { name: 'strided_copy', text: wgsl('strided_copy') };
const padShader = { name: 'pad', text: wgsl('pad') };
const concatShader = { name: 'concat', text: wgsl('concat') };

type ShapeKernel = 'transpose' | 'broadcastTo' | 'slice' | 'flip' | 'pad' | 'concat' | 'pack';

export const shapeKernels: WebgpuKernels<ShapeKernel> = {
  transpose({ inputs: [x], outputs: [y], attrs: { permutation } }, device) {
    const strides = stridesOf(x!.shape);
    return stridedCopy(
      'transpose',
      x!,
      y!,
      permutation.map((axis) => strides[axis]!),
      0,
      device,
    );
  },

  broadcastTo({ inputs: [x], outputs: [y] }, device) {
    return stridedCopy('broadcastTo', x!, y!, broadcastStrides(x!.shape, y!.shape), 0, device);
  },

  slice({ inputs: [x], outputs: [y], attrs: { begin } }, device) {
    const strides = stridesOf(x!.shape);
    return stridedCopy('slice', x!, y!, strides, offsetOf(begin, strides), device);
  },

  flip({ inputs: [x], outputs: [y], attrs: { axes } }, device) {
    const strides = stridesOf(x!.shape);
    const last = axes.reduce((sum, axis) => sum + (x!.shape[axis]! - 1) * strides[axis]!, 0);
    const turned = strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride));
    return stridedCopy('flip', x!, y!, turned, last, device);
  },

  pad({ inputs: [x], outputs: [y], attrs: { before, value } }, device) {
    requireOneBinding('pad', [x!, y!], device);
    const size = sizeOf(y!.shape);
    const BYTES = bytesOf(y!.dtype) === 1;
    const bits = fillBits(y!, value);
    return [
      {
        shader: padShader,
        constants: { RANK: y!.shape.length, BYTES },
        bindings: {
          params: uniform(size, bits, 0, 0, ...eight(y!.shape), ...eight(x!.shape), ...eight(before)),
          x: x!,
          y: y!,
        },
        workgroups: groupsFor(BYTES ? Math.ceil(size / 4) : size),
      },
    ];
  },

  concat({ inputs, outputs: [y], attrs: { axis } }, device) {
    requireOneBinding('concat', [...inputs, y!], device);
    const whole = sizeOf(y!.shape.slice(axis));
    let first = 0;
    const parts = inputs.filter((x) => sizeOf(x.shape) > 0);
    return parts.map((x): Dispatch => {
      const size = sizeOf(x.shape);
      const part = sizeOf(x.shape.slice(axis));
      const params = uniform(size, part, whole, first);
      first += part;
      return { shader: concatShader, constants: {}, bindings: { params, x, y: y! }, workgroups: groupsFor(size) };
    });
  },

  pack({ inputs, outputs: [y], attrs: { offsets } }, device) {
    return inputs.flatMap((x, i) => {
      const target = { ...x, storage: y!.storage, byteOffset: y!.byteOffset + offsets[i]! * bytesOf(x.dtype) };
      return elementwiseKernels.copy(
        { kernel: 'copy', inputs: [x], outputs: [target], attrs: { shape: x.shape } },
        device,
      );
    });
  },
};

/** y, row-major, from x walked with `strides` (one for each axis of y) from element `first` on. */
function stridedCopy(
  what: string,
  x: View,
  y: View,
  strides: readonly number[],
  first: number,
  device: DeviceFacts,
): Dispatch[] {
  const { source, from } = reached(x, y, strides, first);
  requireOneBinding(what, [{ ...x, shape: [source.byteLength / bytesOf(x.dtype)] }, y], device);
  const walk = collapseDims(y.shape, [strides]);
  const size = sizeOf(y.shape);
  const BYTES = bytesOf(y.dtype) === 1;
  return [
    {
      shader: stridedCopyShader,
      constants: { RANK: walk.shape.length, BYTES },
      bindings: {
        params: uniform(size, first - from, 0, 0, ...eight(walk.shape), ...eight(walk.strides[0]!)),
        x: source,
        y,
      },
      workgroups: groupsFor(BYTES ? Math.ceil(size / 4) : size),
    },
  ];
}

/** The part of x that is read, which may be less than can be bound where x is more: a slice of a data set. */
function reached(x: View, y: View, strides: readonly number[], first: number): { source: Range; from: number } {
  const steps = strides.map((stride, d) => stride * (y.shape[d]! - 1));
  const [least, most] = [Math.min, Math.max].map((pick) => steps.reduce((sum, step) => sum + pick(step, 0), first)) as [
    number,
    number,
  ];
  const bytes = bytesOf(x.dtype);
  const byteOffset = Math.floor((least * bytes) / VIEW_ALIGNMENT) * VIEW_ALIGNMENT;
  return {
    source: { view: x, byteOffset, byteLength: (most + 1) * bytes - byteOffset },
    from: byteOffset / bytes,
  };
}
