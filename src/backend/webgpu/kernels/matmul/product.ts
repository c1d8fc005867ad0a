// What every shader of a product has: sizes and strides, and a sum over k that may be cut into parts.
import type { KernelAttrs, KernelCall } from '../../../kernels.ts';
import type { Shader } from '../../shaderText.ts';
import type { Dispatch, Resource } from '../../webgpuKernel.ts';
import { uniform } from '../params.ts';
import { splitSum } from '../splitSum.ts';

export interface Tiling {
  readonly shader: Shader;
  /** The consts that are the shader's own. */
  readonly constants: Readonly<Record<string, number | string>>;
  readonly SPLITS: number;
  /** Workgroups for all parts together. */
  readonly workgroups: number;
}

/** The product straight into y; or, of several parts, into scratch memory and then summed in a fixed order. */
export function product(
  { inputs: [a, b, bias], outputs: [y], attrs }: KernelCall<'matmul'>,
  { shader, constants, SPLITS, workgroups }: Tiling,
): Dispatch[] {
  const { batch, m: M, n: N } = attrs;
  const RELU = attrs.activation === 'relu';
  const whole = SPLITS === 1;
  const target: Resource = whole ? y! : { scratch: 0, byteLength: 4 * batch * SPLITS * M * N };
  const dispatch: Dispatch = {
    shader,
    constants: {
      ...strides(attrs),
      ...constants,
      BATCHED: batch > 1,
      HAS_BIAS: whole && bias !== undefined,
      RELU: whole && RELU,
    },
    bindings: { sizes: sizes(attrs, SPLITS), a: a!, b: b!, bias: bias ?? b!, y: target },
    workgroups,
  };
  if (whole) return [dispatch];
  return [dispatch, splitSum(target, y!, { BATCH: batch, SPLITS, SIZE: M * N, COLUMNS: N, bias, RELU })];
}

function strides({ m: M, n: N, k: K, transposeA, transposeB }: KernelAttrs['matmul']) {
  return {
    N,
    A_K: transposeA ? M : 1,
    B_K: transposeB ? 1 : N,
    B_N: transposeB ? K : 1,
  };
}

/** In the order of `struct Sizes`. */
function sizes(
  { batch, m, n, k, transposeA, broadcastA, broadcastB }: KernelAttrs['matmul'],
  SPLITS: number,
): Uint32Array {
  return uniform(m, k, SPLITS, batch, broadcastA ? 0 : m * k, broadcastB ? 0 : k * n, transposeA ? 1 : k);
}
