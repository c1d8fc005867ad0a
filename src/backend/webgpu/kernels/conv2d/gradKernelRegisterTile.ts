// All columns of taps of a few channels in the registers of one thread; the sum over pixels is split.
import { wgsl } from '../../../../platform/wgsl.ts';
import { sizeOf } from '../../../../tensor/shape.ts';
import type { Profile } from '../../profile.ts';
import { nameOf, type Variant } from '../../variant.ts';
import { type Dispatch, groupsFor, type Resource } from '../../webgpuKernel.ts';
import { requireOneBinding } from '../elementwise.ts';
import { splitSum, splitsFor } from '../splitSum.ts';
import { lanesFor } from '../vector.ts';
import { type Four, isPadded, sizesOf, tileOf } from './geometry.ts';

const shader = { name: 'conv2d_grad_kernel', text: wgsl('conv2d_grad_kernel') };

/** The fewest rows of pixels that are worth a thread. */
const FEWEST_ROWS = 8;

export const gradKernelRegisterTile: Variant<'conv2dGradKernel'> = function* (
  { inputs: [x, dy], outputs: [dkernel], attrs },
  device,
) {
  requireOneBinding('conv2dGradKernel', [x!, dy!, dkernel!], device);
  const [N, P, Q] = dy!.shape as Four;
  const [R, S, perGroup, K] = dkernel!.shape as Four;
  const lanes = lanesFor(K / attrs.groups);
  const SIZE = sizeOf(dkernel!.shape);
  for (const { TK, TC, threads } of settings(S, perGroup, K / attrs.groups / lanes.LANES, device.profile)) {
    const tiles = (R * perGroup * K) / (lanes.LANES * TK * TC);
    // A part may be shorter than the fewest rows when there are few.
    const SPLITS = splitsFor(tiles, threads, N * P + FEWEST_ROWS - 1, FEWEST_ROWS);
    const whole = SPLITS === 1;
    const target: Resource = whole ? dkernel! : { scratch: 0, byteLength: 4 * SPLITS * SIZE };
    const partial: Dispatch = {
      shader,
      constants: {
        S,
        ...lanes,
        TK,
        TC,
        PADDED: isPadded(x!.shape, dkernel!.shape, attrs),
      },
      bindings: {
        sizes: sizesOf(x!.shape, dkernel!.shape, attrs, attrs.groups, SPLITS),
        x: x!,
        dy: dy!,
        partials: target,
      },
      workgroups: groupsFor(tiles * SPLITS),
    };
    const sum = { BATCH: 1, SPLITS, SIZE, COLUMNS: K, RELU: false };
    yield {
      name: nameOf('conv2d_grad_kernel', { TK, TC, threads }),
      work: {
        flops: 2 * N * P * Q * SIZE,
        loads: tiles * N * P * Q * (TK + S * TC),
        sharedLoads: 0,
        threads: tiles * SPLITS,
      },
      dispatches: whole ? [partial] : [partial, splitSum(target, dkernel!, sum)],
    };
  }
};

/** The first has as many channels as keep the sums of all its taps in registers. */
function* settings(S: number, perGroup: number, vectors: number, { class: device, threads }: Profile) {
  const sums = device === 'software' ? 12 : 6;
  const fitting = [8, 4, 2].filter((count) => perGroup % count === 0 && count * S <= sums);
  for (const TC of [...fitting, 1]) {
    for (const TK of new Set([tileOf(vectors), 1])) {
      for (const wanted of [threads, 4 * threads]) yield { TK, TC, threads: wanted };
    }
  }
}
