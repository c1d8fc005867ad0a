import { wgsl } from '../../../platform/wgsl.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { Shape } from '../../backend.ts';
import type { ConvAttrs } from '../../kernels.ts';
import { type DeviceFacts, type Dispatch, groupsFor, type Resource, type WebgpuKernels } from '../webgpuKernel.ts';
import { requireOneBinding } from './elementwise.ts';
import { splitSum } from './matmul.ts';
import { shapeKernels } from './shape.ts';
import { lanesFor } from './vector.ts';

const forwardShader = { name: 'conv2d_forward', text: wgsl('conv2d_forward') };
const gradInputShader = { name: 'conv2d_grad_input', text: wgsl('conv2d_grad_input') };
const gradKernelShader = { name: 'conv2d_grad_kernel', text: wgsl('conv2d_grad_kernel') };

/** The most neighbouring columns that one thread computes. The figure for GPUs is not measured. */
const COLUMNS = { software: 8, hardware: 4 };
/** The most taps times input channels for which one thread sums the gradient of a kernel. */
const SUMS = { software: 12, hardware: 6 };
/** Threads that keep a device busy: below, the sum over pixels is split. */
const BUSY = 2048;
/** The fewest rows of pixels that are worth a thread. */
const FEWEST_ROWS = 8;

export const convKernels: WebgpuKernels<'conv2d' | 'conv2dGradInput' | 'conv2dGradKernel'> = {
  conv2d({ inputs: [x, kernel, bias], outputs: [y], attrs }, device) {
    requireOneBinding('conv2d', [x!, kernel!, y!], device);
    const [N, P, Q, K] = y!.shape as Four;
    const lanes = lanesFor(K / attrs.groups);
    const TK = tileOf(K / attrs.groups / lanes.LANES);
    const TQ = columnTile(Q, device);
    return [
      {
        shader: forwardShader,
        constants: {
          ...geometry(x!.shape, kernel!.shape, attrs),
          ...lanes,
          TQ,
          TK,
          PADDED: isPadded(x!.shape, kernel!.shape, attrs),
          HAS_BIAS: bias !== undefined,
          RELU: attrs.activation === 'relu',
        },
        bindings: { x: x!, kernel: kernel!, bias: bias ?? kernel!, y: y! },
        workgroups: groupsFor((N * P * Math.ceil(Q / TQ) * K) / (lanes.LANES * TK)),
      },
    ];
  },

  conv2dGradInput({ inputs: [dy, kernel], outputs: [dx], attrs }, device) {
    requireOneBinding('conv2dGradInput', [dy!, kernel!, dx!], device);
    const [N, H, W, C] = dx!.shape as Four;
    const [R, S, perGroup, K] = kernel!.shape as Four;
    const lanes = lanesFor(perGroup);
    const TC = tileOf(perGroup / lanes.LANES);
    const columnsOfPhase = Math.ceil(W / attrs.strideW);
    const TW = columnTile(columnsOfPhase, device);
    const turned: Resource = { scratch: 0, byteLength: 4 * sizeOf(kernel!.shape) };
    const turn = shapeKernels.transpose(
      {
        kernel: 'transpose',
        inputs: [kernel!],
        outputs: [{ ...kernel!, shape: [R, S, K, perGroup] }],
        attrs: { permutation: [0, 1, 3, 2] },
      },
      device,
    );
    return [
      ...turn.map((dispatch): Dispatch => ({ ...dispatch, bindings: { ...dispatch.bindings, y: turned } })),
      {
        shader: gradInputShader,
        constants: { ...geometry(dx!.shape, kernel!.shape, attrs), ...lanes, TW, TC },
        bindings: { dy: dy!, kernel_t: turned, dx: dx! },
        workgroups: groupsFor((N * H * attrs.strideW * Math.ceil(columnsOfPhase / TW) * C) / (lanes.LANES * TC)),
      },
    ];
  },

  conv2dGradKernel({ inputs: [x, dy], outputs: [dkernel], attrs }, device) {
    requireOneBinding('conv2dGradKernel', [x!, dy!, dkernel!], device);
    const [N, P] = dy!.shape as Four;
    const [R, S, perGroup, K] = dkernel!.shape as Four;
    const lanes = lanesFor(K / attrs.groups);
    const TK = tileOf(K / attrs.groups / lanes.LANES);
    const TC =
      [8, 4, 2].find(
        (count) => perGroup % count === 0 && count * S <= (device.software ? SUMS.software : SUMS.hardware),
      ) ?? 1;
    const tiles = (R * perGroup * K) / (lanes.LANES * TK * TC);
    const SPLITS = Math.max(1, Math.min(Math.ceil(BUSY / tiles), Math.ceil((N * P) / FEWEST_ROWS)));
    const SIZE = sizeOf(dkernel!.shape);
    const target: Resource = SPLITS === 1 ? dkernel! : { scratch: 0, byteLength: 4 * SPLITS * SIZE };
    const partial: Dispatch = {
      shader: gradKernelShader,
      constants: {
        ...geometry(x!.shape, dkernel!.shape, attrs),
        ...lanes,
        TK,
        TC,
        SPLITS,
        PADDED: isPadded(x!.shape, dkernel!.shape, attrs),
      },
      bindings: { x: x!, dy: dy!, partials: target },
      workgroups: groupsFor(tiles * SPLITS),
    };
    if (SPLITS === 1) return [partial];
    return [partial, splitSum(target, dkernel!, { BATCH: 1, SPLITS, SIZE, COLUMNS: K, RELU: false })];
  },
};

export type Four = [number, number, number, number];

export function geometry(x: Shape, kernel: Shape, attrs: ConvAttrs) {
  const [N, H, W, C] = x as Four;
  const [R, S, , K] = kernel as Four;
  return {
    N,
    H,
    W,
    C,
    R,
    S,
    K,
    P: attrs.p,
    Q: attrs.q,
    STRIDE_H: attrs.strideH,
    STRIDE_W: attrs.strideW,
    DILATION_H: attrs.dilationH,
    DILATION_W: attrs.dilationW,
    PAD_TOP: attrs.padTop,
    PAD_LEFT: attrs.padLeft,
    GROUPS: attrs.groups,
  };
}

/** Columns of a tile, so that `columns` fall into as few tiles as can be, and these are full. */
function columnTile(columns: number, { software }: DeviceFacts): number {
  return Math.ceil(columns / Math.ceil(columns / (software ? COLUMNS.software : COLUMNS.hardware)));
}

/** Vectors of channels that one thread computes: two when they divide evenly. */
export function tileOf(vectors: number): number {
  return vectors % 2 === 0 ? 2 : 1;
}

/** Whether the first or the last window reaches outside x. */
export function isPadded([, h, w]: Shape, [r, s]: Shape, attrs: ConvAttrs): boolean {
  const lastRow = (attrs.p - 1) * attrs.strideH + (r! - 1) * attrs.dilationH - attrs.padTop;
  const lastColumn = (attrs.q - 1) * attrs.strideW + (s! - 1) * attrs.dilationW - attrs.padLeft;
  return attrs.padTop > 0 || attrs.padLeft > 0 || lastRow >= h! || lastColumn >= w!;
}
