import { wgsl } from '../../../platform/wgsl.ts';
import { bytesOf, isFloat } from '../../../tensor/dtype.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { View } from '../../backend.ts';
import { type DeviceFacts, type Dispatch, groupsFor, type Resource, type WebgpuKernels } from '../webgpuKernel.ts';
import { elementwiseKernels, requireOneBinding } from './elementwise.ts';
import { uniform } from './params.ts';

const assignAddShader = { name: 'assign_add', text: wgsl('assign_add') };
const incrementShader = { name: 'increment', text: wgsl('increment') };

export const updateKernels: WebgpuKernels<'assign' | 'assignAdd' | 'increment'> = {
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

  increment({ inputs: [target], attrs: { by } }) {
    return [{ shader: incrementShader, constants: { BY: by }, bindings: { destination: target! }, workgroups: 1 }];
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
