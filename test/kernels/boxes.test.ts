// Boxes of tensors, cut out, framed, joined and reversed, and rows added up: drawn shapes, both backends bit for bit.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeGpu } from '../setup/adapters.ts';
import { boxes, dtypes, frames, indices, parts, seed, shapes, tables } from '../support/arbitraries.ts';
import { among, property } from '../support/property.ts';
import { TwoBackends } from '../support/twoBackends.ts';
import { whole } from '../support/values.ts';

describeGpu('boxes of tensors agree bit for bit with the CPU', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  property('slice', 40, fc.record({ box: boxes, dtype: dtypes, seed }), async ({ box, dtype, seed }) => {
    const { begin, shape } = box;
    await both.agree('slice', [whole(box.whole, seed, 100, dtype)], [{ shape, dtype }], { begin, shape });
  });

  const someAxes = fc.tuple(shapes, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }));
  property(
    'flip',
    40,
    fc.record({ of: someAxes, dtype: dtypes, seed }),
    async ({ of: [shape, flipped], dtype, seed }) => {
      const axes = shape.flatMap((_, d) => (flipped[d] ? [d] : []));
      await both.agree('flip', [whole(shape, seed, 100, dtype)], [{ shape, dtype }], { axes });
    },
  );

  property('pad', 40, fc.record({ frame: frames, dtype: dtypes, seed }), async ({ frame, dtype, seed }) => {
    const { inner, before, shape } = frame;
    await both.agree('pad', [whole(inner, seed, 100, dtype)], [{ shape, dtype }], { before, shape, value: 1 });
  });

  test('a frame around nothing', async () => {
    const attrs = { before: [2, 1], shape: [3, 2], value: -1.5 };
    const { found } = await both.run('pad', [{ shape: [0, 1], data: [] }], [{ shape: [3, 2] }], attrs);
    expect(Array.from(found[0]!)).toEqual([-1.5, -1.5, -1.5, -1.5, -1.5, -1.5]);
  });

  const words = among(['float32', 'int32'] as const);
  property(
    'concat',
    40,
    fc.record({ of: parts, dtype: words, seed }),
    async ({ of: { shape, axis, lengths }, dtype, seed }) => {
      const inputs = lengths.map((length, i) => whole(shape.with(axis, length), seed + i, 100, dtype));
      const joined = shape.with(
        axis,
        lengths.reduce((sum, length) => sum + length, 0),
      );
      await both.agree('concat', inputs, [{ shape: joined, dtype }], { axis });
    },
  );

  const blocks = among([1, 2, 3]);
  property('scatterRows', 40, fc.record({ table: tables, indices, blocks }), async ({ table, indices, blocks }) => {
    const { rows: each, row, seed } = table;
    const rows = each * blocks;
    // each run points into its own block; of one block they may point outside
    const inside = (i: number) => Math.min(Math.max(i, 0), each - 1);
    const runs = [...Array(blocks).keys()].flatMap((b) => indices.map((i) => b * each + inside(i)));
    const data = Int32Array.from(blocks === 1 ? indices : runs);
    const given = { shape: [data.length], dtype: 'int32' as const, data };
    const attrs = { rows, blocks };
    await both.agree('scatterRows', [whole([data.length, ...row], seed), given], [{ shape: [rows, ...row] }], attrs);
  });
});
