import { wgsl } from '../../../platform/wgsl.ts';
import type { Shape } from '../../backend.ts';
import type { PoolAttrs } from '../../kernels.ts';
import { groupsFor, type WebgpuKernels } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { codesFor, lanesFor } from './vector.ts';

const maxPoolShader = { name: 'max_pool2d', text: wgsl('max_pool2d') };
const maxPoolGradShader = { name: 'max_pool2d_grad', text: wgsl('max_pool2d_grad') };

export const poolKernels: WebgpuKernels<'maxPool2d' | 'maxPool2dGrad'> = {
  maxPool2d({ inputs: [x], outputs: [y, winner], attrs }, device) {
    requireOneBinding('maxPool2d', [x!, y!], device);
    const [N, P, Q, C] = y!.shape as Four;
    const constants = poolConstants(x!.shape, attrs);
    return [
      {
        shader: maxPoolShader,
        constants,
        bindings: { x: x!, y: y!, winner: winner! },
        workgroups: groupsFor((N * P * Q * C) / constants.LANES),
      },
    ];
  },

  maxPool2dGrad({ inputs: [dy, winner], outputs: [dx], attrs }, device) {
    requireOneBinding('maxPool2dGrad', [dy!, dx!], device);
    const [N, H, W, C] = dx!.shape as Four;
    const constants = poolConstants(dx!.shape, attrs);
    return [
      {
        shader: maxPoolGradShader,
        constants,
        bindings: { dy: dy!, winner: winner!, dx: dx! },
        workgroups: groupsFor((N * H * W * C) / constants.LANES),
      },
    ];
  },
};

type Four = [number, number, number, number];

function poolConstants(x: Shape, attrs: PoolAttrs) {
  const [N, H, W, C] = x as Four;
  const lanes = lanesFor(C);
  return {
    ...lanes,
    Codes: codesFor(lanes),
    N,
    H,
    W,
    C,
    P: attrs.p,
    Q: attrs.q,
    POOL_H: attrs.poolH,
    POOL_W: attrs.poolW,
    STRIDE_H: attrs.strideH,
    STRIDE_W: attrs.strideW,
    PAD_TOP: attrs.padTop,
    PAD_LEFT: attrs.padLeft,
  };
}
