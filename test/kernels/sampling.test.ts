// Average pooling, the winners of a pool, and resizing: whole numbers, so that only quotients may differ in the last bits.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TypedArray } from '../../src/backend/backend.ts';
import type { ResizeAttrs, Sampling } from '../../src/backend/kernels.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { describeGpu } from '../setup/adapters.ts';
import { pooling } from '../support/convolutions.ts';
import { TwoBackends } from '../support/twoBackends.ts';
import { type Choose, chooser, integers, seeds, show } from '../support/values.ts';

const whole = (shape: readonly number[], seed: number) => ({ shape, data: integers(sizeOf(shape), seed, 9) });

/** Every value lies within so many units in the last place of `scale`. */
function near(found: TypedArray, expected: TypedArray, ulps: number, scale: number, title: string): void {
  const off = found.findIndex((value, i) => !(Math.abs(value - expected[i]!) <= ulps * 2 ** -23 * scale));
  expect(off < 0 ? 'all near' : `element ${off}: ${found[off]} for ${expected[off]}`, title).toBe('all near');
}

/** Where outputs of one axis lie: any places at all, also far outside. */
function sampling(choose: Choose): Sampling {
  return { step: choose([0, 1, 2, 3, 7, 10]), start: choose([-9, -3, 0, 1, 5]), divisor: choose([1, 2, 3, 4, 10]) };
}

function resizing(seed: number): { attrs: ResizeAttrs; x: number[]; y: number[] } {
  const choose = chooser(seed + 4000);
  const [n, c] = [choose([1, 2]), choose([1, 2, 3, 4, 8])];
  const [h, w, p, q] = [1, 2, 3, 4].map(() => choose([1, 2, 3, 5, 8])) as [number, number, number, number];
  const attrs = { p, q, rows: sampling(choose), columns: sampling(choose), linear: choose([true, true, false]) };
  return { attrs, x: [n, h, w, c], y: [n, p, q, c] };
}

describeGpu('sampling agrees with the CPU', () => {
  let both: TwoBackends;
  beforeAll(async () => {
    both = await TwoBackends.open();
  });
  afterAll(() => both.close());

  test.each(seeds(16))('means of windows, seed %i', async (seed) => {
    const { attrs, x, y } = pooling(seed);
    const title = show({ seed, x, y, attrs });
    const forward = await both.run('avgPool2d', [whole(x, seed)], [{ shape: y }], attrs);
    near(forward.found[0]!, forward.expected[0]!, 3, 9, title);
    const backward = await both.run('avgPool2dGrad', [whole(y, seed)], [{ shape: x }], { ...attrs, shape: x });
    const windows = attrs.poolH * attrs.poolW;
    near(backward.found[0]!, backward.expected[0]!, windows + 3, 9 * windows, title);
  });

  test.each(seeds(8))('cells that won, seed %i', async (seed) => {
    const { attrs, x, y } = pooling(seed);
    const outputs = [{ shape: y }, { shape: y, dtype: 'int32' as const }];
    const { expected } = await both.run('maxPool2d', [whole(x, seed)], outputs, attrs);
    const winner = { ...outputs[1]!, data: expected[1]! };
    const same = await both.run('maxPool2dPick', [whole(x, seed), winner], [{ shape: y }], attrs);
    expect(same.found).toEqual([expected[0]]);
    const other = await both.run('maxPool2dPick', [whole(x, seed + 1), winner], [{ shape: y }], attrs);
    expect(other.found).toEqual(other.expected);
  });

  test.each(seeds(24))('images at other places, seed %i', async (seed) => {
    const { attrs, x, y } = resizing(seed);
    const title = show({ seed, x, y, attrs });
    const forward = await both.run('resize2d', [whole(x, seed)], [{ shape: y }], attrs);
    near(forward.found[0]!, forward.expected[0]!, attrs.linear ? 10 : 0, 9, title);
    const backward = await both.run('resize2dGrad', [whole(y, seed)], [{ shape: x }], { ...attrs, shape: x });
    const places = attrs.p * attrs.q;
    near(backward.found[0]!, backward.expected[0]!, attrs.linear ? 10 + places : 0, 9 * places, title);
  });
});
