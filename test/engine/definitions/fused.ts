// Fused kernels are their parts, one after another.
import type { Definitions, Operand, Values } from './definition.ts';
import { linear } from './linear.ts';
import { rows } from './rows.ts';
import { windows } from './windows.ts';

const between = (like: Operand, shape: readonly number[], data: Values): Operand => ({
  shape,
  dtype: like.dtype,
  data: data.map((value) => value!),
});

const rowsOf = ({ shape, data }: { shape: readonly number[]; data: ArrayLike<number> }) =>
  Array.from({ length: shape[0]! }, (_, row) =>
    Array.from({ length: shape[1]! }, (_, c) => data[row * shape[1]! + c]!),
  );

/** The first class of the largest value. */
const firstLargest = (row: readonly number[]) => row.indexOf(Math.max(...row));

type Fused = 'conv2dMaxPool2d' | 'conv2dMaxPool2dGradKernel' | 'classify' | 'denseGrad' | 'accumulate';

export const fused: Definitions<Fused> = {
  conv2dMaxPool2d: {
    measure: 'terms',
    of: ({ inputs, results, attrs: { pool, ...conv } }) => {
      const [x, kernel] = inputs as [Operand, Operand];
      const spec = { shape: [x.shape[0]!, conv.p, conv.q, kernel.shape[3]!], dtype: x.dtype };
      const [z] = linear.conv2d.of({ inputs, results: [spec], attrs: conv });
      return windows.maxPool2d.of({ inputs: [between(x, spec.shape, z!)], results, attrs: pool });
    },
  },

  conv2dMaxPool2dGradKernel: {
    measure: 'terms',
    of: ({ inputs, results, attrs: { pool, relu, bias, ...conv } }) => {
      const [x, dy, winner, y] = inputs as [Operand, Operand, Operand, Operand?];
      const passed = Array.from(dy.data, (slope, i) => (relu && !(y!.data[i]! > 0) ? 0 : slope));
      const spec = { shape: [x.shape[0]!, conv.p, conv.q, dy.shape[3]!], dtype: dy.dtype };
      const attrs = { ...pool, shape: spec.shape };
      const [dz] = windows.maxPool2dGrad.of({
        inputs: [between(dy, dy.shape, passed), winner],
        results: [spec],
        attrs,
      });
      const alone = { inputs: [x, between(dy, spec.shape, dz!)], results: [results[0]!], attrs: conv };
      const K = dy.shape[3]!;
      const ofBias = Array.from({ length: K }, (_, k) =>
        passed.reduce((sum, slope, i) => (i % K === k ? sum + slope : sum), 0),
      );
      return [...linear.conv2dGradKernel.of(alone), ...(bias ? [ofBias] : [])];
    },
  },

  classify: {
    measure: 'itself',
    of: ({ inputs, results: [lossSpec, slopeSpec, ySpec], attrs: { scale } }) => {
      const [logits, labels] = inputs as [Operand, Operand];
      const [loss, slope] = rows.softmaxCrossEntropy.of({ inputs, results: [lossSpec!, slopeSpec!], attrs: {} });
      const [y] = rows.softmax.of({ inputs: [logits], results: [ySpec!], attrs: {} });
      const given = rowsOf(between(logits, logits.shape, y!)).map(firstLargest);
      const hit = rowsOf(labels).map((row, i) => Number(firstLargest(row) === given[i]));
      return [loss!, slope!.map((value) => value! * scale), y!, hit];
    },
  },

  denseGrad: {
    measure: 'terms',
    of: ({ inputs, attrs: { relu } }) => {
      const [x, kernel, dy] = inputs.map(({ data }) => data) as [Values, Values, Values];
      const [, m, k] = inputs[0]!.shape as [number, number, number];
      const n = inputs[2]!.shape[2]!;
      const range = (length: number) => Array.from({ length }, (_, i) => i);
      const sum = (terms: readonly number[]) => terms.reduce((total, term) => total + term, 0);
      const dx = range(m * k).map((at) => {
        const [row, i] = [Math.floor(at / k), at % k];
        return relu && !(x[at]! > 0) ? 0 : sum(range(n).map((j) => dy[row * n + j]! * kernel[i * n + j]!));
      });
      const dkernel = range(k * n).map((at) => {
        const [i, j] = [Math.floor(at / n), at % n];
        return sum(range(m).map((row) => x[row * k + i]! * dy[row * n + j]!));
      });
      return [dx, dkernel, range(n).map((j) => sum(range(m).map((row) => dy[row * n + j]!)))];
    },
  },

  // target + scale * the sum of all values
  accumulate: {
    measure: 'terms',
    of: ({ inputs: [target, values], attrs: { scale } }) => {
      const sum = Array.from(values!.data).reduce((total, value) => total + value, 0);
      return [[target!.data[0]! + scale * sum]];
    },
  },
};
