import type { ReduceFunction } from '../kernels.ts';
import type { CpuKernels } from './cpuKernel.ts';

const identity: Readonly<Record<ReduceFunction, number>> = { sum: 0, prod: 1, max: -Infinity, min: Infinity };

const combine: Readonly<Record<ReduceFunction, (total: number, x: number) => number>> = {
  sum: (total, x) => total + x,
  prod: (total, x) => total * x,
  max: Math.max,
  min: Math.min,
};

export const reduceKernels: CpuKernels<'reduce' | 'argReduce'> = {
  reduce({ inputs: [x], outputs: [y], attrs: { fn, outer, reduced, inner, scale } }) {
    // Products of int32 that pass 2^53 would lose their low bits.
    const f = fn === 'prod' && x!.dtype === 'int32' ? Math.imul : combine[fn];
    // Totals are kept in float64: the reference should not be the less exact of the two backends.
    const totals = new Float64Array(inner);
    for (let o = 0; o < outer; o++) {
      totals.fill(identity[fn]);
      for (let r = 0; r < reduced; r++) {
        const row = (o * reduced + r) * inner;
        if (fn === 'sum') for (let i = 0; i < inner; i++) totals[i]! += x!.data[row + i]!;
        else for (let i = 0; i < inner; i++) totals[i] = f(totals[i]!, x!.data[row + i]!);
      }
      y!.data.set(totals, o * inner);
      // Scaled as stored: a sum that overflows has an infinite mean on every backend.
      if (scale !== 1) for (let i = 0; i < inner; i++) y!.data[o * inner + i]! *= scale;
    }
  },

  argReduce({ inputs: [x], outputs: [y], attrs: { fn, outer, reduced, inner } }) {
    const sign = fn === 'max' ? 1 : -1;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let best = 0;
        for (let r = 1; r < reduced; r++) {
          const at = (o * reduced + r) * inner + i;
          const most = sign * x!.data[(o * reduced + best) * inner + i]!;
          if (!(sign * x!.data[at]! <= most) && !Number.isNaN(most)) best = r;
        }
        y!.data[o * inner + i] = best;
      }
    }
  },
};
