// Neighbouring columns with all of their few channels in the registers of one thread; the sum goes by vectors.
import { wgsl } from '../../../../platform/wgsl.ts';
import { nameOf, type Variant } from '../../variant.ts';
import { groupsFor } from '../../webgpuKernel.ts';
import { requireOneBinding } from '../elementwise.ts';
import { uniform } from '../params.ts';
import { evenTile, type Four, fourOrOne, ungrouped } from './geometry.ts';

const shader = { name: 'conv2d_grad_input_few', text: wgsl('conv2d_grad_input_few') };

/** Above, vectors of channels are long enough. */
const FEW = 4;

/** The most scalar products of a step: above, compilers of software adapters leave loops in it, and registers become memory. */
const MOST_PRODUCTS = 16;

/** Without groups, for taps side by side. */
export const gradInputFew: Variant<'conv2dGradInput'> = function* (
  { inputs: [dy, kernel], outputs: [dx], attrs },
  device,
) {
  const [N, H, W, C] = dx!.shape as Four;
  const [R, S, , K] = kernel!.shape as Four;
  if (attrs.groups > 1 || C > FEW || attrs.dilationW > 1) return;
  requireOneBinding('conv2dGradInput', [dy!, kernel!, dx!], device);
  const lanes = fourOrOne(K);
  const { DILATION_W: _, ...consts } = ungrouped(dx!.shape, kernel!.shape, attrs);
  const columnsOfPhase = Math.ceil(W / attrs.strideW);
  const taps = Math.ceil(S / attrs.strideW);
  for (const TW of new Set([4, 8].map((columns) => evenTile(columnsOfPhase, columns)))) {
    const TS = Math.max(1, Math.min(taps, Math.floor(MOST_PRODUCTS / (TW * C))));
    const threads = N * H * attrs.strideW * Math.ceil(columnsOfPhase / TW);
    const steps = (threads * R * K * Math.ceil(taps / TS)) / (attrs.strideH * lanes.LANES);
    yield {
      name: nameOf('conv2d_grad_input_few', { TW, TS }),
      work: {
        flops: (2 * N * H * W * C * R * S * K) / (attrs.strideH * attrs.strideW),
        loads: steps * (TW + TS - 1 + TS * C),
        sharedLoads: 0,
        threads,
      },
      dispatches: [
        {
          shader,
          constants: { ...consts, ...lanes, TW, TS, ROLLED: device.profile.class === 'software' },
          bindings: { sizes: uniform(N), dy: dy!, kernel: kernel!, dx: dx! },
          workgroups: groupsFor(threads),
        },
      ],
    };
  }
};
