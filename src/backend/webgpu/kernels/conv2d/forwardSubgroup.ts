// Columns by vectors of channels in registers; the lanes of a subgroup share the loads of x.
import { wgsl } from '../../../../platform/wgsl.ts';
import { nameOf, type Variant } from '../../variant.ts';
import { requireOneBinding } from '../elementwise.ts';
import { type Four, isPadded, sizesOf } from './geometry.ts';
import { subgroupLanes, subgroupTiles } from './subgroupTiles.ts';

const shader = { name: 'conv2d_forward_subgroup', text: wgsl('conv2d_forward_subgroup') };

/** Without groups, where subgroups are of one size. */
export const forwardSubgroup: Variant<'conv2d'> = function* (
  { inputs: [x, kernel, bias, scale], outputs: [y], attrs },
  device,
) {
  const { subgroupSize: SUBGROUP } = device;
  if (attrs.groups > 1 || SUBGROUP < 4) return;
  requireOneBinding('conv2d', [x!, kernel!, y!], device);
  const [N, P, Q, K] = y!.shape as Four;
  const [R, S, C] = kernel!.shape as Four;
  const lanes = subgroupLanes(K, SUBGROUP);
  const vectors = K / lanes.LANES;
  for (const { columns: TQ, vectors: TK } of subgroupTiles(Q, Math.ceil(vectors / SUBGROUP))) {
    const tiles = N * P * Math.ceil(Q / TQ) * Math.ceil(vectors / (SUBGROUP * TK));
    const threads = tiles * SUBGROUP;
    const steps = threads * R * S * C;
    yield {
      name: nameOf('conv2d_forward_subgroup', { TQ, TK }),
      work: {
        flops: 2 * N * P * Q * K * R * S * C,
        loads: steps * (TK + Math.ceil(TQ / Math.min(SUBGROUP, 8))),
        sharedLoads: steps * TQ,
        threads,
      },
      dispatches: [
        {
          shader,
          constants: {
            ...lanes,
            SUBGROUP,
            TQ,
            TK,
            PADDED: isPadded(x!.shape, kernel!.shape, attrs),
            HAS_BIAS: bias !== undefined,
            HAS_SCALE: scale !== undefined,
            RELU: attrs.activation === 'relu',
          },
          bindings: {
            sizes: sizesOf(x!.shape, kernel!.shape, attrs),
            x: x!,
            kernel: kernel!,
            bias: bias ?? kernel!,
            scale: scale ?? kernel!,
            y: y!,
          },
          workgroups: tiles,
        },
      ],
    };
  }
};
