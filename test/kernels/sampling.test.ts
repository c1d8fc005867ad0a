// Average pooling, the winners of a pool, and resizing on drawn cases: whole numbers, so that only quotients may differ in
// the last bits.
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import type { TypedArray } from '../../src/backend/backend.ts';
import { describeGpu } from '../setup/adapters.ts';
import { poolings, resizings, seed } from '../support/arbitraries.ts';
import { property } from '../support/property.ts';
import { TwoBackends } from '../support/twoBackends.ts';
import { whole } from '../support/values.ts';

const SPAN = 9;

/** Every value lies within so many units in the last place of `scale`. */
function near(found: TypedArray, expected: TypedArray, ulps: number, scale: number): void {
  const off = found.findIndex((value, i) => !(Math.abs(value - expected[i]!) <= ulps * 2 ** -23 * scale));
  expect(off < 0 ? 'all near' : `element ${off}: ${found[off]} for ${expected[off]}`).toBe('all near');
}

describeGpu('sampling agrees with the CPU', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  const pools = fc.record({ pooling: poolings, seed });

  property('avgPool2d and avgPool2dGrad', 12, pools, async ({ pooling: { attrs, x, y }, seed }) => {
    const cells = attrs.poolH * attrs.poolW;
    const forward = await both.run('avgPool2d', [whole(x, seed, SPAN)], [{ shape: y }], attrs);
    near(forward.found[0]!, forward.expected[0]!, 3, SPAN);
    const backward = await both.run('avgPool2dGrad', [whole(y, seed, SPAN)], [{ shape: x }], { ...attrs, shape: x });
    // a division for each window, and their sum
    near(backward.found[0]!, backward.expected[0]!, cells + 2.5, SPAN * cells);
  });

  property('maxPool2dPick', 12, pools, async ({ pooling: { attrs, x, y }, seed }) => {
    const outputs = [{ shape: y }, { shape: y, dtype: 'int32' as const }];
    const { expected } = await both.run('maxPool2d', [whole(x, seed)], outputs, attrs);
    const winner = { ...outputs[1]!, data: expected[1]! };
    const same = await both.run('maxPool2dPick', [whole(x, seed), winner], [{ shape: y }], attrs);
    expect(same.found).toEqual([expected[0]]);
    await both.agree('maxPool2dPick', [whole(x, seed + 1), winner], [{ shape: y }], attrs);
  });

  property(
    'resize2d and resize2dGrad',
    20,
    fc.record({ resizing: resizings, seed }),
    async ({ resizing: { attrs, x, y }, seed }) => {
      const places = attrs.p * attrs.q;
      const forward = await both.run('resize2d', [whole(x, seed, SPAN)], [{ shape: y }], attrs);
      near(forward.found[0]!, forward.expected[0]!, attrs.linear ? 9 : 0, SPAN);
      const backward = await both.run('resize2dGrad', [whole(y, seed, SPAN)], [{ shape: x }], { ...attrs, shape: x });
      near(backward.found[0]!, backward.expected[0]!, attrs.linear ? 9 + places : 0, SPAN * places);
    },
  );
});
