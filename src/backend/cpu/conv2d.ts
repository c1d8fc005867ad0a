// The three convolutions of ops/conv2d.ts, as loops in its letters: n p q over outputs, r s over the window,
// c over input and k over output channels of one group. Sums are kept in float64.
import type { Shape } from '../backend.ts';
import type { ConvAttrs } from '../kernels.ts';
import type { CpuKernels } from './cpuKernel.ts';

/** Positions in x (input row and column, or -1 in the padding) for the windows of one axis: [output][tap]. */
function taps(
  outputs: number,
  window: number,
  input: number,
  stride: number,
  dilation: number,
  pad: number,
): Int32Array[] {
  return Array.from({ length: outputs }, (_, p) =>
    Int32Array.from({ length: window }, (_, r) => {
      const h = p * stride + r * dilation - pad;
      return h >= 0 && h < input ? h : -1;
    }),
  );
}

function geometry(x: Shape, kernel: Shape, attrs: ConvAttrs) {
  const [N, H, W, C] = x as [number, number, number, number];
  const [R, S, Cg, K] = kernel as [number, number, number, number];
  const { groups: G, p: P, q: Q } = attrs;
  const rows = taps(P, R, H, attrs.strideH, attrs.dilationH, attrs.padTop);
  const columns = taps(Q, S, W, attrs.strideW, attrs.dilationW, attrs.padLeft);
  return { N, H, W, C, R, S, Cg, K, Kg: K / G, G, P, Q, rows, columns };
}

export const convKernels: CpuKernels<'conv2d' | 'conv2dGradInput' | 'conv2dGradKernel'> = {
  conv2d({ inputs: [x, kernel, bias], outputs: [y], attrs }) {
    const { N, H, W, C, R, S, Cg, K, Kg, G, P, Q, rows, columns } = geometry(x!.shape, kernel!.shape, attrs);
    const [input, weights, target] = [x!.data, kernel!.data, y!.data];
    const relu = attrs.activation === 'relu';
    const cell = new Float64Array(Kg);
    for (let n = 0; n < N; n++) {
      for (let p = 0; p < P; p++) {
        for (let q = 0; q < Q; q++) {
          for (let g = 0; g < G; g++) {
            for (let k = 0; k < Kg; k++) cell[k] = bias ? bias.data[g * Kg + k]! : 0;
            for (let r = 0; r < R; r++) {
              const h = rows[p]![r]!;
              if (h < 0) continue;
              for (let s = 0; s < S; s++) {
                const w = columns[q]![s]!;
                if (w < 0) continue;
                const xAt = ((n * H + h) * W + w) * C + g * Cg;
                for (let c = 0; c < Cg; c++) {
                  const value = input[xAt + c]!;
                  const kernelAt = ((r * S + s) * Cg + c) * K + g * Kg;
                  for (let k = 0; k < Kg; k++) cell[k]! += value * weights[kernelAt + k]!;
                }
              }
            }
            const yAt = ((n * P + p) * Q + q) * K + g * Kg;
            for (let k = 0; k < Kg; k++) target[yAt + k] = relu ? Math.max(cell[k]!, 0) : cell[k]!;
          }
        }
      }
    }
  },

  conv2dGradInput({ inputs: [dy, kernel], outputs: [dx], attrs }) {
    const { N, H, W, C, R, S, Cg, K, Kg, G, P, Q, rows, columns } = geometry(dx!.shape, kernel!.shape, attrs);
    const [slope, weights] = [dy!.data, kernel!.data];
    const image = new Float64Array(H * W * C);
    for (let n = 0; n < N; n++) {
      image.fill(0);
      for (let p = 0; p < P; p++) {
        for (let q = 0; q < Q; q++) {
          for (let r = 0; r < R; r++) {
            const h = rows[p]![r]!;
            if (h < 0) continue;
            for (let s = 0; s < S; s++) {
              const w = columns[q]![s]!;
              if (w < 0) continue;
              for (let g = 0; g < G; g++) {
                const yAt = ((n * P + p) * Q + q) * K + g * Kg;
                for (let c = 0; c < Cg; c++) {
                  const kernelAt = ((r * S + s) * Cg + c) * K + g * Kg;
                  let total = 0;
                  for (let k = 0; k < Kg; k++) total += slope[yAt + k]! * weights[kernelAt + k]!;
                  image[(h * W + w) * C + g * Cg + c]! += total;
                }
              }
            }
          }
        }
      }
      dx!.data.set(image, n * H * W * C);
    }
  },

  conv2dGradKernel({ inputs: [x, dy], outputs: [dkernel], attrs }) {
    const { N, H, W, C, R, S, Cg, K, Kg, G, P, Q, rows, columns } = geometry(x!.shape, dkernel!.shape, attrs);
    const [input, slope] = [x!.data, dy!.data];
    const total = new Float64Array(R * S * Cg * K);
    for (let n = 0; n < N; n++) {
      for (let p = 0; p < P; p++) {
        for (let q = 0; q < Q; q++) {
          for (let r = 0; r < R; r++) {
            const h = rows[p]![r]!;
            if (h < 0) continue;
            for (let s = 0; s < S; s++) {
              const w = columns[q]![s]!;
              if (w < 0) continue;
              for (let g = 0; g < G; g++) {
                const xAt = ((n * H + h) * W + w) * C + g * Cg;
                const yAt = ((n * P + p) * Q + q) * K + g * Kg;
                for (let c = 0; c < Cg; c++) {
                  const value = input[xAt + c]!;
                  const kernelAt = ((r * S + s) * Cg + c) * K + g * Kg;
                  for (let k = 0; k < Kg; k++) total[kernelAt + k]! += value * slope[yAt + k]!;
                }
              }
            }
          }
        }
      }
    }
    dkernel!.data.set(total);
  },
};
