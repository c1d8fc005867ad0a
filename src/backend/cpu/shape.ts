import { broadcastStrides, stridesOf } from '../../tensor/shape.ts';
import type { Shape, TypedArray } from '../backend.ts';
import type { CpuKernels } from './cpuKernel.ts';

/** target, row-major of `shape`, from source walked with `strides`. */
function copyStrided(source: TypedArray, target: TypedArray, shape: Shape, strides: readonly number[]): void {
  const index = new Array<number>(shape.length).fill(0);
  let position = 0;
  for (let i = 0; i < target.length; i++) {
    target[i] = source[position]!;
    for (let d = shape.length - 1; d >= 0; d--) {
      position += strides[d]!;
      if (++index[d]! < shape[d]!) break;
      position -= strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
}

export const shapeKernels: CpuKernels<'copy' | 'transpose' | 'broadcastTo' | 'pack'> = {
  copy({ inputs: [x], outputs: [y] }) {
    y!.data.set(x!.data);
  },

  transpose({ inputs: [x], outputs: [y], attrs: { permutation } }) {
    const strides = stridesOf(x!.shape);
    copyStrided(
      x!.data,
      y!.data,
      y!.shape,
      permutation.map((axis) => strides[axis]!),
    );
  },

  broadcastTo({ inputs: [x], outputs: [y] }) {
    copyStrided(x!.data, y!.data, y!.shape, broadcastStrides(x!.shape, y!.shape));
  },

  pack({ inputs, outputs: [y], attrs: { offsets } }) {
    inputs.forEach((x, i) => {
      y!.data.set(x.data, offsets[i]!);
    });
  },
};
