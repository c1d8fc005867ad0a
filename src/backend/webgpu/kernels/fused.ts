import { wgsl } from '../../../platform/wgsl.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { View } from '../../backend.ts';
import type { PoolAttrs } from '../../kernels.ts';
import { type Dispatch, groupsFor, type Resource, type WebgpuKernels } from '../webgpuKernel.ts';
import { type Four, geometry, isPadded, tileOf } from './conv2d/geometry.ts';
import { requireOneBinding } from './elementwise.ts';
import { uniform } from './params.ts';
import { splitSum } from './splitSum.ts';
import { setAside } from './updates.ts';
import { codesFor, lanesFor } from './vector.ts';

const convPoolShader = { name: 'conv2d_max_pool2d', text: wgsl('conv2d_max_pool2d') };
const convPoolGradKernelShader = {
  name: 'conv2d_max_pool2d_grad_kernel',
  text: wgsl('conv2d_max_pool2d_grad_kernel'),
};

const classifyShader = { name: 'classify', text: wgsl('classify') };
const accumulateShader = { name: 'accumulate', text: wgsl('accumulate') };

/** Threads that keep a device busy: below, the sum over windows is split. */
const BUSY = 2048;
/** The fewest rows of windows that are worth a thread. */
const FEWEST_ROWS = 4;

type FusedKernel = 'conv2dMaxPool2d' | 'conv2dMaxPool2dGradKernel' | 'classify' | 'accumulate';

export const fusedKernels: WebgpuKernels<FusedKernel> = {
  conv2dMaxPool2d({ inputs: [x, kernel, bias], outputs: [y, winner], attrs }, device) {
    requireOneBinding('conv2dMaxPool2d', [x!, kernel!, y!], device);
    const [N, P, Q, K] = y!.shape as Four;
    const lanes = lanesFor(K / attrs.groups);
    const TK = tileOf(K / attrs.groups / lanes.LANES);
    return [
      {
        shader: convPoolShader,
        constants: {
          ...geometry(x!.shape, kernel!.shape, attrs),
          ...lanes,
          Codes: codesFor(lanes),
          TK,
          P,
          Q,
          ...poolConstants(attrs.pool),
          POOL_H: attrs.pool.poolH,
          PADDED: isPadded(x!.shape, kernel!.shape, attrs),
          ROLLED: device.profile.class === 'software',
          HAS_BIAS: bias !== undefined,
          RELU: attrs.activation === 'relu',
        },
        bindings: { x: x!, kernel: kernel!, bias: bias ?? kernel!, y: y!, winner: winner! },
        workgroups: groupsFor((N * P * Q * K) / (lanes.LANES * TK)),
      },
    ];
  },

  conv2dMaxPool2dGradKernel({ inputs: [x, dy, winner, y], outputs: [dkernel, dbias], attrs }, device) {
    requireOneBinding('conv2dMaxPool2dGradKernel', [x!, dy!, dkernel!], device);
    const [N, P, Q] = dy!.shape as Four;
    const [, , perGroup, K] = dkernel!.shape as Four;
    const tiles = perGroup * K;
    const SPLITS = Math.max(1, Math.min(Math.ceil(BUSY / tiles), Math.ceil((N * P) / FEWEST_ROWS)));
    const SIZE = sizeOf(dkernel!.shape);
    const whole = SPLITS === 1;
    const partials: Resource = whole ? dkernel! : { scratch: 0, byteLength: 4 * SPLITS * SIZE };
    const biasPartials: Resource = whole && dbias ? dbias : { scratch: 1, byteLength: 4 * SPLITS * K };
    const partial: Dispatch = {
      shader: convPoolGradKernelShader,
      constants: {
        ...geometry(x!.shape, dkernel!.shape, attrs),
        P,
        Q,
        ...poolConstants(attrs.pool),
        SPLITS,
        PADDED: isPadded(x!.shape, dkernel!.shape, attrs),
        RELU: attrs.relu,
        HAS_BIAS: attrs.bias,
      },
      bindings: { x: x!, dy: dy!, winner: winner!, y: y ?? dy!, partials, bias_partials: biasPartials },
      workgroups: groupsFor(tiles * SPLITS),
    };
    if (whole) return [partial];
    const sum = (from: Resource, to: View, size: number) =>
      splitSum(from, to, { BATCH: 1, SPLITS, SIZE: size, COLUMNS: K, RELU: false });
    return [partial, sum(partials, dkernel!, SIZE), ...(dbias ? [sum(biasPartials, dbias, K)] : [])];
  },

  classify({ inputs: [logits, labels], outputs: [loss, slope, y, hit], attrs: { scale } }, device) {
    requireOneBinding('classify', [logits!], device);
    const [rows, classes] = logits!.shape as [number, number];
    const tensors = { logits: logits!, labels: labels!, loss: loss!, slope: slope!, y: y!, hit: hit! };
    return [
      {
        shader: classifyShader,
        constants: { SCALE: scale },
        bindings: { params: uniform(rows, classes), ...tensors },
        workgroups: groupsFor(rows),
      },
    ];
  },

  accumulate({ inputs: [target, values], attrs: { scale } }, device) {
    requireOneBinding('accumulate', [values!], device);
    const apart = target!.storage !== values!.storage;
    const { first, resource } = apart ? { first: [], resource: values! } : setAside('accumulate', values!, device);
    return [
      ...first,
      {
        shader: accumulateShader,
        constants: { SCALE: scale },
        bindings: { params: uniform(sizeOf(values!.shape)), destination: target!, values: resource },
        workgroups: 1,
      },
    ];
  },
};

function poolConstants({ poolW, strideH, strideW }: PoolAttrs) {
  return { POOL_W: poolW, POOL_STRIDE_H: strideH, POOL_STRIDE_W: strideW };
}
