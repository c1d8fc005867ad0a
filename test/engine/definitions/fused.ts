// Fused kernels are their parts, one after another.
import type { Definitions, Operand, Values } from './definition.ts';
import { linear } from './linear.ts';
import { windows } from './windows.ts';

const between = (like: Operand, shape: readonly number[], data: Values): Operand => ({
  shape,
  dtype: like.dtype,
  data: data.map((value) => value!),
});

export const fused: Definitions<'conv2dMaxPool2d' | 'conv2dMaxPool2dGradKernel'> = {
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
    of: ({ inputs, results, attrs: { pool, ...conv } }) => {
      const [x, dy, winner] = inputs as [Operand, Operand, Operand];
      const spec = { shape: [x.shape[0]!, conv.p, conv.q, dy.shape[3]!], dtype: dy.dtype };
      const attrs = { ...pool, shape: spec.shape };
      const [dz] = windows.maxPool2dGrad.of({ inputs: [dy, winner], results: [spec], attrs });
      return linear.conv2dGradKernel.of({ inputs: [x, between(dy, spec.shape, dz!)], results, attrs: conv });
    },
  },
};
