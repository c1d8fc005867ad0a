// What every shader of a product has: sizes and strides, and a sum over k that may be cut into parts.
import type { KernelAttrs, KernelCall } from '../../../kernels.ts';
import type { Shader } from '../../shaderText.ts';
import type { Dispatch, Resource } from '../../webgpuKernel.ts';
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
      ...sizes(attrs),
      ...constants,
      SPLITS,
      HAS_BIAS: whole && bias !== undefined,
      RELU: whole && RELU,
    },
    bindings: { a: a!, b: b!, bias: bias ?? b!, y: target },
    workgroups,
  };
  if (whole) return [dispatch];
  return [dispatch, splitSum(target, y!, { BATCH: batch, SPLITS, SIZE: M * N, COLUMNS: N, bias, RELU })];
}

function sizes(attrs: KernelAttrs['matmul']) {
  const { batch: BATCH, m: M, n: N, k: K, transposeA, transposeB, broadcastA, broadcastB } = attrs;
  return {
    BATCH,
    M,
    N,
    K,
    A_BATCH: broadcastA ? 0 : M * K,
    A_M: transposeA ? 1 : K,
    A_K: transposeA ? M : 1,
    B_BATCH: broadcastB ? 0 : K * N,
    B_K: transposeB ? 1 : N,
    B_N: transposeB ? K : 1,
  };
}
