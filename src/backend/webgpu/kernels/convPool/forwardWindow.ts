// One pool window by vectors of channels in the registers of one thread; any convolution.
import { wgsl } from '../../../../platform/wgsl.ts';
import { nameOf, type Variant } from '../../variant.ts';
import { groupsFor } from '../../webgpuKernel.ts';
import { type Four, geometry, isPadded, tileOf } from '../conv2d/geometry.ts';
import { requireOneBinding } from '../elementwise.ts';
import { uniform } from '../params.ts';
import { codesFor, lanesFor } from '../vector.ts';
import { imagesOf, placeOf, poolConstants, unread } from './images.ts';

const shader = { name: 'conv2d_max_pool2d', text: wgsl('conv2d_max_pool2d') };

export const forwardWindow: Variant<'conv2dMaxPool2d'> = function* (
  { inputs: [x, kernel, bias], outputs: [y, winner], attrs },
  device,
  rows,
) {
  requireOneBinding('conv2dMaxPool2d', [rows?.table ?? x!, kernel!, y!], device);
  const [N, P, Q, K] = y!.shape as Four;
  const [R, S, perGroup] = kernel!.shape as Four;
  const lanes = lanesFor(K / attrs.groups);
  const cells = attrs.pool.poolH * attrs.pool.poolW;
  for (const TK of new Set([tileOf(K / attrs.groups / lanes.LANES), 1])) {
    const threads = (N * P * Q * K) / (lanes.LANES * TK);
    const taps = R * S * perGroup;
    yield {
      name: nameOf('conv2d_max_pool2d', { TK }),
      work: { flops: 2 * N * P * Q * K * cells * taps, loads: threads * taps * (cells + TK), sharedLoads: 0, threads },
      dispatches: [
        {
          shader,
          constants: {
            ...geometry(x!.shape, kernel!.shape, attrs),
            ...lanes,
            Codes: codesFor(lanes),
            TK,
            P,
            Q,
            ...poolConstants(attrs.pool),
            PADDED: isPadded(x!.shape, kernel!.shape, attrs),
            ROLLED: device.profile.class === 'software',
            HAS_BIAS: bias !== undefined,
            RELU: attrs.activation === 'relu',
            GATHERED: rows !== undefined,
          },
          bindings: {
            batch: uniform(...placeOf(rows), N),
            ...imagesOf(x!, rows),
            ...{ kernel: kernel!, bias: bias ?? unread(kernel!), y: y!, winner: winner! },
          },
          workgroups: groupsFor(threads),
        },
      ],
    };
  }
};
