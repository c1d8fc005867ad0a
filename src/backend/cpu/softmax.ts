import type { TypedArray } from '../backend.ts';
import type { CpuKernels } from './cpuKernel.ts';

/** The largest of a row and the logarithm of its sum of exponentials: logSoftmax(x) = x - top - logSum. */
function rowNorm(x: TypedArray, start: number, length: number): { top: number; logSum: number } {
  let top = -Infinity;
  for (let i = 0; i < length; i++) top = Math.max(top, x[start + i]!);
  let sum = 0;
  for (let i = 0; i < length; i++) sum += Math.exp(x[start + i]! - top);
  return { top, logSum: Math.log(sum) };
}

export const softmaxKernels: CpuKernels<'softmax' | 'logSoftmax' | 'softmaxCrossEntropy'> = {
  softmax({ inputs: [x], outputs: [y] }) {
    const [rows, classes] = x!.shape as [number, number];
    for (let row = 0; row < rows; row++) {
      const { top, logSum } = rowNorm(x!.data, row * classes, classes);
      for (let i = row * classes; i < (row + 1) * classes; i++) y!.data[i] = Math.exp(x!.data[i]! - top - logSum);
    }
  },

  logSoftmax({ inputs: [x], outputs: [y] }) {
    const [rows, classes] = x!.shape as [number, number];
    for (let row = 0; row < rows; row++) {
      const { top, logSum } = rowNorm(x!.data, row * classes, classes);
      for (let i = row * classes; i < (row + 1) * classes; i++) y!.data[i] = x!.data[i]! - top - logSum;
    }
  },

  softmaxCrossEntropy({ inputs: [logits, labels], outputs: [loss, slope] }) {
    const [rows, classes] = logits!.shape as [number, number];
    for (let row = 0; row < rows; row++) {
      const { top, logSum } = rowNorm(logits!.data, row * classes, classes);
      let total = 0;
      let sumOfLabels = 0;
      for (let i = row * classes; i < (row + 1) * classes; i++) {
        const label = labels!.data[i]!;
        // a class that nobody asks for may have a logit of -Infinity
        if (label !== 0) total -= label * (logits!.data[i]! - top - logSum);
        sumOfLabels += label;
      }
      loss!.data[row] = total;
      for (let i = row * classes; i < (row + 1) * classes; i++) {
        slope!.data[i] = Math.exp(logits!.data[i]! - top - logSum) * sumOfLabels - labels!.data[i]!;
      }
    }
  },
};
