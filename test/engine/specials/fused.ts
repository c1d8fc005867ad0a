import { apply } from '../../../src/engine/execute.ts';
import * as w from '../../../src/index.ts';
import { accumulateOp } from '../../../src/ops/fused/accumulate.ts';
import { classifyOp } from '../../../src/ops/fused/classify.ts';
import { convPoolGradKernelOp, convPoolOp } from '../../../src/ops/fused/convPool.ts';
import { scaledConvOp } from '../../../src/ops/fused/convScale.ts';
import { denseGradOp } from '../../../src/ops/fused/denseGrad.ts';
import { type Special, special } from './special.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const even = { strideH: 1, strideW: 1, dilationH: 1, dilationW: 1, padTop: 0, padLeft: 0 };
const conv = { ...even, p: 1, q: 6, groups: 1 };
const pool = { ...even, p: 1, q: 3, strideW: 2, poolH: 1, poolW: 2 };
const image = [[[1, nan, inf, nan, -inf, -1].map((value) => [value])]];

export const fusedSpecials: readonly Special[] = [
  special(
    'conv2dScaled',
    'conv2dScaled',
    [[[[[1], [nan], [inf], [0]]]], [[[[1, 1, 2]]]], [1, 2, -inf], [inf, 0, 1]],
    (x, kernel, bias, scale) =>
      apply(scaledConvOp, [x, kernel, bias, scale], { ...even, p: 1, q: 4, groups: 1, activation: 'linear' }),
    // the sum is scaled before the bias is added: 0 times infinity is NaN, and so is infinity minus infinity
    [inf, 2, -inf, nan, nan, nan, inf, nan, nan, nan, 2, -inf],
  ),
  special(
    'conv2dMaxPool2d',
    'conv2dMaxPool2d',
    [image, [[[[2]]]]],
    (x, kernel) => apply(convPoolOp, [x, kernel], { ...conv, pool, activation: 'relu' }),
    // y, then the winners: the first NaN, and the first of equals
    [nan, nan, 0, 1, 1, 0],
  ),
  special(
    'conv2dMaxPool2dGradKernel',
    'conv2dMaxPool2dGradKernel',
    [[[[[1], [7], [2], [3], [8], [5]]]], [[[[1], [nan], [inf]]]], Int32Array.of(0, 1, 1), [[[[1], [nan], [2]]]]],
    (x, dy, winner, y) =>
      apply(convPoolGradKernelOp, [x, dy, winner.reshape([1, 1, 3, 1]), y], {
        ...{ ...conv, pool, shape: [1, 1, 1, 1] },
        ...{ relu: true, bias: true },
      }),
    // where y is NaN nothing passes, as with reluGrad
    [inf, inf],
  ),
  special(
    'classify',
    'classify',
    [
      [
        [inf, 0],
        [0, nan],
        [-inf, 0],
        [1, 1],
      ],
      [
        [1, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ],
    ],
    (logits, labels) => {
      const [loss, , y, hit] = apply(classifyOp, [logits, labels], { scale: 1 });
      return [loss!, y!, hit!];
    },
    // loss, probabilities, hits: the first of equals, and the first NaN, is the answer
    [...[nan, nan, 0, 2 * Math.LN2], ...[nan, nan, nan, nan, 0, 1, 0.5, 0.5], ...[1, 1, 1, 1]],
  ),
  special(
    'denseGrad',
    'denseGrad',
    [
      [[[inf, 1, nan, -1]]],
      [
        [
          [2, 0],
          [inf, 0],
          [1, 0],
          [1, 0],
        ],
      ],
      [[[1, 1]]],
    ],
    (x, kernel, dy) => apply(denseGradOp, [x, kernel, dy], { relu: true }),
    // where x is NaN nothing passes, as with reluGrad
    [...[2, inf, 0, 0], ...[inf, inf, 1, 1, nan, nan, -1, -1], ...[1, 1]],
  ),
  special(
    'accumulate',
    'accumulate',
    [[1], [1], [nan, 1], [inf, 1], [inf, -inf]],
    (a, b, ...lists) =>
      [a, b, a].map((start, i) => {
        const v = w.variable(start, { trainable: false });
        apply(accumulateOp, [v, lists[i]!], { scale: 2 });
        return w.clone(v);
      }),
    [nan, inf, nan],
  ),
];
