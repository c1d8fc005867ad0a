import { uniformAt } from '../../tensor/random.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { CpuArray, CpuKernels } from './cpuKernel.ts';

/** Row `from` of x becomes row `to` of y; an index outside x is clamped. */
function copyRow(x: CpuArray, from: number, y: CpuArray, to: number): void {
  const length = sizeOf(x.shape.slice(1));
  const row = Math.min(Math.max(from, 0), x.shape[0]! - 1);
  y.data.set(x.data.subarray(row * length, (row + 1) * length), to * length);
}

export const indexingKernels: CpuKernels<'gatherRows' | 'gatherBatch' | 'oneHot' | 'randomUniform'> = {
  gatherRows({ inputs: [x, indices], outputs: [y] }) {
    for (let i = 0; i < indices!.data.length; i++) copyRow(x!, indices!.data[i]!, y!, i);
  },

  gatherBatch({ inputs: [x, order, cursor], outputs: [y], attrs: { start, stride, rows } }) {
    const first = start + cursor!.data[0]! * stride;
    for (let i = 0; i < rows; i++) {
      const at = Math.min(first + i, order!.data.length - 1);
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

  randomUniform({ outputs: [y], attrs: { key } }) {
    for (let i = 0; i < y!.data.length; i++) y!.data[i] = uniformAt(key, i);
  },
};
