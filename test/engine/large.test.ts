// More threads than one dimension of a dispatch holds (65,535 workgroups of 64): the grid is folded, and every element
// must still be made once, by the right thread.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KernelAttrs, KernelName } from '../../src/backend/kernels.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { describeGpu } from '../setup/adapters.ts';
import { type Operand, type Target, TwoBackends } from '../support/twoBackends.ts';

/** Threads that do not fit, and no whole number of rows of the folded grid. */
const THREADS = 65_535 * 64 + 200;

const int32 = 'int32' as const;
const small = (i: number) => (i % 13) - 6;
const operand = (shape: readonly number[], dtype?: 'int32' | 'bool'): Operand => ({
  shape,
  dtype: dtype ?? 'float32',
  data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => (dtype === 'bool' ? i % 2 : small(i))),
});
const one = (value: number): Operand => ({ shape: [1], data: [value] });

type Call<K extends KernelName> = readonly [K, readonly Operand[], readonly Target[], KernelAttrs[K]];
const call = <K extends KernelName>(...all: Call<K>): Call<KernelName> => all;

const many = (count: number) => Array.from({ length: count }, () => operand([4 * THREADS]));
const counter: Operand = { shape: [1], dtype: int32, data: [0] };

const tall = [1, THREADS, 1, 1];
const window = { p: THREADS, q: 1, strideH: 1, strideW: 1, dilationH: 1, dilationW: 1, padTop: 0, padLeft: 0 };
const conv = { ...window, groups: 1 };
const pool = { ...window, poolH: 1, poolW: 1 };
const halves = { step: 2, start: 0, divisor: 2 };
const resize = { p: THREADS, q: 1, rows: halves, columns: halves, linear: true };
const pairs = { outer: THREADS, reduced: 2, inner: 1 };
const flat = { shape: [THREADS] };

