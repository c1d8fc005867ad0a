import type { CpuKernels } from './cpuKernel.ts';

type Four = [number, number, number, number];

export const poolKernels: CpuKernels<'maxPool2d' | 'maxPool2dGrad'> = {
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
    const [N, H, W, C] = dx!.shape as Four;
    const { p: P, q: Q, poolW, strideH, strideW, padTop, padLeft } = attrs;
    dx!.data.fill(0);
    for (let n = 0; n < N; n++) {
      for (let p = 0; p < P; p++) {
        for (let q = 0; q < Q; q++) {
          const yAt = ((n * P + p) * Q + q) * C;
          for (let c = 0; c < C; c++) {
            const code = winner!.data[yAt + c]!;
            if (code < 0) continue;
            const h = p * strideH + Math.floor(code / poolW) - padTop;
            const w = q * strideW + (code % poolW) - padLeft;
            dx!.data[((n * H + h) * W + w) * C + c]! += dy!.data[yAt + c]!;
          }
        }
      }
    }
  },
};
