// Sampling of an image at other places, and its transpose: output row p lies at the whole number (p * step + start) /
// divisor of input rows, columns likewise, and takes its value from up to two cells of each axis.
import type { Shape } from '../backend.ts';
import type { ResizeAttrs, Sampling } from '../kernels.ts';
import type { CpuKernels } from './cpuKernel.ts';

type Four = [number, number, number, number];

/** One cell that an output takes part of its value from. */
interface Tap {
  readonly at: number;
  readonly weight: number;
}

/** The taps of each output place along an axis of `length` cells; places outside count as the edge. */
function tapsOf(count: number, length: number, { step, start, divisor }: Sampling, linear: boolean): Tap[][] {
  const inside = (at: number) => Math.min(Math.max(at, 0), length - 1);
  return Array.from({ length: count }, (_, i) => {
    const below = Math.floor((i * step + start) / divisor);
    const part = (i * step + start - below * divisor) / divisor;
    if (!linear) return [{ at: inside(below), weight: 1 }];
    return [
      { at: inside(below), weight: 1 - part },
      { at: inside(below + 1), weight: part },
    ];
  });
}

/** Calls visit(first channel of the output, first channel of the input, weight) for every pair that belongs together. */
function forEachTap(
  image: Shape,
  { p: P, q: Q, rows, columns, linear }: ResizeAttrs,
  visit: (yAt: number, xAt: number, weight: number) => void,
): void {
  const [N, H, W, C] = image as Four;
  const ofRows = tapsOf(P, H, rows, linear);
  const ofColumns = tapsOf(Q, W, columns, linear);
  for (let n = 0; n < N; n++) {
    for (let p = 0; p < P; p++) {
      for (let q = 0; q < Q; q++) {
        for (const { at: h, weight: byRow } of ofRows[p]!) {
          for (const { at: w, weight: byColumn } of ofColumns[q]!) {
            visit(((n * P + p) * Q + q) * C, ((n * H + h) * W + w) * C, byRow * byColumn);
          }
        }
      }
    }
  }
}

export const resizeKernels: CpuKernels<'resize2d' | 'resize2dGrad'> = {
  resize2d({ inputs: [x], outputs: [y], attrs }) {
    const C = x!.shape[3]!;
    const sums = new Float64Array(y!.data.length);
    forEachTap(x!.shape, attrs, (yAt, xAt, weight) => {
      // an infinite cell of weight 0 is not part of the value
      if (weight !== 0) for (let c = 0; c < C; c++) sums[yAt + c]! += weight * x!.data[xAt + c]!;
    });
    y!.data.set(sums);
  },

  resize2dGrad({ inputs: [dy], outputs: [dx], attrs }) {
    const C = dx!.shape[3]!;
    const sums = new Float64Array(dx!.data.length);
    forEachTap(dx!.shape, attrs, (yAt, xAt, weight) => {
      if (weight !== 0) for (let c = 0; c < C; c++) sums[xAt + c]! += weight * dy!.data[yAt + c]!;
    });
    dx!.data.set(sums);
  },
};
