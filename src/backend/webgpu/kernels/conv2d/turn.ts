import { wgsl } from '../../../../platform/wgsl.ts';
import type { View } from '../../../backend.ts';
import { type Dispatch, groupsFor, type Scratch } from '../../webgpuKernel.ts';
import { type Four, fourOrOne } from './geometry.ts';

const shader = { name: 'conv2d_turn_kernel', text: wgsl('conv2d_turn_kernel') };

/** The kernel with its last two axes swapped, in scratch memory, so that channels of one dx lie side by side. */
export function turn(kernel: View): { first: Dispatch; turned: Scratch } {
  const [R, S, C, K] = kernel.shape as Four;
  const turned = { scratch: 0, byteLength: 4 * R * S * C * K };
  const lanes = fourOrOne(K);
  const first = {
    shader,
    constants: { ...lanes, TAPS: R * S, C, K },
    bindings: { kernel, kernel_t: turned },
    workgroups: groupsFor((R * S * C * K) / lanes.LANES),
  };
  return { first, turned };
}
