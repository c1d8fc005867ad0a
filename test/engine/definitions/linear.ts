// Products of matrices and convolutions, as sums over all the indices that the result does not have.
import type { ConvAttrs } from '../../../src/backend/kernels.ts';
import { at, type Definitions, defined, pixel, sumOver, tabulate } from './definition.ts';

const activated = (activation: string, z: number) => (activation === 'relu' && z < 0 ? 0 : z);

/** The input row and column under tap (r, s) of window (p, q). */
const under = (p: number, q: number, r: number, s: number, a: ConvAttrs) =>
  [p * a.strideH + r * a.dilationH - a.padTop, q * a.strideW + s * a.dilationW - a.padLeft] as const;

type Four = [number, number, number, number];

export const linear: Definitions<'matmul' | 'conv2d' | 'conv2dGradInput' | 'conv2dGradKernel'> = {
  // y[i, m, n] = activation(bias[n] + sum over k of a[i, m, k] * b[i, k, n])
  matmul: defined('terms', ([a, b, bias], attrs, y) => {
    const left = (i: number, m: number, k: number) =>
      at(a, attrs.broadcastA ? 0 : i, ...(attrs.transposeA ? [k, m] : [m, k]));
    const right = (i: number, k: number, n: number) =>
      at(b, attrs.broadcastB ? 0 : i, ...(attrs.transposeB ? [n, k] : [k, n]));
    return tabulate(y.shape, (i, m, n) => {
      const sum = sumOver([attrs.k], (k) => left(i, m, k) * right(i, k, n));
      return activated(attrs.activation, sum + (bias ? at(bias, n) : 0));
    });
  }),

  // y[n, p, q, k] = activation(bias[k] + scale[k] * sum over r, s, c of x[n, h, w, first channel of k's group + c] * kernel[r, s, c, k])
  conv2d: defined('terms', ([x, kernel, bias, scale], attrs, y) => {
    const [R, S, C, K] = kernel!.shape as Four;
    return tabulate(y.shape, (n, p, q, k) => {
      const group = Math.floor(k / (K / attrs.groups));
      const sum = sumOver([R, S, C], (r, s, c) => {
        const [h, w] = under(p, q, r, s, attrs);
        return pixel(x, n, h, w, group * C + c) * at(kernel, r, s, c, k);
      });
      return activated(attrs.activation, sum * (scale ? at(scale, k) : 1) + (bias ? at(bias, k) : 0));
    });
  }),

  // dx[n, h, w, c] = sum over k of c's group, and over the p, q, r, s that meet at (h, w), of dy[n, p, q, k] * kernel[r, s, c, k]
  conv2dGradInput: defined('terms', ([dy, kernel], attrs, dx) => {
    const [R, S, C, K] = kernel!.shape as Four;
    const [, P, Q] = dy!.shape as Four;
    const perGroup = K / attrs.groups;
    return tabulate(dx.shape, (n, h, w, c) => {
      const group = Math.floor(c / C);
      return sumOver([P, Q, R, S], (p, q, r, s) => {
        const [row, column] = under(p, q, r, s, attrs);
        if (row !== h || column !== w) return 0;
        return sumOver([perGroup], (j) => {
          const k = group * perGroup + j!;
          return at(dy, n, p, q, k) * at(kernel, r, s, c - group * C, k);
        });
      });
    });
  }),

  // dkernel[r, s, c, k] = sum over n, p, q of x[n, h, w, first channel of k's group + c] * dy[n, p, q, k]
  conv2dGradKernel: defined('terms', ([x, dy], attrs, dkernel) => {
    const [, , C, K] = dkernel.shape as Four;
    const [N, P, Q] = dy!.shape as Four;
    return tabulate(dkernel.shape, (r, s, c, k) => {
      const group = Math.floor(k / (K / attrs.groups));
      return sumOver([N, P, Q], (n, p, q) => {
        const [h, w] = under(p, q, r, s, attrs);
        return pixel(x, n, h, w, group * C + c) * at(dy, n, p, q, k);
      });
    });
  }),
};
