// Adam, and what the kernels of all optimizers have in common.
import { wgsl } from '../../../platform/wgsl.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { View } from '../../backend.ts';
import type { KernelCall, MomentAttrs, UpdateAttrs } from '../../kernels.ts';
import type { Constants, Shader } from '../shaderText.ts';
import { type DeviceFacts, type Dispatch, groupsFor, type Scratch, type WebgpuKernels } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { uniform } from './params.ts';

const adamShader = { name: 'adam', text: wgsl('adam') };

export type UpdateKernel = 'adam' | 'amsgrad' | 'sgd' | 'rmsprop' | 'adagrad' | 'adamax' | 'nadam';

export const adamKernels: WebgpuKernels<'adam'> = { adam: (call, device) => adam(call, device, alone) };

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

export function adam(call: KernelCall<'adam'>, device: DeviceFacts, links: AdamLinks): Dispatch[] {
  const { segments } = links;
  const whole = segments.length === 0;
  const [dispatch] = update(call, device, adamShader, ['m', 'v'], {
    ...ofFirst(call.attrs),
    ...ofSecond(call.attrs),
    SEGMENTS: Math.max(1, segments.length),
    BEHIND: links.counted ? 0 : 1,
    COUNT: links.by,
  });
  const bindings = {
    ...dispatch!.bindings,
    segments: uniform(...(whole ? [0] : segments.flatMap((one) => [one.first, one.vectors, one.base, one.splits]))),
    parts: whole ? call.inputs[3]! : links.parts,
    counter: links.counter ?? nothing,
  };
  return [{ ...dispatch!, bindings }];
}

export const vectorsIn = ({ shape }: View) => Math.ceil(sizeOf(shape) / 4);

/** An update by a shader that names its slots so. */
export function update<K extends UpdateKernel>(
  { kernel, inputs, attrs }: KernelCall<K>,
  device: DeviceFacts,
  shader: Shader,
  slots: readonly string[],
  constants: Constants,
): Dispatch[] {
  const names = ['parameters', ...slots, 'gradient', 'iteration', 'learning_rate'];
  const VECTORS = vectorsIn(inputs[0]!);
  requireOneBinding(kernel, [inputs[0]!], device);
  return [
    {
      shader,
      constants: { VECTORS, ...constants, ...ofAll(attrs) },
      bindings: Object.fromEntries(names.map((name, i) => [name, inputs[i]!])),
      workgroups: groupsFor(VECTORS),
    },
  ];
}

const ofAll = ({ every = 1, decay = 0, decayed = 0 }: UpdateAttrs) => ({
  ...{ EVERY: every, DECAY: decay, DECAYED: decayed / 4 },
});

export const ofFirst = ({ beta1, epsilon }: MomentAttrs) => ({
  ...{ ONE_MINUS_BETA1: 1 - beta1, LOG_BETA1: logarithm(beta1), EPSILON: epsilon },
});

export const ofSecond = ({ beta2 }: MomentAttrs) => ({ ONE_MINUS_BETA2: 1 - beta2, LOG_BETA2: logarithm(beta2) });

/** ln beta; no text of WGSL may say -infinity, and e^-200 is 0 as well. */
const logarithm = (beta: number) => Math.max(Math.log(beta), -200);
