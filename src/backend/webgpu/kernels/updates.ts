import { wgsl } from '../../../platform/wgsl.ts';
import { bytesOf, isFloat } from '../../../tensor/dtype.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { View } from '../../backend.ts';
import type { KernelCall } from '../../kernels.ts';
import {
  type DeviceFacts,
  type Dispatch,
  groupsFor,
  type Resource,
  type Scratch,
  type WebgpuKernels,
} from '../webgpuKernel.ts';
import { elementwiseKernels, requireOneBinding } from './elementwise.ts';
import { uniform } from './params.ts';

const assignAddShader = { name: 'assign_add', text: wgsl('assign_add') };
const incrementShader = { name: 'increment', text: wgsl('increment') };
const adamShader = { name: 'adam', text: wgsl('adam') };
const sgdShader = { name: 'sgd', text: wgsl('sgd') };

export const updateKernels: WebgpuKernels<'assign' | 'assignAdd' | 'increment' | 'adam' | 'sgd'> = {
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

  adam: (call, device) => adam(call, device, alone),

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

/** What a recorded step hands over to Adam: see link/adam.ts. */
export interface AdamLinks {
  /** Whether iteration counts this update already. */
  readonly counted: boolean;
  /** A counter that moves on by `by` when the update is done. */
  readonly counter: View | undefined;
  readonly by: number;
  /** Parts of gradients, and which vectors of the gradient are sums of them. */
  readonly parts: Scratch;
  readonly segments: readonly Segment[];
}

/** In vectors of four: gradient[first + i] is the sum over s of parts[base + s * vectors + i]. */
export interface Segment {
  readonly first: number;
  readonly vectors: number;
  readonly base: number;
  readonly splits: number;
}

const nothing = { scratch: 120, byteLength: 4 };
const alone: AdamLinks = { counted: false, counter: undefined, by: 0, parts: nothing, segments: [] };

export function adam({ inputs, attrs }: KernelCall<'adam'>, device: DeviceFacts, links: AdamLinks): Dispatch[] {
  const [parameters, m, v, gradient, iteration, learning_rate] = inputs as [View, View, View, View, View, View];
  requireOneBinding('adam', [parameters], device);
  const { beta1, beta2, epsilon } = attrs;
  const { segments } = links;
  const VECTORS = Math.ceil(sizeOf(parameters.shape) / 4);
  const whole = segments.length === 0;
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
        SEGMENTS: Math.max(1, segments.length),
        BEHIND: links.counted ? 0 : 1,
        COUNT: links.by,
      },
      bindings: {
        segments: uniform(...(whole ? [0] : segments.flatMap((one) => [one.first, one.vectors, one.base, one.splits]))),
        ...{ parameters, m, v, gradient, parts: whole ? gradient : links.parts, iteration, learning_rate },
        counter: links.counter ?? nothing,
      },
      workgroups: groupsFor(VECTORS),
    },
  ];
}

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
