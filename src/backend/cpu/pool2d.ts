import type { Shape } from '../backend.ts';
import type { PoolAttrs } from '../kernels.ts';
import type { CpuArray, CpuKernels } from './cpuKernel.ts';

type Four = [number, number, number, number];

/** Calls visit(element of the output, the cell of the input that won it) for every window. */
function forEachWinner(
  image: Shape,
  winner: CpuArray,
  { poolW, strideH, strideW, padTop, padLeft }: PoolAttrs,
  visit: (yAt: number, xAt: number) => void,
): void {
  const [, H, W] = image as Four;
  const [N, P, Q, C] = winner.shape as Four;
  for (let n = 0; n < N; n++) {
    for (let p = 0; p < P; p++) {
      for (let q = 0; q < Q; q++) {
        for (let c = 0; c < C; c++) {
          const yAt = ((n * P + p) * Q + q) * C + c;
          const code = winner.data[yAt]!;
          if (code < 0) continue;
          const h = p * strideH + Math.floor(code / poolW) - padTop;
          const w = q * strideW + (code % poolW) - padLeft;
          visit(yAt, ((n * H + h) * W + w) * C + c);
        }
      }
    }
  }
}

/** Calls visit(first channel of the output, first channel of each real cell of its window, number of those cells). */
function forEachCell(
  image: Shape,
  { p: P, q: Q, poolH, poolW, strideH, strideW, padTop, padLeft }: PoolAttrs,
  visit: (yAt: number, xAt: number, cells: number) => void,
): void {
  const [N, H, W, C] = image as Four;
  for (let n = 0; n < N; n++) {
    for (let p = 0; p < P; p++) {
      const [top, bottom] = [Math.max(p * strideH - padTop, 0), Math.min(p * strideH - padTop + poolH, H)];
      for (let q = 0; q < Q; q++) {
        const [left, right] = [Math.max(q * strideW - padLeft, 0), Math.min(q * strideW - padLeft + poolW, W)];
        const cells = (bottom - top) * (right - left);
        for (let h = top; h < bottom; h++) {
          for (let w = left; w < right; w++) visit(((n * P + p) * Q + q) * C, ((n * H + h) * W + w) * C, cells);
        }
      }
    }
  }
}

type PoolKernel = 'maxPool2d' | 'maxPool2dGrad' | 'maxPool2dPick' | 'avgPool2d' | 'avgPool2dGrad';

export const poolKernels: CpuKernels<PoolKernel> = {
  maxPool2d({ inputs: [x], outputs: [y, winner], attrs }) {
    const [N, H, W, C] = x!.shape as Four;
    const { p: P, q: Q, poolH, poolW, strideH, strideW, padTop, padLeft } = attrs;
    const [input, best, code] = [x!.data, y!.data, winner!.data];
    for (let n = 0; n < N; n++) {
      for (let p = 0; p < P; p++) {
        for (let q = 0; q < Q; q++) {
          const yAt = ((n * P + p) * Q + q) * C;
          code.fill(-1, yAt, yAt + C);
          for (let r = 0; r < poolH; r++) {
            const h = p * strideH + r - padTop;
            if (h < 0 || h >= H) continue;
            for (let s = 0; s < poolW; s++) {
              const w = q * strideW + s - padLeft;
              if (w < 0 || w >= W) continue;
              const xAt = ((n * H + h) * W + w) * C;
              for (let c = 0; c < C; c++) {
                const value = input[xAt + c]!;
                const most = best[yAt + c]!;
                // the first real cell is taken even if it is -Infinity, the first NaN wins
                if ((!(value <= most) && !Number.isNaN(most)) || code[yAt + c]! < 0) {
                  best[yAt + c] = value;
                  code[yAt + c] = r * poolW + s;
                }
              }
            }
          }
        }
      }
    }
  },

  maxPool2dGrad({ inputs: [dy, winner], outputs: [dx], attrs }) {
    dx!.data.fill(0);
    forEachWinner(dx!.shape, winner!, attrs, (yAt, xAt) => {
      dx!.data[xAt]! += dy!.data[yAt]!;
    });
  },

  maxPool2dPick({ inputs: [x, winner], outputs: [y], attrs }) {
    forEachWinner(x!.shape, winner!, attrs, (yAt, xAt) => {
      y!.data[yAt] = x!.data[xAt]!;
    });
  },

  avgPool2d({ inputs: [x], outputs: [y], attrs }) {
    const C = x!.shape[3]!;
    const sums = new Float64Array(y!.data.length);
    const counts = new Uint32Array(y!.data.length / C);
    forEachCell(x!.shape, attrs, (yAt, xAt, cells) => {
      counts[yAt / C] = cells;
      for (let c = 0; c < C; c++) sums[yAt + c]! += x!.data[xAt + c]!;
    });
    y!.data.set(sums.map((sum, i) => sum / counts[Math.floor(i / C)]!));
  },

  avgPool2dGrad({ inputs: [dy], outputs: [dx], attrs }) {
    const C = dx!.shape[3]!;
    const sums = new Float64Array(dx!.data.length);
    forEachCell(dx!.shape, attrs, (yAt, xAt, cells) => {
      for (let c = 0; c < C; c++) sums[xAt + c]! += dy!.data[yAt + c]! / cells;
    });
    dx!.data.set(sums);
  },
};
