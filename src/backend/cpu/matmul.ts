import type { CpuKernels } from './cpuKernel.ts';

export const matmulKernels: CpuKernels<'matmul'> = {
  // y[m, n] = activation(bias[n] + sum over k of a[m, k] * b[k, n]), for each batch
  matmul({ inputs: [a, b, bias], outputs: [y], attrs }) {
    const { batch, m: M, n: N, k: K, transposeA, transposeB, broadcastA, broadcastB, activation } = attrs;
    const [aByM, aByK] = transposeA ? [1, M] : [K, 1];
    const [bByK, bByN] = transposeB ? [1, K] : [N, 1];
    const relu = activation === 'relu';
    const row = new Float64Array(N);
    for (let i = 0; i < batch; i++) {
      const startA = broadcastA ? 0 : i * M * K;
      const startB = broadcastB ? 0 : i * K * N;
      for (let m = 0; m < M; m++) {
        if (bias) row.set(bias.data);
        else row.fill(0);
        if (bByN === 1) {
          for (let k = 0; k < K; k++) {
            const left = a!.data[startA + m * aByM + k * aByK]!;
            const start = startB + k * bByK;
            for (let n = 0; n < N; n++) row[n]! += left * b!.data[start + n]!;
          }
        } else {
          // b is stored [n, k]: walk it along k
          for (let n = 0; n < N; n++) {
            let total = 0;
            for (let k = 0; k < K; k++)
              total += a!.data[startA + m * aByM + k * aByK]! * b!.data[startB + n * bByN + k]!;
            row[n]! += total;
          }
        }
        const target = (i * M + m) * N;
        for (let n = 0; n < N; n++) y!.data[target + n] = relu ? Math.max(row[n]!, 0) : row[n]!;
      }
    }
  },
};
