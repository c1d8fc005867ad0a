// The first layer backwards: all taps of four output channels in the registers of one thread, with the patch of x that they share.
import { wgsl } from '../../../../platform/wgsl.ts';
import { nameOf, type Variant } from '../../variant.ts';
import { type Dispatch, groupsFor } from '../../webgpuKernel.ts';
import { type Four, geometry, isPadded } from '../conv2d/geometry.ts';
import { requireOneBinding } from '../elementwise.ts';
import { uniform } from '../params.ts';
import { splitsFor } from '../splitSum.ts';
import { imagesOf, placeOf, poolConstants, unread } from './images.ts';
import { splitGradients } from './splitGradients.ts';

const shader = { name: 'conv2d_max_pool2d_patch_grad_kernel', text: wgsl('conv2d_max_pool2d_patch_grad_kernel') };

/** The fewest rows of windows that are worth a thread. */
const FEWEST_ROWS = 2;
/** Taps times cells that a thread goes through without a loop. */
const MOST_STEPS = 128;

export const gradKernelPatch: Variant<'conv2dMaxPool2dGradKernel'> = function* (
  { inputs: [x, dy, winner, y], outputs: [dkernel, dbias], attrs },
  device,
  rows,
) {
  const { pool, groups, dilationH, dilationW, relu, bias } = attrs;
  const [N, P, Q] = dy!.shape as Four;
  const [R, S, C, K] = dkernel!.shape as Four;
  const [taps, cells] = [R * S * C, pool.poolH * pool.poolW];
  // In registers: four sums a tap.
  const fits = 4 * taps <= device.profile.accumulators && taps * cells <= MOST_STEPS;
  if (groups !== 1 || dilationH !== 1 || dilationW !== 1 || K % 4 !== 0 || !fits) return;
  requireOneBinding('conv2dMaxPool2dGradKernel', [rows?.table ?? x!, dy!, dkernel!], device);
  const { DILATION_H, DILATION_W, GROUPS, ...shape } = geometry(x!.shape, dkernel!.shape, attrs);
  // A thread does the work of many: a CPU that plays the GPU has enough with few, and fewer parts to sum.
  const { threads } = device.profile;
  for (const wanted of device.profile.class === 'software' ? [threads / 4, threads] : [threads, threads / 4]) {
    const SPLITS = splitsFor(K / 4, wanted, N * P + FEWEST_ROWS - 1, FEWEST_ROWS);
    const { sums, ...targets } = splitGradients(dkernel!, dbias, SPLITS);
    const partial: Dispatch = {
      shader,
      constants: {
        ...shape,
        P,
        Q,
        ...poolConstants(pool),
        PADDED: isPadded(x!.shape, dkernel!.shape, attrs),
        RELU: relu,
        HAS_BIAS: bias,
        GATHERED: rows !== undefined,
      },
      bindings: {
        params: uniform(...placeOf(rows), N * P, Q, SPLITS),
        ...imagesOf(x!, rows),
        ...{ dy: dy!, winner: winner!, y: y ?? unread(dy!), ...targets },
      },
      workgroups: groupsFor((SPLITS * K) / 4),
    };
    const windows = (N * P * Q * K) / 4;
    yield {
      name: nameOf('conv2d_max_pool2d_patch_grad_kernel', { threads: wanted }),
      work: {
        flops: 8 * windows * taps * cells,
        loads: windows * (C * ((pool.poolH - 1) * attrs.strideH + R) * ((pool.poolW - 1) * attrs.strideW + S) + 3),
        sharedLoads: 0,
        threads: (SPLITS * K) / 4,
      },
      dispatches: [partial, ...sums],
    };
  }
};
