// The first layer of a network: the patch of few channels under one pool window in registers, weights as a uniform block.
import { wgsl } from '../../../../platform/wgsl.ts';
import { sizeOf } from '../../../../tensor/shape.ts';
import { nameOf, type Variant } from '../../variant.ts';
import { groupsFor } from '../../webgpuKernel.ts';
import { type Four, geometry, isPadded } from '../conv2d/geometry.ts';
import { requireOneBinding } from '../elementwise.ts';
import { uniform } from '../params.ts';
import { imagesOf, placeOf, poolConstants, unread } from './images.ts';

const shader = { name: 'conv2d_max_pool2d_patch', text: wgsl('conv2d_max_pool2d_patch') };

/** Floats of x that a thread keeps. */
const MOST_PATCH = 64;
/** Floats of a uniform block that WebGPU promises everywhere. */
const MOST_UNIFORM = 16384;

export const forwardPatch: Variant<'conv2dMaxPool2d'> = function* (
  { inputs: [x, kernel, bias], outputs: [y, winner], attrs },
  device,
  rows,
) {
  const { pool, groups, strideH, strideW, dilationH, dilationW } = attrs;
  const [N, P, Q, K] = y!.shape as Four;
  const [R, S, C] = kernel!.shape as Four;
  const patch = ((pool.poolH - 1) * strideH + R) * ((pool.poolW - 1) * strideW + S) * C;
  const fits = patch <= MOST_PATCH && sizeOf(kernel!.shape) <= MOST_UNIFORM;
  if (groups !== 1 || dilationH !== 1 || dilationW !== 1 || K % 4 !== 0 || !fits) return;
  requireOneBinding('conv2dMaxPool2d', [rows?.table ?? x!, y!], device);
  const cells = pool.poolH * pool.poolW;
  const { DILATION_H, DILATION_W, GROUPS, ...shape } = geometry(x!.shape, kernel!.shape, attrs);
  // The first keeps a software device's two cores busy and loads each patch once; a GPU wants more threads.
  const sharing = device.profile.class === 'software' ? [1, 2, 4, 8] : [4, 2, 8, 1];
  for (const K_GROUPS of sharing.filter((count) => (K / 4) % count === 0)) {
    const threads = N * P * Q * K_GROUPS;
    yield {
      name: nameOf('conv2d_max_pool2d_patch', { K_GROUPS }),
      work: {
        flops: 2 * N * P * Q * K * cells * R * S * C,
        loads: threads * patch,
        sharedLoads: threads * (K / 4 / K_GROUPS) * R * S * C,
        threads,
      },
      dispatches: [
        {
          shader,
          constants: {
            ...shape,
            P,
            Q,
            ...poolConstants(pool),
            K_GROUPS,
            PADDED: isPadded(x!.shape, kernel!.shape, attrs),
            HAS_BIAS: bias !== undefined,
            RELU: attrs.activation === 'relu',
            GATHERED: rows !== undefined,
          },
          bindings: {
            params: uniform(...placeOf(rows), K / 4 / K_GROUPS, N * P * Q),
            ...imagesOf(x!, rows),
            ...{ kernel: kernel!, bias: bias ?? unread(x!), y: y!, winner: winner! },
          },
          workgroups: groupsFor(threads),
        },
      ],
    };
  }
};
