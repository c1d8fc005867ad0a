// All taps of one input and one output channel in the registers of one thread; the sum over windows is split.
import { wgsl } from '../../../../platform/wgsl.ts';
import { nameOf, type Variant } from '../../variant.ts';
import { type Dispatch, groupsFor } from '../../webgpuKernel.ts';
import { type Four, geometry, isPadded } from '../conv2d/geometry.ts';
import { requireOneBinding } from '../elementwise.ts';
import { uniform } from '../params.ts';
import { splitsFor } from '../splitSum.ts';
import { imagesOf, placeOf, poolConstants, unread } from './images.ts';
import { splitGradients } from './splitGradients.ts';

const shader = { name: 'conv2d_max_pool2d_grad_kernel', text: wgsl('conv2d_max_pool2d_grad_kernel') };

/** The fewest rows of windows that are worth a thread. */
const FEWEST_ROWS = 4;

export const gradKernelWindow: Variant<'conv2dMaxPool2dGradKernel'> = function* (
  { inputs: [x, dy, winner, y], outputs: [dkernel, dbias], attrs },
  device,
  rows,
) {
  requireOneBinding('conv2dMaxPool2dGradKernel', [rows?.table ?? x!, dy!, dkernel!], device);
  const [N, P, Q] = dy!.shape as Four;
  const [R, S, perGroup, K] = dkernel!.shape as Four;
  const tiles = perGroup * K;
  const { POOL_H: _, ...pool } = poolConstants(attrs.pool);
  for (const wanted of [device.profile.threads, 4 * device.profile.threads]) {
    const SPLITS = splitsFor(tiles, wanted, N * P + FEWEST_ROWS - 1, FEWEST_ROWS);
    const { sums, ...targets } = splitGradients(dkernel!, dbias, SPLITS);
    const partial: Dispatch = {
      shader,
      constants: {
        ...geometry(x!.shape, dkernel!.shape, attrs),
        P,
        Q,
        ...pool,
        PADDED: isPadded(x!.shape, dkernel!.shape, attrs),
        RELU: attrs.relu,
        HAS_BIAS: attrs.bias,
        GATHERED: rows !== undefined,
      },
      bindings: {
        batch: uniform(...placeOf(rows), N * P, SPLITS),
        ...imagesOf(x!, rows),
        ...{ dy: dy!, winner: winner!, y: y ?? unread(dy!), ...targets },
      },
      workgroups: groupsFor(tiles * SPLITS),
    };
    const [steps, taps] = [tiles * N * P * Q, R * S];
    yield {
      name: nameOf('conv2d_max_pool2d_grad_kernel', { threads: wanted }),
      work: { flops: 2 * steps * taps, loads: steps * (taps + 2), sharedLoads: 0, threads: tiles * SPLITS },
      dispatches: [partial, ...sums],
    };
  }
};
