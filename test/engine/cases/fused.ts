// Operations that only compiled functions run; here as they are, on shapes like those of the first layers of a network.
import type { KernelAttrs, KernelName } from '../../../src/backend/kernels.ts';
import { apply } from '../../../src/engine/execute.ts';
import type { OpDefinition } from '../../../src/engine/op.ts';
import type { Tensor } from '../../../src/index.ts';
import { classifyOp } from '../../../src/ops/fused/classify.ts';
import { convPoolGradKernelOp, convPoolOp } from '../../../src/ops/fused/convPool.ts';
import { scaledConvOp } from '../../../src/ops/fused/convScale.ts';
import { denseGradOp } from '../../../src/ops/fused/denseGrad.ts';
import { type Case, classes, type Input, of, positive, ties, x } from './case.ts';

const even = { strideH: 1, strideW: 1, dilationH: 1, dilationW: 1, padTop: 0, padLeft: 0 };
const conv = { ...even, p: 4, q: 6, groups: 1 };
const pool = { ...even, p: 2, q: 3, strideH: 2, strideW: 2, poolH: 2, poolW: 2 };

const padded = { ...conv, p: 5, q: 5, groups: 2, strideW: 2, padTop: 1, padLeft: 1 };
const gaps = { ...even, p: 2, q: 2, strideH: 2, strideW: 3, poolH: 2, poolW: 1 };

/** Codes of cells from what are codes from 0 to 4. */
const within = (codes: Tensor, cells: number) => codes.minimum(cells - 1);

/** Exact in whatever order it is rounded. */
const scaledByWholes = (inputs: Tensor[]) => inputs.map((input, i) => (i === 3 ? input.round() : input));

/** A case that can also run as the parts that it stands for. */
interface FusedCase extends Case {
  parts(...inputs: Tensor[]): readonly Tensor[];
}

function fused<K extends KernelName>(
  op: OpDefinition<K>,
  inputs: readonly Input[],
  attrs: KernelAttrs[K],
  options: { title?: string; prepare?: (inputs: Tensor[]) => Tensor[] } = {},
): FusedCase {
  const { title = op.name, prepare = (given) => given } = options;
  return {
    ...of(op.name, { title, inputs, run: (...given) => apply(op, prepare(given), attrs) }),
    parts: (...given) => op.decompose!(prepare(given), attrs),
  };
}

export const fusedCases: readonly FusedCase[] = [
  fused(convPoolOp, [x(2, 6, 8, 1), x(3, 3, 1, 8), x(8)], { ...conv, pool, activation: 'relu' }),
  fused(
    convPoolOp,
    [x(1, 5, 9, 4), x(3, 3, 2, 6)],
    { ...padded, pool: gaps, activation: 'linear' },
    {
      title: 'conv2dMaxPool2d padded, in groups, without bias',
    },
  ),
  fused(
    convPoolGradKernelOp,
    [x(2, 6, 8, 1), x(2, 2, 3, 8), classes(2, 2, 3, 8), x(2, 2, 3, 8)],
    { ...conv, pool, shape: [3, 3, 1, 8], relu: true, bias: true },
    { prepare: ([image, dy, codes, y]) => [image!, dy!, within(codes!, 4), y!] },
  ),
  fused(
    convPoolGradKernelOp,
    [x(1, 5, 9, 4), x(1, 2, 2, 6), classes(1, 2, 2, 6)],
    { ...padded, pool: gaps, shape: [3, 3, 2, 6], relu: false, bias: false },
    {
      title: 'conv2dMaxPool2dGradKernel padded, in groups, alone',
      prepare: ([image, dy, codes]) => [image!, dy!, within(codes!, 2)],
    },
  ),
  fused(
    scaledConvOp,
    [x(2, 6, 8, 5), x(3, 3, 5, 8), x(8), x(8)],
    { ...conv, activation: 'relu' },
    { prepare: scaledByWholes },
  ),
  fused(
    scaledConvOp,
    [x(1, 5, 9, 4), x(3, 3, 2, 6), x(6), x(6)],
    { ...padded, activation: 'linear' },
    { title: 'conv2dScaled padded, in groups', prepare: scaledByWholes },
  ),
  fused(denseGradOp, [x(1, 5, 6), x(1, 6, 4), x(1, 5, 4)], { relu: true }),
  fused(denseGradOp, [x(1, 3, 4), x(1, 4, 10), x(1, 3, 10)], { relu: false }, { title: 'denseGrad without a relu' }),
  fused(classifyOp, [x(5, 4), positive(5, 4)], { scale: 0.25 }),
  fused(classifyOp, [x(3, 10), ties(3, 10)], { scale: 1 }, { title: 'classify with ties among the labels' }),
];
