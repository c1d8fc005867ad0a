import { wgsl } from '../../../platform/wgsl.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import { groupsFor, type WebgpuKernels } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { floatBits, uniform } from './params.ts';
import { setAside } from './updates.ts';

const classifyShader = { name: 'classify', text: wgsl('classify') };
const denseGradShader = { name: 'dense_grad', text: wgsl('dense_grad') };
const accumulateShader = { name: 'accumulate', text: wgsl('accumulate') };

type FusedKernel = 'classify' | 'denseGrad' | 'accumulate';

export const fusedKernels: WebgpuKernels<FusedKernel> = {
  classify({ inputs: [logits, labels], outputs: [loss, slope, y, hit], attrs: { scale } }, device) {
    requireOneBinding('classify', [logits!], device);
    const [rows, classes] = logits!.shape as [number, number];
    const tensors = { logits: logits!, labels: labels!, loss: loss!, slope: slope!, y: y!, hit: hit! };
    return [
      {
        shader: classifyShader,
        constants: {},
        bindings: { params: uniform(rows, classes, floatBits(scale)), ...tensors },
        workgroups: groupsFor(rows),
      },
    ];
  },

  denseGrad({ inputs: [x, kernel, dy], outputs: [dx, dkernel, dbias], attrs: { relu } }, device) {
    requireOneBinding('denseGrad', [x!, kernel!], device);
    const [, M, K] = x!.shape as [number, number, number];
    const N = dy!.shape[2]!;
    return [
      {
        shader: denseGradShader,
        constants: { N, K, RELU: relu },
        bindings: { params: uniform(M), x: x!, kernel: kernel!, dy: dy!, dx: dx!, dkernel: dkernel!, dbias: dbias! },
        workgroups: groupsFor((K + N) / 2),
      },
    ];
  },

  accumulate({ inputs: [target, values], attrs: { scale } }, device) {
    requireOneBinding('accumulate', [values!], device);
    const apart = target!.storage !== values!.storage;
    const { first, resource } = apart ? { first: [], resource: values! } : setAside('accumulate', values!, device);
    return [
      ...first,
      {
        shader: accumulateShader,
        constants: {},
        bindings: { params: uniform(sizeOf(values!.shape), floatBits(scale)), destination: target!, values: resource },
        workgroups: 1,
      },
    ];
  },
};
