// Neighbouring columns by vectors of channels in the registers of one thread, operands straight from storage.
import { wgsl } from '../../../../platform/wgsl.ts';
import type { Profile } from '../../profile.ts';
import { nameOf, type Variant } from '../../variant.ts';
import { groupsFor } from '../../webgpuKernel.ts';
import { requireOneBinding } from '../elementwise.ts';
import { uniform } from '../params.ts';
import { lanesFor } from '../vector.ts';
import { evenTile, type Four, geometry, isPadded, tileOf } from './geometry.ts';

const shader = { name: 'conv2d_forward', text: wgsl('conv2d_forward') };

export const forwardRegisterTile: Variant<'conv2d'> = function* (
  { inputs: [x, kernel, bias, scale], outputs: [y], attrs },
  device,
) {
  requireOneBinding('conv2d', [x!, kernel!, y!], device);
  const [N, P, Q, K] = y!.shape as Four;
  const [R, S, perGroup] = kernel!.shape as Four;
  const lanes = lanesFor(K / attrs.groups);
  for (const { TQ, TK } of settings(Q, K / attrs.groups / lanes.LANES, device.profile)) {
    const threads = (N * P * Math.ceil(Q / TQ) * K) / (lanes.LANES * TK);
    const taps = R * S * perGroup;
    yield {
      name: nameOf('conv2d_forward', { TQ, TK }),
      work: { flops: 2 * N * P * Q * K * taps, loads: threads * taps * (TQ + TK), sharedLoads: 0, threads },
      dispatches: [
        {
          shader,
          constants: {
            ...geometry(x!.shape, kernel!.shape, attrs),
            ...lanes,
            TQ,
            TK,
            PADDED: isPadded(x!.shape, kernel!.shape, attrs),
            HAS_BIAS: bias !== undefined,
            HAS_SCALE: scale !== undefined,
            RELU: attrs.activation === 'relu',
          },
          bindings: {
            sizes: uniform(N),
            x: x!,
            kernel: kernel!,
            bias: bias ?? kernel!,
            scale: scale ?? kernel!,
            y: y!,
          },
          workgroups: groupsFor(threads),
        },
      ],
    };
  }
};

/** First 4 columns, which leave room for many threads; a CPU has none to lose by 8. */
function* settings(Q: number, vectors: number, { class: device }: Profile) {
  const most = device === 'software' ? [8, 4, 12] : [4, 8, 2];
  for (const TQ of new Set(most.map((columns) => evenTile(Q, columns)))) {
    for (const TK of new Set([tileOf(vectors), 1])) yield { TQ, TK };
  }
}