const calls: () => readonly Call<KernelName>[] = () => [
  call('unary', [operand([4 * THREADS])], [{ shape: [4 * THREADS] }], { fn: 'neg', dtype: 'float32' }),
  call('binary', [operand([4 * THREADS]), one(3)], [{ shape: [4 * THREADS] }], { fn: 'mul' }),
  call('where', [operand([THREADS], 'bool'), operand([THREADS]), one(9)], [flat], {}),
  call('reduce', [operand([THREADS, 2])], [flat], { fn: 'sum', ...pairs, scale: 1 }),
  call(
    'batchNormTraining',
    [{ shape: [THREADS, 1], data: new Float32Array(THREADS) }, one(2), one(3)],
    [{ shape: [THREADS, 1] }, { shape: [1] }, { shape: [1] }],
    { epsilon: 1 },
  ),
  call(
    'batchNormTrainingGrad',
    [
      { shape: [THREADS, 1], data: new Float32Array(THREADS) },
      // adds up to 0, so that nothing is rounded
      { shape: [THREADS, 1], data: Float32Array.from({ length: THREADS }, (_, i) => (i % 2 === 0 ? 1 : -1)) },
      ...[one(2), one(0), one(0)],
    ],
    [{ shape: [THREADS, 1] }, { shape: [1] }, { shape: [1] }],
    { epsilon: 1 },
  ),
  call('argReduce', [operand([THREADS, 2])], [{ ...flat, dtype: int32 }], { fn: 'max', ...pairs }),
  call('transpose', [operand([2, THREADS])], [{ shape: [THREADS, 2] }], { permutation: [1, 0] }),
  call('pad', [operand([THREADS])], [{ shape: [THREADS + 3] }], { before: [1], shape: [THREADS + 3], value: 7 }),
  call('concat', [operand([THREADS]), one(5)], [{ shape: [THREADS + 1] }], { axis: 0 }),
  call('gatherRows', [operand([THREADS]), operand([THREADS], int32)], [flat], { blocks: 1 }),
  call('scatterRows', [operand([2, 1]), operand([2], int32)], [{ shape: [THREADS, 1] }], { rows: THREADS, blocks: 1 }),
  call('oneHot', [operand([THREADS], int32)], [{ shape: [THREADS, 2] }], { depth: 2 }),
  call('randomUniform', [{ shape: [], dtype: int32, data: [1] }], [flat], { key: [5, 6], shape: [THREADS] }),
  call('matmul', [operand([THREADS, 1, 1]), operand([THREADS, 1, 1])], [{ shape: [THREADS, 1, 1] }], {
    ...{ batch: THREADS, m: 1, n: 1, k: 1, transposeA: false, transposeB: false },
    ...{ broadcastA: false, broadcastB: false, activation: 'linear' },
  }),
  call('conv2d', [operand(tall), operand([1, 1, 1, 1])], [{ shape: tall }], { ...conv, activation: 'linear' }),
  call('conv2dGradInput', [operand(tall), operand([1, 1, 1, 1])], [{ shape: tall }], { ...conv, shape: tall }),
  call('maxPool2d', [operand(tall)], [{ shape: tall }, { shape: tall, dtype: int32 }], pool),
  call(
    'maxPool2dGrad',
    [operand(tall), { ...operand(tall, int32), data: new Int32Array(THREADS) }],
    [{ shape: tall }],
    {
      ...pool,
      shape: tall,
    },
  ),
  call(
    'maxPool2dPick',
    [operand(tall), { ...operand(tall, int32), data: new Int32Array(THREADS) }],
    [{ shape: tall }],
    pool,
  ),
  call('avgPool2d', [operand(tall)], [{ shape: tall }], pool),
  call('avgPool2dGrad', [operand(tall)], [{ shape: tall }], { ...pool, shape: tall }),
  call('resize2d', [operand(tall)], [{ shape: tall }], resize),
  call('resize2dGrad', [operand(tall)], [{ shape: tall }], { ...resize, shape: tall }),
  call('affineResample', [operand(tall), { shape: [1, 6], data: [0, 0, 0, 0, 1, -1] }], [{ shape: tall }], {
    ...{ p: THREADS, q: 1, fill: 'nearest', value: 0, linear: true },
  }),
  call('softmax', [operand([THREADS, 1])], [{ shape: [THREADS, 1] }], {}),
  call(
    'softmaxCrossEntropy',
    [operand([THREADS, 1]), { shape: [THREADS, 1], data: new Float32Array(THREADS).fill(1) }],
    [flat, { shape: [THREADS, 1] }],
    {},
  ),
  call('fill', [], [{ shape: [4 * THREADS] }], { value: 3, shape: [4 * THREADS], dtype: 'float32' }),
  call('conv2dMaxPool2d', [operand(tall), operand([1, 1, 1, 1])], [{ shape: tall }, { shape: tall, dtype: int32 }], {
    ...{ ...conv, pool },
    activation: 'relu',
  }),
  call(
    'classify',
    [operand([THREADS, 1]), { shape: [THREADS, 1], data: new Float32Array(THREADS).fill(1) }],
    [flat, { shape: [THREADS, 1] }, { shape: [THREADS, 1] }, flat],
    { scale: 1 },
  ),
  call('assignAdd', [operand([THREADS]), operand([THREADS])], [], {}),
  call('sgd', [...many(3), counter, one(1)], [], { momentum: 1, nesterov: false, decay: 1, decayed: 4 * THREADS - 4 }),
  call('accumulateGradient', [...many(2), counter], [], { every: 2 }),
  call('movingAverage', [...many(2), { ...counter, data: [1] }], [], { momentum: 0.5, every: 1, overwrite: 2 }),
];

describeGpu('grids that are folded', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  test.each(calls().map((one) => [one[0], one] as const))(
    '%s makes every element once',
    async (_, [kernel, ...rest]) => {
      const { found, expected } = await both.run(kernel, ...rest);
      found.forEach((values, i) => {
        const off = values.findIndex((value, at) => value !== expected[i]![at]!);
        expect(off < 0 ? 'equal' : `element ${off}: ${values[off]} for ${expected[i]![off]}`).toBe('equal');
      });
    },
  );
});
