import { uniformAt } from '../../tensor/random.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { CpuArray, CpuKernels } from './cpuKernel.ts';

const clampTo = (rows: number, index: number) => Math.min(Math.max(index, 0), rows - 1);

/** Row `from` of x becomes row `to` of y; an index outside x is clamped. */
function copyRow(x: CpuArray, from: number, y: CpuArray, to: number): void {
  const length = sizeOf(x.shape.slice(1));
  const row = clampTo(x.shape[0]!, from);
  y.data.set(x.data.subarray(row * length, (row + 1) * length), to * length);
}

type IndexingKernel = 'gatherRows' | 'scatterRows' | 'gatherBatch' | 'oneHot' | 'randomUniform';

export const indexingKernels: CpuKernels<IndexingKernel> = {
  gatherRows({ inputs: [x, indices], outputs: [y] }) {
    for (let i = 0; i < indices!.data.length; i++) copyRow(x!, indices!.data[i]!, y!, i);
  },

  scatterRows({ inputs: [dy, indices], outputs: [dx], attrs: { rows } }) {
    const length = sizeOf(dx!.shape.slice(1));
    const sums = new Float64Array(dx!.data.length);
    indices!.data.forEach((index, i) => {
      const first = clampTo(rows, index) * length;
      for (let j = 0; j < length; j++) sums[first + j]! += dy!.data[i * length + j]!;
    });
    dx!.data.set(sums);
  },

  gatherBatch({ inputs: [x, order, cursor], outputs: [y], attrs: { start, stride, rows } }) {
    const first = start + cursor!.data[0]! * stride;
    for (let i = 0; i < rows; i++) {
      const at = Math.min(Math.max(first + i, 0), order!.data.length - 1);
      copyRow(x!, order!.data[at]!, y!, i);
    }
  },

  oneHot({ inputs: [indices], outputs: [y], attrs: { depth } }) {
    y!.data.fill(0);
    for (let i = 0; i < indices!.data.length; i++) {
      const index = indices!.data[i]!;
      if (index >= 0 && index < depth) y!.data[i * depth + index] = 1;
    }
  },

  randomUniform({ inputs: [draw], outputs: [y], attrs: { key } }) {
    for (let i = 0; i < y!.data.length; i++) y!.data[i] = uniformAt(key, i, draw!.data[0]!);
  },
};
