// The forward tile turned round: columns of dx by vectors of input channels in the registers of one thread.
import { wgsl } from '../../../../platform/wgsl.ts';
import type { Profile } from '../../profile.ts';
import { nameOf, type Variant } from '../../variant.ts';
import { groupsFor } from '../../webgpuKernel.ts';
import { requireOneBinding } from '../elementwise.ts';
import { uniform } from '../params.ts';
import { lanesFor } from '../vector.ts';
import { evenTile, type Four, geometry, tileOf } from './geometry.ts';
import { turn } from './turn.ts';

const shader = { name: 'conv2d_grad_input', text: wgsl('conv2d_grad_input') };

export const gradInputRegisterTile: Variant<'conv2dGradInput'> = function* (
  { inputs: [dy, kernel], outputs: [dx], attrs },
  device,
) {
  requireOneBinding('conv2dGradInput', [dy!, kernel!, dx!], device);
  const [N, H, W, C] = dx!.shape as Four;
  const [R, S, perGroup, K] = kernel!.shape as Four;
  const lanes = lanesFor(perGroup);
  const columnsOfPhase = Math.ceil(W / attrs.strideW);
  const { first, turned } = turn(kernel!);
  for (const { TW, TC } of settings(columnsOfPhase, perGroup / lanes.LANES, device.profile)) {
    const threads = (N * H * attrs.strideW * Math.ceil(columnsOfPhase / TW) * C) / (lanes.LANES * TC);
    const terms = ((R * S) / (attrs.strideH * attrs.strideW)) * (K / attrs.groups);
    yield {
      name: nameOf('conv2d_grad_input', { TW, TC }),
      work: { flops: 2 * N * H * W * C * terms, loads: threads * terms * (TW + TC), sharedLoads: 0, threads },
      dispatches: [
        first,
        {
          shader,
          constants: { ...geometry(dx!.shape, kernel!.shape, attrs), ...lanes, TW, TC },
          bindings: { sizes: uniform(N), dy: dy!, kernel_t: turned, dx: dx! },
          workgroups: groupsFor(threads),
        },
      ],
    };
  }
};

/** First 4 columns, which leave room for many threads; a CPU has none to lose by 8. */
function* settings(columns: number, vectors: number, { class: device }: Profile) {
  const most = device === 'software' ? [8, 4, 12] : [4, 8, 2];
  for (const TW of new Set(most.map((count) => evenTile(columns, count)))) {
    for (const TC of new Set([tileOf(vectors), 1])) yield { TW, TC };
  }
}
