// Each kernel on whatever can be drawn for it (test/support/arbitraries.ts). The data are small whole numbers, exact in
// float32 whatever the order of sums, so both backends must agree bit for bit; every operand lies between bands of poison.
// The numbers of cases are what llvmpipe compiles in the time of a test: up to seconds for one convolution.
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { binaryFunctions } from '../../src/backend/kernels.ts';
import { binaryResultDType, promote } from '../../src/tensor/dtype.ts';
import { broadcastShapes } from '../../src/tensor/shape.ts';
import { describeGpu } from '../setup/adapters.ts';
import * as draw from '../support/arbitraries.ts';
import { among, property } from '../support/property.ts';
import { TwoBackends } from '../support/twoBackends.ts';
import { whole } from '../support/values.ts';

const int32 = 'int32' as const;

describeGpu('kernels on drawn cases agree bit for bit with the CPU', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(async () => {
    for (const backend of [both.cpu, both.gpu]) expect(backend.memory().buffers).toBe(0);
    await both.close();
  });

  const { convolutions, poolings, products, reductions, blocks, permuted, stretched, tables } = draw;
  const { seed, dtypes, activations, lengths, indices } = draw;

  property(
    'conv2d',
    4,
    fc.record({ convolution: convolutions, activation: activations, behind: fc.nat(2), seed }),
    async ({ convolution: { attrs, x, kernel, y }, activation, behind, seed }) => {
      // nothing, a bias, or a bias and a scale
      const channels = [2, 3].slice(0, behind).map((i) => whole([y[3]!], seed + i));
      const inputs = [whole(x, seed), whole(kernel, seed + 1), ...channels];
      await both.agree('conv2d', inputs, [{ shape: y }], { ...attrs, activation });
    },
  );

  property(
    'conv2dGradInput',
    6,
    fc.record({ convolution: convolutions, seed }),
    async ({ convolution: { attrs, x, kernel, y }, seed }) => {
      const inputs = [whole(y, seed), whole(kernel, seed + 1)];
      await both.agree('conv2dGradInput', inputs, [{ shape: x }], { ...attrs, shape: x });
    },
  );

  property(
    'conv2dGradKernel',
    8,
    fc.record({ convolution: convolutions, seed }),
    async ({ convolution: { attrs, x, kernel, y }, seed }) => {
      const inputs = [whole(x, seed), whole(y, seed + 1)];
      await both.agree('conv2dGradKernel', inputs, [{ shape: kernel }], { ...attrs, shape: kernel });
    },
  );

  property(
    'maxPool2d, and maxPool2dGrad of its winners',
    12,
    fc.record({ pooling: poolings, seed }),
    async ({ pooling: { attrs, x, y }, seed }) => {
      const outputs = [{ shape: y }, { shape: y, dtype: int32 }];
      // three values only, so that most windows hold ties
      const [, winners] = await both.agree('maxPool2d', [whole(x, seed, 1)], outputs, attrs);
      const inputs = [whole(y, seed + 1), { shape: y, dtype: int32, data: winners! }];
      await both.agree('maxPool2dGrad', inputs, [{ shape: x }], { ...attrs, shape: x });
    },
  );

  property(
    'matmul',
    15,
    fc.record({ attrs: products, biased: fc.boolean(), seed }),
    async ({ attrs, biased, seed }) => {
      const { batch, m, k, n } = attrs;
      const a = [attrs.broadcastA ? 1 : batch, ...(attrs.transposeA ? [k, m] : [m, k])];
      const b = [attrs.broadcastB ? 1 : batch, ...(attrs.transposeB ? [n, k] : [k, n])];
      const bias = biased ? [whole([n], seed + 2)] : [];
      await both.agree('matmul', [whole(a, seed), whole(b, seed + 1), ...bias], [{ shape: [batch, m, n] }], attrs);
    },
  );

  property(
    'reduce',
    40,
    fc.record({ reduction: reductions, seed }),
    async ({ reduction: { block, fn, dtype }, seed }) => {
      const { outer, reduced, inner } = block;
      const x = whole([outer, reduced, inner], seed, 4, dtype);
      // a long product is exact when it is made of ones and minus ones
      const data = fn === 'prod' ? Array.from(x.data, (value) => (value < 0 ? -1 : 1)) : x.data;
      const scale = fn === 'sum' && dtype === 'float32' ? 0.5 : 1;
      await both.agree('reduce', [{ ...x, data }], [{ shape: [outer, inner], dtype }], { ...block, fn, scale });
    },
  );

  property(
    'argReduce',
    40,
    fc.record({ block: blocks, fn: among(['max', 'min'] as const), dtype: among(['float32', 'int32'] as const), seed }),
    async ({ block, fn, dtype, seed }) => {
      const { outer, reduced, inner } = block;
      const winner = { shape: [outer, inner], dtype: int32 };
      await both.agree('argReduce', [whole([outer, reduced, inner], seed, 4, dtype)], [winner], { ...block, fn });
    },
  );

  property('transpose', 40, fc.record({ of: permuted, dtype: dtypes, seed }), async ({ of, dtype, seed }) => {
    const { shape, permutation } = of;
    const y = { shape: permutation.map((axis) => shape[axis]!), dtype };
    await both.agree('transpose', [whole(shape, seed, 100, dtype)], [y], { permutation });
  });

  property('broadcastTo', 40, fc.record({ of: stretched(1), dtype: dtypes, seed }), async ({ of, dtype, seed }) => {
    const { shape, parts } = of;
    await both.agree('broadcastTo', [whole(parts[0]!, seed, 100, dtype)], [{ shape, dtype }], { shape });
  });

  property(
    'binary',
    15,
    fc.record({
      // quotients and powers are not exact: accuracy.test.ts
      fn: among(binaryFunctions.filter((fn) => fn !== 'div' && fn !== 'pow')),
      shapes: stretched(2).map(({ parts }) => parts as [number[], number[]]),
      dtypes: fc.tuple(dtypes, dtypes),
      seed,
    }),
    async ({ fn, shapes: [a, b], dtypes, seed }) => {
      const y = { shape: broadcastShapes('test', a, b), dtype: binaryResultDType(fn, ...dtypes, 'float32') };
      await both.agree('binary', [whole(a, seed, 2, dtypes[0]), whole(b, seed + 1, 2, dtypes[1])], [y], { fn });
    },
  );

  property(
    'where',
    25,
    fc.record({
      shapes: stretched(3).map(({ parts }) => parts as [number[], number[], number[]]),
      dtypes: fc.tuple(dtypes, dtypes),
      seed,
    }),
    async ({ shapes: [condition, a, b], dtypes, seed }) => {
      const shape = broadcastShapes('test', condition, broadcastShapes('test', a, b));
      const choices = [whole(a, seed + 1, 100, dtypes[0]), whole(b, seed + 2, 100, dtypes[1])];
      const y = { shape, dtype: promote(...dtypes) };
      await both.agree('where', [whole(condition, seed, 1, 'bool'), ...choices], [y], {});
    },
  );

  property('gatherRows', 30, fc.record({ table: tables, indices }), async ({ table, indices }) => {
    const { rows, row, dtype, seed } = table;
    const m = indices.length;
    const inputs = [whole([rows, ...row], seed, 100, dtype), { shape: [m], dtype: int32, data: indices }];
    await both.agree('gatherRows', inputs, [{ shape: [m, ...row], dtype }], { blocks: 1 });
  });

  property(
    'gatherBatch',
    30,
    fc.record({
      table: tables,
      order: indices,
      cursor: fc.nat(3),
      attrs: fc.record({ start: fc.nat(3), stride: fc.nat(4), rows: lengths }),
    }),
    async ({ table: { rows, row, dtype, seed }, order, cursor, attrs }) => {
      const inputs = [
        whole([rows, ...row], seed, 100, dtype),
        { shape: [order.length], dtype: int32, data: order },
        { shape: [1], dtype: int32, data: [cursor] },
      ];
      await both.agree('gatherBatch', inputs, [{ shape: [attrs.rows, ...row], dtype }], attrs);
    },
  );

  property('oneHot', 30, fc.record({ indices, depth: lengths }), async ({ indices, depth }) => {
    const m = indices.length;
    await both.agree('oneHot', [{ shape: [m], dtype: int32, data: indices }], [{ shape: [m, depth] }], { depth });
  });
});
