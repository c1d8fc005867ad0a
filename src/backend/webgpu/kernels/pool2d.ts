import { wgsl } from '../../../platform/wgsl.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { Shape } from '../../backend.ts';
import type { PoolAttrs } from '../../kernels.ts';
import { groupsFor, type WebgpuKernels } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { uniform } from './params.ts';
import { codesFor, lanesFor } from './vector.ts';

const maxPoolShader = { name: 'max_pool2d', text: wgsl('max_pool2d') };
const maxPoolGradShader = { name: 'max_pool2d_grad', text: wgsl('max_pool2d_grad') };
const maxPoolPickShader = { name: 'max_pool2d_pick', text: wgsl('max_pool2d_pick') };
const avgPoolShader = { name: 'avg_pool2d', text: wgsl('avg_pool2d') };
const avgPoolGradShader = { name: 'avg_pool2d_grad', text: wgsl('avg_pool2d_grad') };

type PoolKernel = 'maxPool2d' | 'maxPool2dGrad' | 'maxPool2dPick' | 'avgPool2d' | 'avgPool2dGrad';

export const poolKernels: WebgpuKernels<PoolKernel> = {
  maxPool2d({ inputs: [x], outputs: [y, winner], attrs }, device) {
    requireOneBinding('maxPool2d', [x!, y!], device);
    const [N, P, Q, C] = y!.shape as Four;
    const lanes = lanesFor(C);
    return [
      {
        shader: maxPoolShader,
        constants: { ...poolConstants(x!.shape, attrs), ...lanes, Codes: codesFor(lanes) },
        bindings: { sizes: uniform(N), x: x!, y: y!, winner: winner! },
        workgroups: groupsFor((N * P * Q * C) / lanes.LANES),
      },
    ];
  },

  maxPool2dGrad({ inputs: [dy, winner], outputs: [dx], attrs }, device) {
    requireOneBinding('maxPool2dGrad', [dy!, dx!], device);
    const [N, H, W, C] = dx!.shape as Four;
    const lanes = lanesFor(C);
    return [
      {
        shader: maxPoolGradShader,
        constants: { ...poolConstants(dx!.shape, attrs), ...lanes, Codes: codesFor(lanes) },
        bindings: { sizes: uniform(N), dy: dy!, winner: winner!, dx: dx! },
        workgroups: groupsFor((N * H * W * C) / lanes.LANES),
      },
    ];
  },

  maxPool2dPick({ inputs: [x, winner], outputs: [y], attrs }, device) {
    requireOneBinding('maxPool2dPick', [x!, winner!, y!], device);
    const { POOL_H: _, ...constants } = poolConstants(x!.shape, attrs);
    return [
      {
        shader: maxPoolPickShader,
        constants,
        bindings: { sizes: uniform(x!.shape[0]!), x: x!, winner: winner!, y: y! },
        workgroups: groupsFor(sizeOf(y!.shape)),
      },
    ];
  },

  avgPool2d({ inputs: [x], outputs: [y], attrs }, device) {
    requireOneBinding('avgPool2d', [x!, y!], device);
    const lanes = lanesFor(x!.shape[3]!);
    return [
      {
        shader: avgPoolShader,
        constants: { ...poolConstants(x!.shape, attrs), ...lanes },
        bindings: { sizes: uniform(x!.shape[0]!), x: x!, y: y! },
        workgroups: groupsFor(sizeOf(y!.shape) / lanes.LANES),
      },
    ];
  },

  avgPool2dGrad({ inputs: [dy], outputs: [dx], attrs }, device) {
    requireOneBinding('avgPool2dGrad', [dy!, dx!], device);
    const lanes = lanesFor(dx!.shape[3]!);
    return [
      {
        shader: avgPoolGradShader,
        constants: { ...poolConstants(dx!.shape, attrs), ...lanes },
        bindings: { sizes: uniform(dx!.shape[0]!), dy: dy!, dx: dx! },
        workgroups: groupsFor(sizeOf(dx!.shape) / lanes.LANES),
      },
    ];
  },
};

type Four = [number, number, number, number];

function poolConstants(x: Shape, attrs: PoolAttrs) {
  const [, H, W, C] = x as Four;
  return {
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
