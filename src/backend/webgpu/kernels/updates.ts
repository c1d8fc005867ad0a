import { wgsl } from '../../../platform/wgsl.ts';
import { isFloat } from '../../../tensor/dtype.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import { groupsFor, type WebgpuKernels } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { uniform } from './params.ts';

const assignAddShader = { name: 'assign_add', text: wgsl('assign_add') };
const adamShader = { name: 'adam', text: wgsl('adam') };
const sgdShader = { name: 'sgd', text: wgsl('sgd') };

export const updateKernels: WebgpuKernels<'assignAdd' | 'adam' | 'sgd'> = {
  assignAdd({ inputs: [target, value] }) {
    const size = sizeOf(target!.shape);
    return [
      {
        shader: assignAddShader,
        constants: { Element: isFloat(target!.dtype) ? 'f32' : 'i32' },
        bindings: { params: uniform(size), destination: target!, value: value! },
        workgroups: groupsFor(size),
      },
    ];
  },

  adam({ inputs: [parameters, m, v, gradient, iteration, learningRate], attrs: { beta1, beta2, epsilon } }, device) {
    requireOneBinding('adam', [parameters!], device);
    const VECTORS = Math.ceil(sizeOf(parameters!.shape) / 4);
    return [
      {
        shader: adamShader,
        constants: {
          VECTORS,
          EPSILON: epsilon,
          ONE_MINUS_BETA1: 1 - beta1,
          ONE_MINUS_BETA2: 1 - beta2,
          LOG_BETA1: Math.log(beta1),
          LOG_BETA2: Math.log(beta2),
        },
        bindings: {
          parameters: parameters!,
          m: m!,
          v: v!,
          gradient: gradient!,
          iteration: iteration!,
          learning_rate: learningRate!,
        },
        workgroups: groupsFor(VECTORS),
      },
    ];
  },

  sgd({ inputs: [parameters, velocity, gradient, learningRate], attrs: { momentum, nesterov } }, device) {
    requireOneBinding('sgd', [parameters!], device);
    const VECTORS = Math.ceil(sizeOf(parameters!.shape) / 4);
    return [
      {
        shader: sgdShader,
        constants: { VECTORS, MOMENTUM: momentum, NESTEROV: nesterov },
        bindings: { parameters: parameters!, velocity: velocity!, gradient: gradient!, learning_rate: learningRate! },
        workgroups: groupsFor(VECTORS),
      },
    ];
  },
};
