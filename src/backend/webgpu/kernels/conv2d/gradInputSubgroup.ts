// Columns by vectors of input channels in registers; the lanes of a subgroup share the loads of dy.
import { wgsl } from '../../../../platform/wgsl.ts';
import { nameOf, type Variant } from '../../variant.ts';
import { requireOneBinding } from '../elementwise.ts';
import { type Four, sizesOf } from './geometry.ts';
import { subgroupLanes, subgroupTiles } from './subgroupTiles.ts';
import { turn } from './turn.ts';

const shader = { name: 'conv2d_grad_input_subgroup', text: wgsl('conv2d_grad_input_subgroup') };

/** Without groups, where subgroups are of one size. */
export const gradInputSubgroup: Variant<'conv2dGradInput'> = function* (
  { inputs: [dy, kernel], outputs: [dx], attrs },
  device,
) {
  const { subgroupSize: SUBGROUP } = device;
  if (attrs.groups > 1 || SUBGROUP < 4) return;
  requireOneBinding('conv2dGradInput', [dy!, kernel!, dx!], device);
  const [N, H, W, C] = dx!.shape as Four;
  const [R, S, , K] = kernel!.shape as Four;
  const lanes = subgroupLanes(C, SUBGROUP);
  const vectors = C / lanes.LANES;
  const columnsOfPhase = Math.ceil(W / attrs.strideW);
  const { first, turned } = turn(kernel!);
  for (const { columns: TW, vectors: TC } of subgroupTiles(columnsOfPhase, Math.ceil(vectors / SUBGROUP))) {
    const tiles = N * H * attrs.strideW * Math.ceil(columnsOfPhase / TW) * Math.ceil(vectors / (SUBGROUP * TC));
    const threads = tiles * SUBGROUP;
    const terms = (R * S * K) / (attrs.strideH * attrs.strideW);
    yield {
      name: nameOf('conv2d_grad_input_subgroup', { TW, TC }),
      work: {
        flops: 2 * N * H * W * C * terms,
        loads: threads * terms * (TC + Math.ceil(TW / Math.min(SUBGROUP, 8))),
        sharedLoads: threads * terms * TW,
        threads,
      },
      dispatches: [
        first,
        {
          shader,
          constants: {
            ...lanes,
            SUBGROUP,
            TW,
            TC,
            // Windows of one column, side by side, see each column once.
            PADDED: S > 1 || attrs.padLeft > 0 || attrs.strideW > 1,
          },
          bindings: { sizes: sizesOf(dx!.shape, kernel!.shape, attrs), dy: dy!, kernel_t: turned, dx: dx! },
          workgroups: tiles,
        },
      ],
    };
  }
};
