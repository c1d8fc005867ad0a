import { broadcastStrides, offsetOf, sizeOf, stridesOf } from '../../tensor/shape.ts';
import type { Shape } from '../backend.ts';
import type { CpuArray, CpuKernels } from './cpuKernel.ts';

/** Calls visit(i, position) for each element i, row-major of `shape`, where `position` starts at `first` and moves by `strides`. */
function walk(shape: Shape, strides: readonly number[], first: number, visit: (i: number, position: number) => void) {
  const index = new Array<number>(shape.length).fill(0);
  const size = sizeOf(shape);
  let position = first;
  for (let i = 0; i < size; i++) {
    visit(i, position);
    for (let d = shape.length - 1; d >= 0; d--) {
      position += strides[d]!;
      if (++index[d]! < shape[d]!) break;
      position -= strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
}

/** y, row-major, from x walked with `strides`. */
function copyStrided(x: CpuArray, y: CpuArray, strides: readonly number[], first = 0): void {
  walk(y.shape, strides, first, (i, position) => {
    y.data[i] = x.data[position]!;
  });
}

type ShapeKernel = 'copy' | 'transpose' | 'broadcastTo' | 'slice' | 'flip' | 'pad' | 'concat' | 'pack';

export const shapeKernels: CpuKernels<ShapeKernel> = {
  copy({ inputs: [x], outputs: [y] }) {
    y!.data.set(x!.data);
  },

  transpose({ inputs: [x], outputs: [y], attrs: { permutation } }) {
    const strides = stridesOf(x!.shape);
    copyStrided(
      x!,
      y!,
      permutation.map((axis) => strides[axis]!),
    );
  },

  broadcastTo({ inputs: [x], outputs: [y] }) {
    copyStrided(x!, y!, broadcastStrides(x!.shape, y!.shape));
  },

  slice({ inputs: [x], outputs: [y], attrs: { begin } }) {
    const strides = stridesOf(x!.shape);
    copyStrided(x!, y!, strides, offsetOf(begin, strides));
  },

  flip({ inputs: [x], outputs: [y], attrs: { axes } }) {
    const strides = stridesOf(x!.shape);
    const last = axes.reduce((sum, axis) => sum + (x!.shape[axis]! - 1) * strides[axis]!, 0);
    const turned = strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride));
    copyStrided(x!, y!, turned, last);
  },

  pad({ inputs: [x], outputs: [y], attrs: { before, value } }) {
    const strides = stridesOf(y!.shape);
    y!.data.fill(value);
    walk(x!.shape, strides, offsetOf(before, strides), (i, position) => {
      y!.data[position] = x!.data[i]!;
    });
  },

  concat({ inputs, outputs: [y], attrs: { axis } }) {
    const strides = stridesOf(y!.shape);
    let first = 0;
    for (const x of inputs) {
      walk(x.shape, strides, first * strides[axis]!, (i, position) => {
        y!.data[position] = x.data[i]!;
      });
      first += x.shape[axis]!;
    }
  },

  pack({ inputs, outputs: [y], attrs: { offsets } }) {
    inputs.forEach((x, i) => {
      y!.data.set(x.data, offsets[i]!);
    });
  },
};
