import { makeArray } from '../../tensor/dtype.ts';
import type { CpuArray, CpuKernels } from './cpuKernel.ts';
import { reduceKernels } from './reduce.ts';

/** y[c] = scale * the sum over the rows of f(place in [rows, channels], channel). */
function columnSums(y: CpuArray, rows: number, scale: number, f: (i: number, c: number) => number): void {
  const channels = y.data.length;
  // as in reduce: the reference should not be the less exact of the two backends
  const totals = new Float64Array(channels);
  for (let i = 0; i < rows * channels; ) for (let c = 0; c < channels; c++, i++) totals[c]! += f(i, c);
  y.data.set(totals.map((total) => total * scale));
}

/** 1 / √(variance + epsilon) of each channel. */
function factors(variance: CpuArray, epsilon: number) {
  const found = makeArray(variance.dtype, variance.data.length);
  variance.data.forEach((value, c) => {
    found[c] = 1 / Math.sqrt(value + epsilon);
  });
  return found;
}

export const batchNormKernels: CpuKernels<'batchNormTraining' | 'batchNormTrainingGrad'> = {
  batchNormTraining({ inputs: [x, gamma, beta], outputs: [y, mean, variance], attrs: { epsilon } }) {
    const [rows, channels] = x!.shape as [number, number];
    const share = 1 / rows;
    const sum = { fn: 'sum', outer: 1, reduced: rows, inner: channels, scale: share } as const;
    reduceKernels.reduce({ inputs: [x!], outputs: [mean!], attrs: sum });
    columnSums(variance!, rows, share, (i, c) => (x!.data[i]! - mean!.data[c]!) ** 2);
    const factor = factors(variance!, epsilon).map((value, c) => value * gamma!.data[c]!);
    for (let i = 0; i < rows * channels; ) {
      for (let c = 0; c < channels; c++, i++) y!.data[i] = (x!.data[i]! - mean!.data[c]!) * factor[c]! + beta!.data[c]!;
    }
  },

  batchNormTrainingGrad({ inputs: [x, dy, gamma, mean, variance], outputs: [dx, dgamma, dbeta], attrs: { epsilon } }) {
    const [rows, channels] = x!.shape as [number, number];
    const factor = factors(variance!, epsilon);
    columnSums(dbeta!, rows, 1, (i) => dy!.data[i]!);
    columnSums(dgamma!, rows, 1, (i, c) => dy!.data[i]! * (x!.data[i]! - mean!.data[c]!));
    for (let c = 0; c < channels; c++) dgamma!.data[c]! *= factor[c]!;
    for (let i = 0; i < rows * channels; ) {
      for (let c = 0; c < channels; c++, i++) {
        const normalised = (x!.data[i]! - mean!.data[c]!) * factor[c]!;
        const common = (dbeta!.data[c]! + normalised * dgamma!.data[c]!) / rows;
        dx!.data[i] = gamma!.data[c]! * factor[c]! * (dy!.data[i]! - common);
      }
    }
  },
};
