// Winograd convolution F(2 x 2, 3 x 3) in four passes: kernel and input transformed, 16 matrix products, the result transformed.
// A NaN or infinity reaches the other results of its tile, which the definition keeps it from: never a first choice.
import { wgsl } from '../../../../platform/wgsl.ts';
import type { View } from '../../../backend.ts';
import type { ConvAttrs, FusedActivation } from '../../../kernels.ts';
import type { Variant, Way } from '../../variant.ts';
import { type DeviceFacts, type Dispatch, groupsFor, type Resource, type Scratch } from '../../webgpuKernel.ts';
import { requireOneBinding } from '../elementwise.ts';
import { matmulKernels } from '../matmul/index.ts';
import { uniform } from '../params.ts';
import { lanesFor } from '../vector.ts';
import type { Four } from './geometry.ts';

const kernelShader = { name: 'conv2d_winograd_kernel', text: wgsl('conv2d_winograd_kernel') };
const inputShader = { name: 'conv2d_winograd_input', text: wgsl('conv2d_winograd_input') };
const outputShader = { name: 'conv2d_winograd_output', text: wgsl('conv2d_winograd_output') };

/** The fewest channels, of input and result together, for which fewer multiplications can outweigh 11 times the bytes. */
const FEWEST_CHANNELS = 128;

/** For windows of 3 x 3 that move by one, without groups. */
export const forwardWinograd: Variant<'conv2d'> = function* (
  { inputs: [x, kernel, bias, scale], outputs: [y], attrs },
  device,
) {
  requireOneBinding('conv2d', [x!, kernel!, y!], device);
  const { padTop, padLeft, activation } = attrs;
  const problem = { x: x!, kernel: kernel!, bias, scale, y: y!, padTop, padLeft, activation, turned: false };
  if (fits(kernel!, attrs)) yield* winograd(problem, device);
};

/** The same, as a convolution of dy. */
export const gradInputWinograd: Variant<'conv2dGradInput'> = function* (
  { inputs: [dy, kernel], outputs: [dx], attrs },
  device,
) {
  requireOneBinding('conv2dGradInput', [dy!, kernel!, dx!], device);
  const pads = { padTop: 2 - attrs.padTop, padLeft: 2 - attrs.padLeft };
  const problem = { x: dy!, kernel: kernel!, y: dx!, ...pads, activation: 'linear', turned: true } as const;
  if (fits(kernel!, attrs)) yield* winograd(problem, device);
};

function fits({ shape: [r, s, c, k] }: View, attrs: ConvAttrs): boolean {
  const still = [attrs.strideH, attrs.strideW, attrs.dilationH, attrs.dilationW, attrs.groups].every(
    (one) => one === 1,
  );
  return still && r === 3 && s === 3 && c! + k! >= FEWEST_CHANNELS;
}

interface Problem {
  readonly x: View;
  readonly kernel: View;
  readonly bias?: View | undefined;
  readonly scale?: View | undefined;
  readonly y: View;
  readonly padTop: number;
  readonly padLeft: number;
  readonly activation: FusedActivation;
  /** Whether the kernel is used backwards, with its channels exchanged. */
  readonly turned: boolean;
}

function* winograd(problem: Problem, device: DeviceFacts): Iterable<Way> {
  const { x, kernel, bias, scale, y, padTop, padLeft, turned } = problem;
  const [N, H, W, C] = x.shape as Four;
  const [, P, Q, K] = y.shape as Four;
  const [TILES_H, TILES_W] = [Math.ceil(P / 2), Math.ceil(Q / 2)];
  const tiles = N * TILES_H * TILES_W;
  const [u, v, m] = [C * K, tiles * C, tiles * K].map((size, scratch) => ({ scratch, byteLength: 64 * size }));
  if (!u || !v || !m || Math.max(u.byteLength, v.byteLength, m.byteLength) > device.maxBinding) return;
  const [lanesC, lanesK] = [lanesFor(C), lanesFor(K)];
  const lanesU = turned ? lanesFor(1) : lanesK;
  const transformKernel: Dispatch = {
    shader: kernelShader,
    constants: { ...lanesU, C, K, TURNED: turned },
    bindings: { kernel, u },
    workgroups: groupsFor((C * K) / lanesU.LANES),
  };
  const transformInput: Dispatch = {
    shader: inputShader,
    constants: { ...lanesC, H, W, C, TILES_H, TILES_W, PAD_TOP: padTop, PAD_LEFT: padLeft },
    bindings: { sizes: uniform(N), x, v },
    workgroups: groupsFor((tiles * C) / lanesC.LANES),
  };
  const transformResult: Dispatch = {
    shader: outputShader,
    constants: {
      ...lanesK,
      P,
      Q,
      K,
      HAS_BIAS: bias !== undefined,
      HAS_SCALE: scale !== undefined,
      RELU: problem.activation === 'relu',
    },
    bindings: { sizes: uniform(N), m, bias: bias ?? kernel, scale: scale ?? kernel, y },
    workgroups: groupsFor((tiles * K) / lanesK.LANES),
  };
  const terms = 16 * tiles * C * K;
  const transforms = 28 * C * K + 32 * tiles * C + 24 * tiles * K;
  yield {
    name: 'conv2d_winograd',
    work: {
      flops: 2 * terms + transforms,
      // The transforms, and products by tiles of 8 by 8 in registers.
      loads: 9 * C * K + (16 * tiles * (C + K)) / 4 + (terms * (8 + 2)) / 64,
      sharedLoads: 0,
      threads: (16 * tiles * K) / 64,
    },
    dispatches: [
      transformKernel,
      transformInput,
      ...products(v, u, m, { m: tiles, n: K, k: C }, x, device),
      transformResult,
    ],
  };
}

/** y[f] = a[f] b[f] for 16 pairs of matrices in scratch memory, by whatever way matmul takes. `like`: any tensor of float32. */
function products(
  a: Scratch,
  b: Scratch,
  y: Scratch,
  sizes: { m: number; n: number; k: number },
  like: View,
  device: DeviceFacts,
): Dispatch[] {
  const { m, n, k } = sizes;
  const standIn = (...shape: number[]): View => ({ ...like, shape: [16, ...shape] });
  const [left, right, result] = [standIn(m, k), standIn(k, n), standIn(m, n)];
  const sides = { transposeA: false, transposeB: false, broadcastA: false, broadcastB: false };
  const attrs = { batch: 16, ...sizes, ...sides, activation: 'linear' } as const;
  const call = { kernel: 'matmul', inputs: [left, right], outputs: [result], attrs } as const;
  // Its own scratch memory lies behind the three of ours.
  const place = (resource: Resource): Resource => {
    if (resource === left) return a;
    if (resource === right) return b;
    if (resource === result) return y;
    return 'scratch' in resource ? { ...resource, scratch: resource.scratch + 3 } : resource;
  };
  return matmulKernels.matmul(call, device).map(({ bindings, ...dispatch }): Dispatch => {
    const placed = Object.entries(bindings).map(([name, resource]) => [name, place(resource)] as const);
    return { ...dispatch, bindings: Object.fromEntries(placed) };
  });
}
