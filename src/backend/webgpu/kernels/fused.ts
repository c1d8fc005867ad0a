import { wgsl } from '../../../platform/wgsl.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { View } from '../../backend.ts';
import type { KernelCall, PoolAttrs } from '../../kernels.ts';
import {
  type DeviceFacts,
  type Dispatch,
  groupsFor,
  type Resource,
  type Rows,
  type WebgpuKernels,
} from '../webgpuKernel.ts';
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
const denseGradShader = { name: 'dense_grad', text: wgsl('dense_grad') };
const accumulateShader = { name: 'accumulate', text: wgsl('accumulate') };

/** Threads that keep a device busy: below, the sum over windows is split. */
const BUSY = 2048;
/** The fewest rows of windows that are worth a thread. */
const FEWEST_ROWS = 4;

type FusedKernel = 'conv2dMaxPool2d' | 'conv2dMaxPool2dGradKernel' | 'classify' | 'denseGrad' | 'accumulate';

export const fusedKernels: WebgpuKernels<FusedKernel> = {
  conv2dMaxPool2d: (call, device) => convPool(call, device),
  conv2dMaxPool2dGradKernel: (call, device) => convPoolGradKernel(call, device),

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

  denseGrad({ inputs: [x, kernel, dy], outputs: [dx, dkernel, dbias], attrs: { relu } }, device) {
    requireOneBinding('denseGrad', [x!, kernel!], device);
    const [, M, K] = x!.shape as [number, number, number];
    const N = dy!.shape[2]!;
    return [
      {
        shader: denseGradShader,
        constants: { N, K, RELU: relu },
        bindings: { params: uniform(M), x: x!, kernel: kernel!, dy: dy!, dx: dx!, dkernel: dkernel!, dbias: dbias! },
        workgroups: groupsFor(K + N / 2),
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

/** The images are x, or the rows of a table: then the shape of x is all that counts of it. */
export function convPool(
  { inputs: [x, kernel, bias], outputs: [y, winner], attrs }: KernelCall<'conv2dMaxPool2d'>,
  device: DeviceFacts,
  rows?: Rows,
): Dispatch[] {
  requireOneBinding('conv2dMaxPool2d', [rows?.table ?? x!, kernel!, y!], device);
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
        GATHERED: rows !== undefined,
      },
      bindings: { ...imagesOf(x!, rows), kernel: kernel!, bias: bias ?? unread(kernel!), y: y!, winner: winner! },
      workgroups: groupsFor((N * P * Q * K) / (lanes.LANES * TK)),
    },
  ];
}

/** The same of the images. */
export function convPoolGradKernel(
  { inputs: [x, dy, winner, y], outputs: [dkernel, dbias], attrs }: KernelCall<'conv2dMaxPool2dGradKernel'>,
  device: DeviceFacts,
  rows?: Rows,
): Dispatch[] {
  requireOneBinding('conv2dMaxPool2dGradKernel', [rows?.table ?? x!, dy!, dkernel!], device);
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
      GATHERED: rows !== undefined,
    },
    bindings: {
      ...imagesOf(x!, rows),
      dy: dy!,
      winner: winner!,
      y: y ?? unread(dy!),
      partials,
      bias_partials: biasPartials,
    },
    workgroups: groupsFor(tiles * SPLITS),
  };
  if (whole) return [partial];
  const sum = (from: Resource, to: View, size: number) =>
    splitSum(from, to, { BATCH: 1, SPLITS, SIZE: size, COLUMNS: K, RELU: false });
  return [partial, sum(partials, dkernel!, SIZE), ...(dbias ? [sum(biasPartials, dbias, K)] : [])];
}

/** What is bound to a name that the shader does not read with these constants: WebGPU wants something there. */
function unread(view: View): Resource {
  return { view, byteOffset: 0, byteLength: 16 };
}

function imagesOf(x: View, rows: Rows | undefined): Readonly<Record<string, Resource>> {
  if (!rows) return { batch: uniform(0), x, order: unread(x), cursor: unread(x) };
  return { batch: batchOf(rows), x: rows.table, order: rows.order, cursor: rows.cursor };
}

/** Where a batch lies, as shaders read it. */
export function batchOf({ table, order, start, stride }: Rows): Uint32Array {
  return uniform(start, stride, order.shape[0]!, table.shape[0]!);
}

function poolConstants({ poolW, strideH, strideW }: PoolAttrs) {
  return { POOL_W: poolW, POOL_STRIDE_H: strideH, POOL_STRIDE_W: strideW };
}
