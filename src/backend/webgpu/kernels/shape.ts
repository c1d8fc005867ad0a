import { wgsl } from '../../../platform/wgsl.ts';
import { bytesOf } from '../../../tensor/dtype.ts';
import { broadcastStrides, collapseDims, sizeOf, stridesOf } from '../../../tensor/shape.ts';
import type { View } from '../../backend.ts';
import { type DeviceFacts, type Dispatch, groupsFor, type WebgpuKernels } from '../webgpuKernel.ts';
import { elementwiseKernels, requireOneBinding } from './elementwise.ts';
import { eight, uniform } from './params.ts';

const stridedCopyShader = { name: 'strided_copy', text: wgsl('strided_copy') };

export const shapeKernels: WebgpuKernels<'transpose' | 'broadcastTo' | 'pack'> = {
  transpose({ inputs: [x], outputs: [y], attrs: { permutation } }, device) {
    const strides = stridesOf(x!.shape);
    return stridedCopy(
      x!,
      y!,
      permutation.map((axis) => strides[axis]!),
      device,
    );
  },

  broadcastTo({ inputs: [x], outputs: [y] }, device) {
    return stridedCopy(x!, y!, broadcastStrides(x!.shape, y!.shape), device);
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

/** y, row-major, from x walked with `strides` (one for each axis of y). */
function stridedCopy(x: View, y: View, strides: readonly number[], device: DeviceFacts): Dispatch[] {
  requireOneBinding('moving elements', [x, y], device);
  const walk = collapseDims(y.shape, [strides]);
  const size = sizeOf(y.shape);
  const BYTES = bytesOf(y.dtype) === 1;
  return [
    {
      shader: stridedCopyShader,
      constants: { RANK: walk.shape.length, BYTES },
      bindings: { params: uniform(size, 0, 0, 0, ...eight(walk.shape), ...eight(walk.strides[0]!)), x, y },
      workgroups: groupsFor(BYTES ? Math.ceil(size / 4) : size),
    },
  ];
}
