import { wgsl } from '../../../platform/wgsl.ts';
import { bytesOf, isFloat } from '../../../tensor/dtype.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { View } from '../../backend.ts';
import { type DeviceFacts, type Dispatch, groupsFor, type Resource, type WebgpuKernels } from '../webgpuKernel.ts';
import { elementwiseKernels, requireOneBinding } from './elementwise.ts';
import { uniform } from './params.ts';

const assignAddShader = { name: 'assign_add', text: wgsl('assign_add') };
const adamShader = { name: 'adam', text: wgsl('adam') };
const sgdShader = { name: 'sgd', text: wgsl('sgd') };

export const updateKernels: WebgpuKernels<'assign' | 'assignAdd' | 'adam' | 'sgd'> = {
  assign({ inputs: [target, value] }, device) {
    if (target!.storage !== value!.storage) return copy(value!, target!, device);
    const { first, resource } = setAside('assign', value!, device);
    const second = copy(value!, target!, device);
    return [...first, ...second.map((dispatch) => ({ ...dispatch, bindings: { ...dispatch.bindings, x: resource } }))];
  },

  assignAdd({ inputs: [target, value] }, device) {
    requireOneBinding('assignAdd', [target!], device);
    const apart = target!.storage !== value!.storage;
    const { first, resource } = apart ? { first: [], resource: value! } : setAside('assignAdd', value!, device);
    const size = sizeOf(target!.shape);
    return [
      ...first,
      {
        shader: assignAddShader,
        constants: { Element: isFloat(target!.dtype) ? 'f32' : 'i32' },
        bindings: { params: uniform(size), destination: target!, value: resource },
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

function copy(from: View, to: View, device: DeviceFacts): Dispatch[] {
  return elementwiseKernels.copy({ kernel: 'copy', inputs: [from], outputs: [to], attrs: { shape: to.shape } }, device);
}

/** The value in scratch memory: WebGPU lets no dispatch read and write one buffer, and variables of a model share one. */
export function setAside(what: string, value: View, device: DeviceFacts): { first: Dispatch[]; resource: Resource } {
  requireOneBinding(what, [value], device);
  const resource = { scratch: 0, byteLength: sizeOf(value.shape) * bytesOf(value.dtype) };
  const first = copy(value, value, device).map((dispatch) => ({
    ...dispatch,
    bindings: { ...dispatch.bindings, y: resource },
  }));
  return { first, resource };
}
