import type { CpuKernels } from './cpuKernel.ts';

/** Rows and columns of y that are summed at once: each load of a serves two products, each load of b four. */
const [TM, TN] = [4, 2];

export const matmulKernels: CpuKernels<'matmul'> = {
  // y[m, n] = activation(bias[n] + sum over k of a[m, k] * b[k, n]), for each batch; sums are kept in float64
  matmul({ inputs: [a, b, bias], outputs: [y], attrs }) {
    const { batch, m: M, n: N, k: K, transposeA, transposeB, broadcastA, broadcastB, activation } = attrs;
    const [left, right, target] = [a!.data, b!.data, y!.data];
    const [aByM, aByK] = transposeA ? [1, M] : [K, 1];
    const [bByK, bByN] = transposeB ? [1, K] : [N, 1];
    const lowest = activation === 'relu' ? 0 : -Infinity;
    const sums = new Float64Array(TM * TN);
    for (let i = 0; i < batch; i++) {
      for (let m = 0; m < M; m += TM) {
        // Rows and columns past the edge read the last one again and are not written.
        const row = (j: number) => (broadcastA ? 0 : i * M * K) + Math.min(m + j, M - 1) * aByM;
        const [a0, a1, a2, a3] = [row(0), row(1), row(2), row(3)];
        for (let n = 0; n < N; n += TN) {
          const b0 = (broadcastB ? 0 : i * K * N) + n * bByN;
          const b1 = n + 1 < N ? b0 + bByN : b0;
          let [s00, s01, s10, s11, s20, s21, s30, s31] = [0, 0, 0, 0, 0, 0, 0, 0];
          for (let k = 0; k < K; k++) {
            const inA = k * aByK;
            const inB = k * bByK;
            const right0 = right[b0 + inB]!;
            const right1 = right[b1 + inB]!;
            const left0 = left[a0 + inA]!;
            const left1 = left[a1 + inA]!;
            const left2 = left[a2 + inA]!;
            const left3 = left[a3 + inA]!;
            s00 += left0 * right0;
            s01 += left0 * right1;
            s10 += left1 * right0;
            s11 += left1 * right1;
            s20 += left2 * right0;
            s21 += left2 * right1;
            s30 += left3 * right0;
            s31 += left3 * right1;
          }
          sums[0] = s00;
          sums[1] = s01;
          sums[2] = s10;
          sums[3] = s11;
          sums[4] = s20;
          sums[5] = s21;
          sums[6] = s30;
          sums[7] = s31;
          for (let j = 0; j < Math.min(TM, M - m); j++) {
            for (let l = 0; l < Math.min(TN, N - n); l++) {
              const sum = sums[j * TN + l]! + (bias ? bias.data[n + l]! : 0);
              target[(i * M + m + j) * N + n + l] = Math.max(sum, lowest);
            }
          }
        }
      }
    }
  },
};
